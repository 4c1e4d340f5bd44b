"""Models in memory, without any."""

import dataclasses
from typing import cast

import pytest
import torch

from studio.engine.diffusion.adapters.estimators import Estimators
from studio.engine.diffusion.bases.family import Family
from studio.engine.diffusion.shelf import Loaded, Shelf
from studio.generation.catalog import Catalog, ModelInfo
from studio.generation.memory import GIB, MemoryPlan, Rung
from tests.helpers.machines import CPU


@pytest.fixture
def models(tiny_catalog: Catalog) -> list[ModelInfo]:
    return [dataclasses.replace(tiny_catalog.get("tiny"), id=name) for name in "abc"]


def loaded(model: ModelInfo) -> Loaded:
    plan = MemoryPlan(rung=Rung.FULL, needed=1, total=GIB, is_shared=True)
    return Loaded(model, cast(Family, None), CPU, plan, "", None, None, Estimators(CPU))


@pytest.fixture
def shelf(models: list[ModelInfo]) -> Shelf:
    shelf = Shelf()
    for model in models:
        shelf.put(loaded(model))
    return shelf


def held(shelf: Shelf, models: list[ModelInfo]) -> str:
    return "".join(model.id for model in models if shelf.take(model))


def test_what_was_not_used_the_longest_goes_first(shelf: Shelf, models: list[ModelInfo]) -> None:
    shelf.take(models[0])
    assert shelf.last is not None and shelf.last.model is models[0]
    shelf.drop_oldest()
    assert held(shelf, models) == "ac"


def test_others_go_where_there_are_any(shelf: Shelf, models: list[ModelInfo]) -> None:
    assert shelf.drop_others(models[1])
    assert held(shelf, models) == "b" and len(shelf) == 1
    assert not shelf.drop_others(models[1])


def test_only_weights_that_lie_otherwise_have_to_go(shelf: Shelf, models: list[ModelInfo]) -> None:
    shelf.drop_unfit(models[0], dataclasses.replace(CPU, rung=Rung.TILED))
    assert held(shelf, models) == "abc"
    shelf.drop_unfit(models[0], dataclasses.replace(CPU, rung=Rung.LAYERS))
    shelf.drop_unfit(models[1], dataclasses.replace(CPU, dtype=torch.bfloat16))
    assert held(shelf, models) == "c"


def test_an_empty_shelf_has_no_last(shelf: Shelf) -> None:
    shelf.clear()
    assert shelf.last is None and len(shelf) == 0
