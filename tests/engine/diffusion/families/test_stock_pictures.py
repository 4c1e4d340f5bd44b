"""Families that add nothing to what their stock pipelines do, against these."""

from __future__ import annotations

from typing import Any

import pytest
from diffusers import CogView4Pipeline, Lumina2Pipeline, OvisImagePipeline

from studio.generation.catalog import Catalog
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny_family import brief_for, farthest, loaded, saved_models, stock_picture

FAMILIES = ("lumina2", "cogview4", "ovis_image")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("stock"), *FAMILIES)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tiny-lumina", Lumina2Pipeline),
        ("tiny-cogview", CogView4Pipeline),
        ("tiny-ovis", OvisImagePipeline),
    ],
)
@pytest.mark.parametrize(
    ("guidance", "negative"), [(1.0, ""), (4.0, ""), (4.0, "something much longer than that")]
)
def test_a_picture_from_words_is_the_stock_pipelines(
    catalog: Catalog, name: str, kind: Any, guidance: float, negative: str
) -> None:
    model = catalog.get(name)
    told = {"prompt": "a cat", "negative_prompt": negative, "guidance_scale": guidance}
    theirs = stock_picture(kind, model.parts[0].path, told)
    brief = brief_for(model, guidance=guidance, negative_prompt=negative)
    ours = loaded(model).text_to_image(brief, RecordingDesk())
    assert ours.std() > 0
    assert farthest(ours, theirs) <= 1
