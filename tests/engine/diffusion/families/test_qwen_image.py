"""Qwen-Image and Qwen-Image-Edit against the stock pipelines, which load the very same folders."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers import QwenImagePipeline
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus
from PIL import Image

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.protocol import Note
from studio.generation.catalog import Catalog, InstalledPart, ModelInfo
from tests.helpers.engine_runs import RecordingDesk, of_kind, shaded
from tests.helpers.tiny.qwen_image import editors, stock_processor
from tests.helpers.tiny_family import (
    SIDE,
    SOURCE,
    brief_for,
    distance,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)

OTHER = shaded(2 * SIDE, 2 * SIDE, 5).rgb()
GUIDED = {"prompt": "a cat", "negative_prompt": "rain", "true_cfg_scale": 3.0}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return saved_models(tmp_path_factory.mktemp("qwen"), "qwen_image")


@pytest.fixture(scope="module")
def model(catalog: Catalog) -> ModelInfo:
    return catalog.get("tiny-qwen")


@pytest.fixture
def small_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock editors work at 1024 px, whatever they are given."""
    monkeypatch.setattr(pipeline_qwenimage_edit, "calculate_dimensions", lambda *_: (SIDE,) * 3)
    for name in ("CONDITION_IMAGE_SIZE", "VAE_IMAGE_SIZE"):
        monkeypatch.setattr(pipeline_qwenimage_edit_plus, name, SIDE**2)


def part_of(model: ModelInfo, role: str) -> Path:
    [folder] = [part.path for part in model.parts if part.role == role]
    return folder


def stock_edit(model: ModelInfo, sources: list[Pixels], told: dict[str, Any]) -> Pixels:
    folder = part_of(model, "edit")
    kind = editors()[folder.name]
    tokenizer = loaded(model).pipelines[0].tokenizer
    images = [Image.fromarray(source) for source in sources]
    shown = images if len(images) > 1 else images[0]
    processor = stock_processor(tokenizer)
    return stock_picture(kind, folder, {**told, "image": shown}, processor=processor)


@pytest.mark.parametrize("guidance", [1.0, 3.0])
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, guidance: float
) -> None:
    told = {**GUIDED, "true_cfg_scale": guidance}
    theirs = stock_picture(QwenImagePipeline, part_of(model, "pipeline"), told)
    brief = brief_for(model, guidance=guidance, negative_prompt="rain")
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


@pytest.mark.usefixtures("small_stock")
@pytest.mark.parametrize("name", ["tiny-qwen-edit", "tiny-qwen-edit-plus"])
def test_an_edit_is_the_stock_pipelines(catalog: Catalog, name: str) -> None:
    model = catalog.get(name)
    theirs = stock_edit(model, [SOURCE], GUIDED)
    brief = brief_for(model, guidance=3.0, negative_prompt="rain")
    ours = loaded(model).edit(brief, [SOURCE], RecordingDesk())
    assert farthest(ours, theirs) <= 1


@pytest.mark.usefixtures("small_stock")
def test_an_edit_with_several_pictures_is_the_stock_pipelines(
    family: Any, model: ModelInfo
) -> None:
    theirs = stock_edit(model, [SOURCE, OTHER], GUIDED)
    brief = brief_for(model, guidance=3.0, negative_prompt="rain")
    ours = family.edit(brief, [SOURCE, OTHER], RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_an_editor_that_looks_at_one_picture_says_what_is_left_out(catalog: Catalog) -> None:
    model = catalog.get("tiny-qwen-edit")
    editor, desk = loaded(model), RecordingDesk()
    both = editor.edit(brief_for(model), [SOURCE, OTHER], desk)
    [note] = of_kind(desk.events, Note)
    assert "looks at one picture" in note.message
    assert (both == editor.edit(brief_for(model), [SOURCE], RecordingDesk())).all()


@pytest.mark.parametrize("shape", [(40, 300, 3), (500, 36, 3)])
def test_pictures_of_any_shape_are_looked_at(
    family: Any, model: ModelInfo, shape: tuple[int, int, int]
) -> None:
    edited = family.edit(brief_for(model), [SOURCE, np.resize(OTHER, shape)], RecordingDesk())
    assert edited.shape == SOURCE.shape


def test_a_variation_goes_by_the_source_even_where_nothing_of_its_layout_is_left(
    family: Any, model: ModelInfo
) -> None:
    brief = brief_for(model, prompt="")
    first, same, other = (
        family.variation(brief, source, 1.0, RecordingDesk())
        for source in (SOURCE, SOURCE, shaded(SIDE, SIDE, 5).rgb())
    )
    assert (first == same).all()
    assert (first != other).any()


def test_an_instruction_is_read_once_for_the_same_pictures(
    family: Any, model: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    family.edit(brief_for(model, prompt="pink"), [SOURCE], RecordingDesk())
    texts: list[str] = []

    def remember(text: str, *_: Any) -> Any:
        texts.append(text)
        return original(text, *_)

    original = family._read_with
    monkeypatch.setattr(family, "_read_with", remember)
    family.edit(brief_for(model, prompt="pink", seed=8), [SOURCE], RecordingDesk())
    assert texts == []
    family.edit(brief_for(model, prompt="pink"), [OTHER[:SIDE, :SIDE]], RecordingDesk())
    assert texts == ["pink", ""]


def test_an_instruction_beyond_the_reach_of_the_painter_is_cut_as_its_prompts_are(
    family: Any, model: ModelInfo
) -> None:
    instruction = "make it pink " * 400
    read = instruction.removesuffix(family.unread(instruction))
    assert len(read) < len(instruction)
    whole, cut = (
        family.edit(brief_for(model, prompt=text), [SOURCE], RecordingDesk())
        for text in (instruction, read)
    )
    assert (whole == cut).all()


def test_a_picture_cannot_be_typed(family: Any, model: ModelInfo) -> None:
    typed, plain = (
        family.edit(brief_for(model, prompt=text), [SOURCE], RecordingDesk())
        for text in ("a <|image_pad|>cat", "a cat")
    )
    assert (typed == plain).all()


def test_a_model_of_an_editor_alone_paints_too(catalog: Catalog) -> None:
    model = catalog.get("tiny-qwen-edit-plus")
    family = loaded(model)
    painted = family.text_to_image(brief_for(model), RecordingDesk())
    assert distance(painted, family.edit(brief_for(model), [SOURCE], RecordingDesk())) > 0
    first, second = family.pipelines
    assert first.transformer is second.transformer


def test_painter_and_editor_share_their_encoders(family: Any, model: ModelInfo) -> None:
    family.edit(brief_for(model), [SOURCE], RecordingDesk())
    painter, editor = family.pipelines
    assert painter.vae is editor.vae and painter.text_encoder is editor.text_encoder
    assert painter.transformer is not editor.transformer


def test_a_painter_without_an_editor_follows_no_instructions(model: ModelInfo) -> None:
    alone = loaded(dataclasses.replace(model, parts=model.parts[:1]))
    repainted = alone.variation(brief_for(model), SOURCE, 0.5, RecordingDesk())
    assert repainted.shape == SOURCE.shape
    with pytest.raises(ModelError, match="follows no instructions"):
        alone.edit(brief_for(model), [SOURCE], RecordingDesk())


def test_an_editor_that_is_none_is_named(model: ModelInfo) -> None:
    pipeline, edit = model.parts
    wrong = InstalledPart("edit", pipeline.path, edit.source)
    family = loaded(dataclasses.replace(model, parts=(pipeline, wrong)))
    with pytest.raises(ModelError, match="holds a QwenImagePipeline where a QwenImageEdit"):
        family.edit(brief_for(model), [SOURCE], RecordingDesk())
