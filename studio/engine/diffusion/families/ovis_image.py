"""Ovis-Image: a small transformer of rectified flow that writes as well as it paints.

G.-H. Wang et al., "Ovis-Image technical report", 2025. The language model of an Ovis 2.5 is asked
to describe a picture before it reads a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import torch
from diffusers import OvisImagePipeline, OvisImageTransformer2DModel

from studio.engine.diffusion.bases.family import loader
from studio.engine.diffusion.bases.sequence import SequenceFamily
from studio.engine.diffusion.latents.packing import places_of_words
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.guidance import spread

_TOKENS: Final = 256


class OvisImage(SequenceFamily[torch.Tensor]):
    """A loaded Ovis-Image. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (OvisImagePipeline,)
    transformer_kind: ClassVar[Any] = OvisImageTransformer2DModel

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        pipeline = self._pipeline
        framed = pipeline.tokenizer.apply_chat_template(
            [{"role": "user", "content": pipeline.system_prompt + prompt}],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,
        )
        limit = _TOKENS + pipeline.user_prompt_begin_id
        return unread_end(pipeline.tokenizer, framed, prompt, limit)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, *_ = self._pipeline.encode_prompt(
            text,
            do_classifier_free_guidance=False,
            device=self._machine.device,
            max_sequence_length=_TOKENS,
        )
        return embeds

    def _told(self, words: torch.Tensor, rows: int, tokens: int) -> Mapping[str, Any]:
        return {
            "encoder_hidden_states": spread(words, rows),
            "txt_ids": places_of_words(words.shape[1]).to(words.device),
        }


load = loader(OvisImage)
