"""Qwen-Image 2.1 against the stock pipeline, which loads the very same folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers import QwenImage21Pipeline
from PIL import Image

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.wardrobe import Worn
from studio.generation.catalog import ModelInfo
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk, shaded
from tests.helpers.tiny.lora import save_lora
from tests.helpers.tiny.qwen_image_21 import stock_processor
from tests.helpers.tiny_family import (
    SIDE,
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

OTHER = shaded(SIDE, SIDE, 5).rgb()
LEVELS = [1.0, 0.6]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    return saved_models(tmp_path_factory.mktemp("qwen21"), "qwen_image_21").get("tiny-qwen-21")


def stock(family: Any, folder: Path, guidance: float, *sources: Pixels, **more: Any) -> Pixels:
    """The stock pipeline's picture, without the opacity that it comes with."""
    told = {
        "prompt": "a cat",
        "negative_prompt": "rain" if guidance > 1 else None,
        "true_cfg_scale": guidance,
        "output_resolution": SIDE,
        "image": [Image.fromarray(source) for source in sources] or None,
    }
    processor = stock_processor(family.pipelines[0].processor.tokenizer)
    picture = stock_picture(QwenImage21Pipeline, folder, told, processor=processor, **more)
    return picture[..., :3]


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, guidance: float
) -> None:
    brief = brief_for(model, guidance=guidance, negative_prompt="rain")
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, stock(family, folder, guidance)) <= 1


@pytest.mark.parametrize("sources", [[SOURCE], [SOURCE, OTHER]])
@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_an_edit_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, guidance: float, sources: list[Pixels]
) -> None:
    brief = brief_for(model, guidance=guidance, negative_prompt="rain")
    ours = family.edit(brief, sources, RecordingDesk())
    assert farthest(ours, stock(family, folder, guidance, *sources)) <= 1


def test_noise_levels_of_its_makers_are_kept(model: ModelInfo, folder: Path) -> None:
    family = loaded(model)
    plain = family.text_to_image(brief_for(model), RecordingDesk())
    family.pipelines[0].register_to_config(sample_sigmas=LEVELS)
    ours = family.text_to_image(brief_for(model), RecordingDesk())
    assert (ours != plain).any()
    assert farthest(ours, stock(family, folder, 1.0, sample_sigmas=LEVELS)) <= 1
    desk = RecordingDesk()
    family.text_to_image(brief_for(model, steps=5), desk)
    assert desk.steps >= 5


@pytest.mark.parametrize("shape", [(40, 300, 3), (500, 36, 3)])
def test_pictures_of_any_shape_are_looked_at(
    family: Any, model: ModelInfo, shape: tuple[int, int, int]
) -> None:
    edited = family.edit(brief_for(model), [SOURCE, np.resize(OTHER, shape)], RecordingDesk())
    assert edited.shape == SOURCE.shape


def test_a_picture_cannot_be_typed(family: Any, model: ModelInfo) -> None:
    for paint in (family.text_to_image, lambda *told: family.edit(told[0], [SOURCE], told[1])):
        typed, plain = (
            paint(brief_for(model, prompt=text), RecordingDesk())
            for text in ("a <|image_pad|>cat", "a cat")
        )
        assert (typed == plain).all()


def test_a_variation_goes_by_the_source(family: Any, model: ModelInfo) -> None:
    varied = [
        family.variation(brief_for(model, prompt=""), source, 1.0, RecordingDesk())
        for source in (SOURCE, SOURCE, OTHER)
    ]
    assert (varied[0] == varied[1]).all()
    assert (varied[0] != varied[2]).any()


def test_a_lora_is_put_on_and_taken_off(family: Any, model: ModelInfo, tmp_path: Path) -> None:
    file = save_lora(family.pipelines[0], tmp_path / "ink.safetensors", seed=1)
    brief = brief_for(model)
    plain = family.text_to_image(brief, RecordingDesk())
    family.wear([Worn(adapter_info(file, "lora", "qwen_image_21"), 1.0)])
    worn = family.text_to_image(brief, RecordingDesk())
    family.wear([])
    assert (worn != plain).any()
    assert (family.text_to_image(brief, RecordingDesk()) == plain).all()
