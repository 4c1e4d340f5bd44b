"""Z-Image against the stock pipeline, which loads the very same folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from diffusers import ZImagePipeline

from studio.generation.catalog import ModelInfo
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny_family import brief_for, farthest, saved_models, stock_picture


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    return saved_models(tmp_path_factory.mktemp("z"), "z_image").get("tiny-z")


@pytest.mark.parametrize(
    ("guidance", "negative"), [(0.0, ""), (3.0, ""), (3.0, "something much longer than that")]
)
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, guidance: float, negative: str
) -> None:
    told = {"prompt": "a cat", "negative_prompt": negative, "guidance_scale": guidance}
    theirs = stock_picture(ZImagePipeline, folder, told)
    brief = brief_for(model, guidance=guidance, negative_prompt=negative)
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_guidance_counts_from_zero(family: Any, model: ModelInfo) -> None:
    plain, guided = (
        family.text_to_image(brief_for(model, guidance=guidance), RecordingDesk())
        for guidance in (0.0, 1.0)
    )
    assert (plain != guided).any()
