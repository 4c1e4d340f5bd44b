"""Krea 2 against the stock pipeline, which loads the very same folders."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import Krea2Pipeline
from safetensors.torch import save_file

from studio.engine.diffusion.loading.single_file import load_denoiser
from studio.generation.catalog import Catalog, InstalledPart
from studio.models.detection.detect import detect
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.machines import CPU
from tests.helpers.original_layout import krea2 as original_names
from tests.helpers.quantised import save_gguf
from tests.helpers.tiny import krea2
from tests.helpers.tiny_family import (
    brief_for,
    distance,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("krea"), "krea2")


@pytest.fixture(scope="module", params=["tiny-krea2", "tiny-krea2-turbo"])
def family(request: pytest.FixtureRequest, catalog: Catalog) -> Any:
    return loaded(catalog.get(request.param))


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_a_picture_from_words_is_the_stock_pipelines(family: Any, guidance: float) -> None:
    model = family._model
    told = {"prompt": "a cat", "negative_prompt": "rain", "guidance_scale": guidance}
    theirs = stock_picture(Krea2Pipeline, model.parts[0].path, told)
    brief = brief_for(model, guidance=guidance, negative_prompt="rain")
    assert farthest(family.text_to_image(brief, RecordingDesk()), theirs) <= 1


def test_a_transformer_with_its_makers_names_is_read(tmp_path: Path) -> None:
    module = krea2.transformer()
    module.save_pretrained(tmp_path / "config")
    file = tmp_path / "alone.safetensors"
    save_file({name: part.contiguous() for name, part in original_names(module).items()}, file)
    read = load_denoiser(type(module), file, tmp_path / "config", CPU).state_dict()
    assert all(torch.equal(read[name], part) for name, part in module.state_dict().items())


def test_quantised_weights_paint_nearly_the_same(catalog: Catalog, tmp_path: Path) -> None:
    model = catalog.get("tiny-krea2")
    family, file = loaded(model), tmp_path / "alone.gguf"
    save_gguf(original_names(family.pipelines[0].transformer), file, precise="modulation")
    part = InstalledPart("transformer", file, model.parts[0].source)
    rough = loaded(dataclasses.replace(model, parts=(*model.parts, part)))
    fine, other, quantised = (
        each.text_to_image(brief_for(model, seed=seed), RecordingDesk())
        for each, seed in ((family, 3), (family, 4), (rough, 3))
    )
    assert 0 < distance(fine, quantised) < distance(fine, other)


@pytest.mark.parametrize(
    ("model", "variant"), [("tiny-krea2", "krea-2"), ("tiny-krea2-turbo", "krea-2-turbo")]
)
def test_a_folder_says_whether_it_was_distilled(catalog: Catalog, model: str, variant: str) -> None:
    found = detect(catalog.get(model).parts[0].path)
    assert (found.families, found.variant) == (("krea2",), variant)
