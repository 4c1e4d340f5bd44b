"""Chroma against the stock pipeline, which loads the very same folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from diffusers import ChromaPipeline

from studio.generation.catalog import ModelInfo
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.sentence_pieces import save_pieces
from tests.helpers.tiny_family import brief_for, farthest, loaded, saved_models, stock_picture


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelInfo:
    return saved_models(tmp_path_factory.mktemp("chroma"), "chroma").get("tiny-chroma")


@pytest.fixture(scope="module")
def family(model: ModelInfo) -> Any:
    return loaded(model)


@pytest.fixture(scope="module")
def folder(model: ModelInfo) -> Path:
    return model.parts[0].path


@pytest.mark.parametrize(
    ("guidance", "negative"), [(1.0, ""), (3.0, ""), (3.0, "something much longer than that")]
)
def test_a_picture_from_words_is_the_stock_pipelines(
    family: Any, model: ModelInfo, folder: Path, guidance: float, negative: str
) -> None:
    told = {"prompt": "a cat", "negative_prompt": negative, "guidance_scale": guidance}
    theirs = stock_picture(ChromaPipeline, folder, told)
    brief = brief_for(model, guidance=guidance, negative_prompt=negative)
    ours = family.text_to_image(brief, RecordingDesk())
    assert farthest(ours, theirs) <= 1


def test_a_folder_as_its_makers_publish_it_is_read(
    family: Any, model: ModelInfo, folder: Path, tmp_path: Path
) -> None:
    """Its tokenizer is a vocabulary of SentencePiece alone."""
    copied = shutil.copytree(folder, tmp_path / "published")
    shutil.rmtree(copied / "tokenizer")
    backend = json.loads(family.pipelines[0].tokenizer.backend_tokenizer.to_str())
    pieces = [(piece, score) for piece, score in backend["model"]["vocab"] if "extra" not in piece]
    save_pieces(copied / "tokenizer", pieces)
    published = loaded(replace(model, parts=(replace(model.parts[0], path=copied),)))
    ours, theirs = (
        each.text_to_image(brief_for(model), RecordingDesk()) for each in (family, published)
    )
    assert (ours == theirs).all()
