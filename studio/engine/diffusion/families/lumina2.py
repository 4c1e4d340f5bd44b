"""Lumina-Image 2.0: a transformer of rectified flow that sees words and picture as one stream.

Q. Qin et al., "Lumina-Image 2.0: a unified and efficient image generative framework", 2025. A
Gemma 2 reads what is wanted behind an instruction, and what is not wanted without one.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import torch
from diffusers import Lumina2Pipeline, Lumina2Transformer2DModel

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import (
    AutoencodedLanguageFamily,
    Conditions,
    MaskedWords,
)
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict
from studio.engine.diffusion.sampling.guidance import as_large, contrasted, spread

_TOKENS: Final = 256
_START: Final = " <Prompt Start> "
"""What stands between the instruction and a prompt."""


class Lumina2(AutoencodedLanguageFamily[MaskedWords]):
    """A loaded Lumina-Image 2.0."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (Lumina2Pipeline,)
    transformer_kind: ClassVar[Any] = Lumina2Transformer2DModel

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        framed = self._pipeline.system_prompt + _START + prompt
        return unread_end(self._pipeline.tokenizer, framed, prompt, _TOKENS)

    def _encode_words(self, text: str, *, wanted: bool = True) -> MaskedWords:
        # The public way to read a prompt cannot do so without the instruction.
        framed = self._pipeline.system_prompt + _START + text if wanted else text
        embeds, mask = self._pipeline._get_gemma_prompt_embeds(
            framed, device=self._machine.device, max_sequence_length=_TOKENS
        )
        return MaskedWords(embeds, mask)

    def _predictor(self, brief: Brief, conditions: Conditions[MaskedWords]) -> Predict:
        """The transformer, whose time runs from noise at 0 to the picture at 1.

        Guidance keeps the magnitude of each row of cells of the answer to what is wanted.
        """
        transformer = self._pipeline.transformer

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            rows = len(latents)
            time = 1 - timestep.expand(rows) / TIMESTEPS

            def ask(_: str, words: MaskedWords) -> torch.Tensor:
                answer: torch.Tensor = transformer(
                    hidden_states=latents.to(words.embeds.dtype),
                    timestep=time,
                    encoder_hidden_states=spread(words.embeds, rows),
                    encoder_attention_mask=spread(words.mask, rows),
                    return_dict=False,
                )[0]
                return answer.float()

            wanted, unwanted = conditions.positive, conditions.negative
            return -contrasted(ask, wanted, unwanted, brief.guidance, as_large)

        return predict


load = loader(Lumina2)
