"""Sana and Sana Sprint against the stock pipelines, which load the very same folders."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import SanaPipeline, SanaSprintPipeline

from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.families.sana import SanaSprint
from studio.engine.diffusion.sampling.denoise import Predict
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

PLAIN = {"prompt": "A Cat", "use_resolution_binning": False}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("sana"), "sana")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-sana")


@pytest.fixture(scope="module")
def sprint_model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-sana-sprint")


@pytest.fixture(scope="module")
def sprint(sprint_model: ModelInfo) -> Any:
    return loaded(sprint_model)


@pytest.mark.parametrize(("guidance", "negative"), [(1.0, ""), (3.0, ""), (3.0, "rain")])
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, guidance: float, negative: str
) -> None:
    told = {**PLAIN, "guidance_scale": guidance, "negative_prompt": negative}
    theirs = stock_picture(SanaPipeline, folder_of(model), told)
    brief = brief_for(model, prompt="A Cat", guidance=guidance, negative_prompt=negative)
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_sprint_is_the_stock_pipelines(sprint: Any, sprint_model: ModelInfo, steps: int) -> None:
    halfway = {} if steps == 2 else {"intermediate_timesteps": None}
    told = {**PLAIN, **halfway, "guidance_scale": 4.5, "num_inference_steps": steps}
    theirs = stock_picture(SanaSprintPipeline, folder_of(sprint_model), told)
    brief = brief_for(sprint_model, prompt="A Cat", guidance=4.5, steps=steps)
    ours = sprint.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_the_folder_says_which_of_the_two_it_is(family: Any, sprint: Any) -> None:
    assert isinstance(sprint, SanaSprint)
    assert not isinstance(family, SanaSprint)


@pytest.mark.parametrize("scheduler", ["dpm++", "flow"])
def test_every_scheduler_paints_from_any_start(
    family: Any, model: ModelInfo, scheduler: str
) -> None:
    brief = brief_for(model, scheduler=scheduler, steps=6)
    whole = family.text_to_image(brief, RecordingDesk())
    part = family.image_to_image(brief, SOURCE, 0.5, RecordingDesk())
    assert whole.std() > 0 and part.std() > 0


def test_schedulers_agree_on_a_picture_of_many_steps(family: Any, model: ModelInfo) -> None:
    """Both follow the same path from noise to picture."""
    solved, stepped = (
        family.text_to_image(brief_for(model, scheduler=name, steps=steps), RecordingDesk())
        for name, steps in (("dpm++", 200), ("flow", 400))
    )
    other = family.text_to_image(brief_for(model, seed=8, steps=200), RecordingDesk())
    assert abs(solved.astype(int) - stepped).mean() < abs(solved.astype(int) - other).mean() / 4


def test_a_sprint_of_few_steps_keeps_as_much_of_a_source_as_the_strength_says(
    sprint: Any, sprint_model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may begin with any amount of noise, not only with that of one of its steps."""
    begun: list[torch.Tensor] = []
    predictor = sprint._predictor

    def watching(brief: Brief, conditions: Any) -> Predict:
        predict = predictor(brief, conditions)

        def watch(latents: torch.Tensor, angle: torch.Tensor) -> torch.Tensor:
            begun.append(angle)
            answer: torch.Tensor = predict(latents, angle)
            return answer

        return watch

    monkeypatch.setattr(sprint, "_predictor", watching)
    for strength in (0.1, 0.5, 0.9, 1.0):
        sprint.image_to_image(brief_for(sprint_model), SOURCE, strength, RecordingDesk())
    angles = [round(float(angle) / (math.pi / 2), 2) for angle in begun]
    assert angles == [0.1, 0.5, 0.9, 0.45, 1.0, 0.83]


def test_a_sprint_says_that_it_reads_no_negative_prompt(
    sprint: Any, sprint_model: ModelInfo
) -> None:
    desk = RecordingDesk()
    sprint.text_to_image(brief_for(sprint_model, negative_prompt="rain"), desk)
    [note] = of_kind(desk.events, Note)
    assert "no negative prompt" in note.message


def folder_of(model: ModelInfo) -> Path:
    return model.parts[0].path
