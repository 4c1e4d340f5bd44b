"""GLM-Image against the stock pipeline, which loads the very same folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import GlmImagePipeline
from PIL import Image
from transformers import GlmImageForConditionalGeneration

from studio.engine.desk import JobStopped
from studio.engine.diffusion.bases.family import Unsound
from studio.engine.protocol import Note
from studio.generation.catalog import ModelInfo
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.tiny_family import (
    SIDE,
    SOURCE,
    brief_for,
    farthest,
    saved_models,
    stock_picture,
)

QUOTED = "a sign that says 'no'"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    return saved_models(tmp_path_factory.mktemp("glm"), "glm_image").get("tiny-glm")


@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, guidance: float
) -> None:
    theirs = stock_picture(GlmImagePipeline, folder, {"prompt": QUOTED, "guidance_scale": guidance})
    brief = brief_for(model, prompt=QUOTED, guidance=guidance)
    assert farthest(family.text_to_image(brief, RecordingDesk()), theirs) <= 1


def test_an_edit_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which hands on the features of the one picture that there is as if they were several."""
    tokens_of: Callable[..., torch.Tensor] = GlmImageForConditionalGeneration.get_image_tokens
    ours = family.edit(brief_for(model, prompt=QUOTED), [SOURCE], RecordingDesk())

    def of_one(encoder: Any, features: Any, grids: Any = None) -> torch.Tensor:
        return tokens_of(encoder, [features] if torch.is_tensor(features) else features, grids)

    monkeypatch.setattr(GlmImageForConditionalGeneration, "get_image_tokens", of_one)
    told = {"prompt": QUOTED, "guidance_scale": 2.0, "image": [Image.fromarray(SOURCE)]}
    theirs = stock_picture(GlmImagePipeline, folder, told)
    assert farthest(ours, theirs) <= 1


def test_a_dream_is_that_of_its_words_its_seed_and_its_pictures(
    family: Any, model: ModelInfo
) -> None:
    def dream(*sources: Any, **changes: Any) -> torch.Tensor:
        desk = RecordingDesk()
        tokens: torch.Tensor = family._dreamt(
            brief_for(model, **changes), sources, desk
        ).dream.tokens
        return tokens

    first = dream(SOURCE)
    assert torch.equal(first, dream(SOURCE))
    for other in (dream(SOURCE, seed=4), dream(SOURCE, prompt="a dog"), dream(SOURCE[::-1])):
        assert not torch.equal(first, other)


@pytest.mark.parametrize("shape", [(40, 600, 3), (500, 36, 3)])
def test_several_pictures_of_any_shape_are_looked_at(
    family: Any, model: ModelInfo, shape: tuple[int, int, int]
) -> None:
    other = np.resize(shaded(SIDE, SIDE, 5).rgb(), shape)
    edited = family.edit(brief_for(model), [SOURCE, other], RecordingDesk())
    assert edited.shape == SOURCE.shape
    assert (edited != family.edit(brief_for(model), [SOURCE], RecordingDesk())).any()


def test_a_weak_repaint_stays_nearer(family: Any, model: ModelInfo) -> None:
    brief = brief_for(model, steps=8)
    weak, strong = RecordingDesk(), RecordingDesk()
    family.image_to_image(brief, SOURCE, 0.125, weak)
    family.image_to_image(brief, SOURCE, 1.0, strong)
    assert strong.steps > weak.steps


def test_a_job_can_be_ended_in_the_middle_of_a_dream(family: Any, model: ModelInfo) -> None:
    desk = RecordingDesk(stop_at=5)
    with pytest.raises(JobStopped):
        family.text_to_image(brief_for(model, prompt="ended early", guidance=1.0), desk)
    assert desk.steps == 5


def test_a_dream_that_ends_too_early_is_no_picture(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = family.pipelines[0].vision_language_encoder
    monkeypatch.setattr(encoder, "generate", lambda input_ids, **_: input_ids)
    with pytest.raises(Unsound):
        family.edit(brief_for(model, prompt="nothing"), [SOURCE], RecordingDesk())


def test_chance_outside_is_left_as_it_was(family: Any, model: ModelInfo) -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    family.edit(brief_for(model, prompt="chance"), [SOURCE], RecordingDesk())
    assert torch.equal(torch.rand(1), expected)


def test_a_picture_cannot_be_typed(family: Any, model: ModelInfo) -> None:
    typed, plain = (
        family._dreamt(brief_for(model, prompt=text), [SOURCE], RecordingDesk()).dream.tokens
        for text in ("a <|image|>cat", "a cat")
    )
    assert torch.equal(typed, plain)


def test_a_variation_needs_no_words(family: Any, model: ModelInfo) -> None:
    brief = brief_for(model, prompt="")
    varied = family.variation(brief, SOURCE, 0.5, RecordingDesk())
    assert (varied != family.variation(brief, SOURCE[::-1], 0.5, RecordingDesk())).any()


def test_a_negative_prompt_is_said_to_be_unread(family: Any, model: ModelInfo) -> None:
    desk = RecordingDesk()
    family.edit(brief_for(model, negative_prompt="rain"), [SOURCE], desk)
    [note] = of_kind(desk.events, Note)
    assert "reads no negative prompt" in note.message
