"""Instructions with pictures in them, as Qwen's vision-language models read them.

The processor that is published with these models cannot be loaded without torchvision, which it
needs for videos only; this one reads texts and pictures alike, and needs Pillow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image
from transformers import BatchFeature, Qwen2VLImageProcessorPil

PICTURE: Final = "<|image_pad|>"
"""The token of a picture."""
VISION: Final = "<|vision_start|>"
"""The token before it."""


class QwenReader:
    """What a pipeline calls its processor.

    Args:
        tokenizer: knows the token of a picture's patches.
        pictures: cuts pictures into patches.
    """

    def __init__(self, tokenizer: Any, pictures: Any) -> None:
        self._tokenizer = tokenizer
        self._pictures = pictures

    @property
    def image_processor(self) -> Any:
        """Cuts pictures into patches."""
        return self._pictures

    def shown(
        self, text: str, images: Sequence[Image.Image]
    ) -> tuple[str, Mapping[str, torch.Tensor]]:
        """A text with a token for each of the patches, and those.

        Args:
            text: with one token for each picture, in their order.
            images: the pictures.
        """
        seen = self._pictures(images=list(images), return_tensors="pt")
        return _filled(text, self._counts(seen)), seen

    def __call__(
        self,
        text: Sequence[str],
        images: Image.Image | Sequence[Image.Image],
        **tokenizing: Any,
    ) -> BatchFeature:
        """Tokens and patches.

        Args:
            text: with one token for each picture, in their order.
            images: those of all texts.
            tokenizing: how the tokenizer is to be called.
        """
        seen = self._pictures(images=images, return_tensors="pt")
        counts = self._counts(seen)
        words = self._tokenizer([_filled(part, counts) for part in text], **tokenizing)
        return BatchFeature({**words, **seen})

    def _counts(self, seen: Mapping[str, torch.Tensor]) -> Iterator[int]:
        """How many tokens each picture takes."""
        cells = self._pictures.merge_size**2
        return (int(grid.prod()) // cells for grid in seen["image_grid_thw"])


def read_reader(folder: Path, tokenizer: Any) -> QwenReader:
    """The reader of a pipeline.

    Args:
        folder: of the processor that is published with it.
        tokenizer: the pipeline's.
    """
    pictures = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return QwenReader(tokenizer, pictures)


def _filled(text: str, counts: Iterator[int]) -> str:
    """Each picture's token repeated for as many patches as it has."""
    return re.sub(re.escape(PICTURE), lambda _: PICTURE * next(counts), text)
