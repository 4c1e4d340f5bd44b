"""Krea 2: a transformer of rectified flow that is told what many layers of a language model say.

Krea.ai, "Krea 2", 2026. Raw is guided; Turbo was distilled to paint in eight steps without
guidance. Guidance is counted from 0 here, as its makers do: 0 is none.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import torch
from diffusers import Krea2Pipeline, Krea2Transformer2DModel

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import (
    AutoencodedLanguageFamily,
    Conditions,
    MaskedWords,
)
from studio.engine.diffusion.latents.packing import PATCH, packed, places, unpacked
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted, spread
from studio.engine.diffusion.sampling.shifting import shift_of

_TOKENS: Final = 512
_LARGEST: Final = 6400
"""Tokens of the largest picture that it was trained on, where its scheduler does not say."""
_DISTILLED_SHIFT: Final = 1.15


class Krea2(AutoencodedLanguageFamily[MaskedWords]):
    """A loaded Krea 2 Raw or Turbo. Words have an axis for layers, before the width."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (Krea2Pipeline,)
    transformer_kind: ClassVar[Any] = Krea2Transformer2DModel
    remembered: ClassVar[int] = 4
    """A prompt that was read takes some 30 MB: what each of the layers makes of it."""

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        pipeline = self._pipeline
        framed = pipeline.prompt_template_encode_prefix + prompt
        around = (
            pipeline.prompt_template_encode_start_idx
            - pipeline.prompt_template_encode_num_suffix_tokens
        )
        return unread_end(pipeline.tokenizer, framed, prompt, _TOKENS + around)

    def _encode_words(self, text: str, *, wanted: bool = True) -> MaskedWords:
        embeds, mask = self._pipeline.encode_prompt(
            text, device=self._machine.device, max_sequence_length=_TOKENS
        )
        return MaskedWords(embeds, mask)

    def _is_guided(self, brief: Brief) -> bool:
        return brief.guidance > 0

    def _shift(self, scheduler: Scheduler, tokens: int, steps: int) -> float:
        if self._pipeline.config.is_distilled:
            return _DISTILLED_SHIFT
        return shift_of({"max_image_seq_len": _LARGEST, **scheduler.config}, tokens)

    def _predictor(self, brief: Brief, conditions: Conditions[MaskedWords]) -> Predict:
        transformer = self._pipeline.transformer
        positive, negative = conditions.positive, conditions.negative

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            tokens = packed(latents).to(positive.embeds.dtype)
            rows = len(tokens)

            def ask(name: str, words: MaskedWords) -> torch.Tensor:
                answer: torch.Tensor = transformer(
                    hidden_states=tokens,
                    encoder_hidden_states=spread(words.embeds, rows),
                    timestep=timestep.expand(rows) / TIMESTEPS,
                    position_ids=_spots(words, latents),
                    encoder_attention_mask=spread(words.mask, rows),
                    return_dict=False,
                )[0]
                return answer.float()

            velocity = contrasted(ask, positive, negative, 1 + brief.guidance)
            return unpacked(velocity, *latents.shape[2:])

        return predict


def _spots(words: MaskedWords, latents: torch.Tensor) -> torch.Tensor:
    """Where each token lies, ``(n, 3)``: those of words at the origin, then the picture's."""
    rows, columns = (side // PATCH for side in latents.shape[2:])
    nowhere = torch.zeros(words.embeds.shape[1], 3)
    return torch.cat([nowhere, places(rows, columns)]).to(latents.device)


load = loader(Krea2)
