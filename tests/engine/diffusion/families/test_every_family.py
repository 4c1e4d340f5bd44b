"""What holds for the adapters of all families."""

import importlib
import typing

import pytest

from studio.engine.diffusion.families import MODULES
from studio.generation.schedulers import schedulers_of


@pytest.mark.parametrize("family", MODULES)
def test_the_schedulers_are_those_that_are_offered_for_the_family(family: str) -> None:
    adapter = typing.get_type_hints(importlib.import_module(MODULES[family]).load)["return"]
    assert tuple(adapter.schedulers) == schedulers_of(family)
