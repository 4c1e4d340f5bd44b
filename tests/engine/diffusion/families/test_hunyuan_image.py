"""HunyuanImage 2.1 against the stock pipeline, which loads the very same folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import HunyuanImagePipeline, HunyuanImageTransformer2DModel

from studio.engine.protocol import Note
from studio.generation.catalog import Catalog, ModelInfo
from tests.helpers.engine_runs import RecordingDesk, of_kind
from tests.helpers.tiny_family import (
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

STEPS = 4


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("hunyuan"), "hunyuan_image")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-hunyuan")


@pytest.fixture(scope="module")
def distilled(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-hunyuan-distilled"))


def folder_of(model: ModelInfo) -> Path:
    return model.parts[0].path


@pytest.mark.parametrize(
    ("prompt", "negative", "guidance"),
    [("a cat", "", 3.5), ("a cat", "rain", 3.5), ('a sign that says "Cat"', "rain", 2.0)],
)
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, prompt: str, negative: str, guidance: float
) -> None:
    """At the strengths that its folder names, of which what is to be written has one of its own."""
    told = {"prompt": prompt, "negative_prompt": negative, "num_inference_steps": STEPS}
    theirs = stock_picture(HunyuanImagePipeline, folder_of(model), told)
    brief = brief_for(
        model, prompt=prompt, negative_prompt=negative, guidance=guidance, steps=STEPS
    )
    assert farthest(family.text_to_image(brief, RecordingDesk()), theirs) <= 1


def test_the_distilled_one_is_told_its_guidance_and_where_the_next_step_begins(
    distilled: Any, catalog: Catalog
) -> None:
    model = catalog.get("tiny-hunyuan-distilled")
    told = {"prompt": "a cat", "num_inference_steps": STEPS, "distilled_guidance_scale": 5.0}
    theirs = stock_picture(HunyuanImagePipeline, folder_of(model), told)
    desk = RecordingDesk()
    brief = brief_for(model, guidance=5.0, negative_prompt="rain", steps=STEPS)
    assert farthest(distilled.text_to_image(brief, desk), theirs) <= 1
    [note] = of_kind(desk.events, Note)
    assert "reads no negative prompt" in note.message


def test_guidance_grows_in_all_steps(family: Any, model: ModelInfo) -> None:
    pictures = [
        family.text_to_image(
            brief_for(model, guidance=guidance, negative_prompt="rain", steps=STEPS),
            RecordingDesk(),
        )
        for guidance in (1.0, 2.0, 6.0)
    ]
    plain, weak, strong = pictures
    assert 0 < farthest(plain, weak) < farthest(plain, strong)


def test_what_is_in_quotes_is_read_by_an_encoder_of_its_own(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    answer = HunyuanImageTransformer2DModel.forward

    def watch(transformer: Any, *args: Any, **told: Any) -> Any:
        seen.append(bool(told["encoder_attention_mask_2"].any()))
        return answer(transformer, *args, **told)

    monkeypatch.setattr(HunyuanImageTransformer2DModel, "forward", watch)
    for prompt in ("a sign", 'a sign "Cat"'):
        brief = brief_for(model, prompt=prompt, guidance=1.0, steps=1)
        family.text_to_image(brief, RecordingDesk())
    assert seen == [False, True]


def test_a_repaint_that_begins_late_is_guided_as_late_steps_are(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    kind = type(family.pipelines[0].guider)
    told = kind.set_state

    def watch(guider: Any, step: int, total: int, timestep: torch.Tensor) -> None:
        steps.append(step)
        told(guider, step, total, timestep)

    monkeypatch.setattr(kind, "set_state", watch)
    family.image_to_image(brief_for(model, steps=STEPS), SOURCE, 0.5, RecordingDesk())
    assert steps == [2, 3]
