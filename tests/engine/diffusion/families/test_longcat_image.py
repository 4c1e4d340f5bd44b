"""LongCat-Image and its editor against the stock pipelines, which load the very same folders."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from diffusers import LongCatImageEditPipeline, LongCatImagePipeline
from diffusers.pipelines.longcat_image import pipeline_longcat_image_edit
from PIL import Image

from studio.core.errors import ModelError
from studio.engine.protocol import Note
from studio.generation.catalog import Catalog, InstalledPart, ModelInfo
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.tiny.qwen_image import stock_processor
from tests.helpers.tiny_family import (
    SIDE,
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

OTHER = shaded(2 * SIDE, 2 * SIDE, 5).rgb()
QUOTED = 'a sign that doesn\'t say "nö"'


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("longcat"), "longcat_image")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-longcat")


@pytest.mark.parametrize(
    ("prompt", "guidance"), [("a cat", 1.0), ("a cat", 3.0), (QUOTED, 3.0), ("word " * 300, 1.0)]
)
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, prompt: str, guidance: float
) -> None:
    told = {
        "prompt": prompt,
        "negative_prompt": "rain",
        "guidance_scale": guidance,
        "enable_prompt_rewrite": False,
    }
    processor = stock_processor(family.pipelines[0].tokenizer)
    folder = model.parts[0].path
    theirs = stock_picture(LongCatImagePipeline, folder, told, text_processor=processor)
    brief = brief_for(model, prompt=prompt, negative_prompt="rain", guidance=guidance)
    assert farthest(family.text_to_image(brief, RecordingDesk()), theirs) <= 1


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_an_edit_is_the_stock_pipelines(
    catalog: Catalog, guidance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which works at 1024 px, whatever it is given."""
    monkeypatch.setattr(
        pipeline_longcat_image_edit, "calculate_dimensions", lambda *_: (SIDE, SIDE)
    )
    model = catalog.get("tiny-longcat-edit")
    editor = loaded(model)
    theirs = stock_picture(
        LongCatImageEditPipeline,
        model.parts[0].path,
        {
            "image": Image.fromarray(SOURCE),
            "prompt": QUOTED,
            "negative_prompt": "rain",
            "guidance_scale": guidance,
        },
        sized=False,
        text_processor=stock_processor(editor.pipelines[0].tokenizer),
    )
    brief = brief_for(model, prompt=QUOTED, negative_prompt="rain", guidance=guidance)
    assert farthest(editor.edit(brief, [SOURCE], RecordingDesk()), theirs) <= 1


def test_an_edit_goes_by_the_picture_and_by_the_first_alone(family: Any, model: ModelInfo) -> None:
    desk = RecordingDesk()
    brief = brief_for(model)
    both = family.edit(brief, [SOURCE, OTHER], desk)
    [note] = of_kind(desk.events, Note)
    assert "looks at one picture" in note.message
    assert (both == family.edit(brief, [SOURCE], RecordingDesk())).all()
    assert (both != family.edit(brief, [SOURCE[::-1]], RecordingDesk())).any()


def test_painter_and_editor_share_their_encoders(family: Any, model: ModelInfo) -> None:
    family.edit(brief_for(model), [SOURCE], RecordingDesk())
    painter, editor = family.pipelines
    assert painter.vae is editor.vae and painter.text_encoder is editor.text_encoder
    assert painter.transformer is not editor.transformer


def test_a_model_of_an_editor_alone_paints_too(catalog: Catalog) -> None:
    model = catalog.get("tiny-longcat-edit")
    family = loaded(model)
    painted = family.text_to_image(brief_for(model), RecordingDesk())
    assert (painted != family.edit(brief_for(model), [SOURCE], RecordingDesk())).any()
    first, second = family.pipelines
    assert first.transformer is second.transformer


def test_an_editor_that_is_none_is_named(model: ModelInfo) -> None:
    pipeline, edit = model.parts
    wrong = InstalledPart("edit", pipeline.path, edit.source)
    family = loaded(dataclasses.replace(model, parts=(pipeline, wrong)))
    with pytest.raises(ModelError, match="holds a LongCatImagePipeline where a LongCatImageEdit"):
        family.edit(brief_for(model), [SOURCE], RecordingDesk())
