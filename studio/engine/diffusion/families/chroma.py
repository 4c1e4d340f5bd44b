"""Chroma: FLUX.1 schnell made smaller, and trained on to be guided again.

L. Rock, "Chroma", 2025. A T5 alone tells it the words, and all of its padding but the first token
is hidden. Flash was distilled to paint without guidance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import torch
from diffusers import (
    ChromaImg2ImgPipeline,
    ChromaInpaintPipeline,
    ChromaPipeline,
    ChromaTransformer2DModel,
)

from studio.engine.diffusion.bases.family import loader
from studio.engine.diffusion.bases.language import MaskedWords
from studio.engine.diffusion.bases.sequence import SequenceFamily
from studio.engine.diffusion.prompts.reach import beyond
from studio.engine.diffusion.sampling.guidance import spread

_TOKENS: Final = 512


class Chroma(SequenceFamily[MaskedWords]):
    """A loaded Chroma of any kind."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (
        ChromaPipeline,
        ChromaImg2ImgPipeline,
        ChromaInpaintPipeline,
    )
    transformer_kind: ClassVar[Any] = ChromaTransformer2DModel

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the T5 does not read."""
        return beyond(self._pipeline.tokenizer, prompt, _TOKENS)

    def _encode_words(self, text: str, *, wanted: bool = True) -> MaskedWords:
        embeds, _, mask, *_ = self._pipeline.encode_prompt(
            text,
            device=self._machine.device,
            do_classifier_free_guidance=False,
            max_sequence_length=_TOKENS,
        )
        # The stock pipeline passes zeros and ones on, which attention adds to its scores instead
        # of hiding anything: https://github.com/huggingface/diffusers/issues/12116
        return MaskedWords(embeds, mask.bool())

    def _told(self, words: MaskedWords, rows: int, tokens: int) -> Mapping[str, Any]:
        mask = torch.cat([words.mask, words.mask.new_ones(1, tokens)], dim=1)
        return {
            "encoder_hidden_states": spread(words.embeds, rows),
            "txt_ids": words.embeds.new_zeros(words.embeds.shape[1], 3),
            "attention_mask": spread(mask, rows),
        }


load = loader(Chroma)
