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
from transformers import BatchFeature, ProcessorMixin, Qwen2VLImageProcessorPil

PICTURE: Final = "<|image_pad|>"
"""The token of a picture."""
VISION: Final = "<|vision_start|>"
"""The token before it."""


class QwenReader(ProcessorMixin):  # type: ignore[misc]
    """What a pipeline calls its processor; it takes none of another kind than the libraries'.

    Args:
        tokenizer: knows the token of a picture's patches.
        pictures: cuts pictures into patches.
    """

    def __init__(self, tokenizer: Any, pictures: Any) -> None:
        self.tokenizer = tokenizer
        self.image_processor = pictures

    def shown(
        self, text: str, images: Sequence[Image.Image]
    ) -> tuple[str, Mapping[str, torch.Tensor]]:
        """A text with a token for each of the patches, and those.

        Args:
            text: with one token for each picture, in their order.
            images: the pictures.
        """
        seen = self.image_processor(images=list(images), return_tensors="pt")
        return _filled(text, self._counts(seen)), seen

    def __call__(
        self,
        text: Sequence[str],
        images: Image.Image | Sequence[Image.Image] | None = None,
        **tokenizing: Any,
    ) -> BatchFeature:
        """Tokens, which of them are a picture's, and patches.

        Args:
            text: with one token for each picture, in their order.
            images: those of all texts.
            tokenizing: how the tokenizer is to be called.
        """
        if images is None:
            return BatchFeature(self.tokenizer(text, **tokenizing))
        seen = self.image_processor(images=images, return_tensors="pt")
        counts = self._counts(seen)
        words = self.tokenizer([_filled(part, counts) for part in text], **tokenizing)
        kinds = words["input_ids"] == self.tokenizer.convert_tokens_to_ids(PICTURE)
        return BatchFeature({**words, "mm_token_type_ids": kinds.int(), **seen})

    def apply_chat_template(self, messages: Any, **framing: Any) -> list[Any]:
        """Messages as the tokenizer's template frames them, in a list of one.

        Args:
            messages: of one conversation.
            framing: how the tokenizer is to be called.
        """
        return [self.tokenizer.apply_chat_template(messages, **framing)]

    def _counts(self, seen: Mapping[str, torch.Tensor]) -> Iterator[int]:
        """How many tokens each picture takes."""
        cells = self.image_processor.merge_size**2
        return (int(grid.prod()) // cells for grid in seen["image_grid_thw"])


def read_reader(folder: Path, tokenizer: Any) -> QwenReader:
    """The reader of a pipeline.

    Args:
        folder: of the processor that is published with it.
        tokenizer: the pipeline's.
    """
    pictures = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
    return QwenReader(tokenizer, pictures)


def without_pictures(text: str) -> str:
    """A text in which nobody has typed the token of a picture."""
    return text.replace(PICTURE, "")


def _filled(text: str, counts: Iterator[int]) -> str:
    """Each picture's token repeated for as many patches as it has."""
    return re.sub(re.escape(PICTURE), lambda _: PICTURE * next(counts), text)
