"""The reader of instructions against the published processor, filled in by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from studio.engine.diffusion.prompts.qwen_reader import PICTURE, QwenReader, read_reader
from tests.helpers.engine_runs import shaded
from tests.helpers.tiny.language import qwen_tokenizer
from tests.helpers.tiny.qwen_image import picture_processor, stock_processor

CALL = {"padding": True, "return_tensors": "pt"}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return qwen_tokenizer()


@pytest.fixture(scope="module")
def reader(tokenizer: Any) -> QwenReader:
    return QwenReader(tokenizer, picture_processor())


def picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(shaded(width, height).rgb())


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        (f"{PICTURE}make it pink", [(56, 56)]),
        (f"Picture 1: {PICTURE}Picture 2: {PICTURE}swap them", [(56, 28), (28, 84)]),
    ],
)
def test_tokens_and_patches_are_the_published_processors(
    reader: QwenReader, tokenizer: Any, text: str, sizes: list[tuple[int, int]]
) -> None:
    images = [picture(*size) for size in sizes]
    theirs = stock_processor(tokenizer)(text=[text], images=images, **CALL)
    ours = reader(text=[text], images=images, **CALL)
    for name in ("input_ids", "attention_mask", "pixel_values", "image_grid_thw"):
        assert torch.equal(ours[name], theirs[name])


def test_each_picture_has_a_token_for_every_four_of_its_patches(
    reader: QwenReader, tokenizer: Any
) -> None:
    answer = reader(text=[f"a{PICTURE}b"], images=picture(56, 28), **CALL)
    token = tokenizer.convert_tokens_to_ids(PICTURE)
    assert int((answer["input_ids"] == token).sum()) == len(answer["pixel_values"]) // 4
    assert answer["input_ids"].shape[1] == 2 + len(answer["pixel_values"]) // 4


def test_it_is_read_from_what_the_published_processor_saves(tokenizer: Any, tmp_path: Path) -> None:
    stock_processor(tokenizer).save_pretrained(tmp_path / "processor")
    answer = read_reader(tmp_path / "processor", tokenizer)(
        text=[PICTURE], images=picture(56, 56), **CALL
    )
    assert len(answer["pixel_values"]) == 16
