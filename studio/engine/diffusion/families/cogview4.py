"""CogView4: a transformer of rectified flow that is told sizes, and words by a GLM-4.

Z.ai and Tsinghua University, "CogView4", 2025. It reads long prompts, in Chinese as well. As in
Stable Diffusion XL, it is told the size of the picture that its own might have been cut from.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
import torch
from diffusers import CogView4Pipeline, CogView4Transformer2DModel

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions
from studio.engine.diffusion.prompts.reach import unread_end
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted, spread
from studio.engine.diffusion.sampling.shifting import set_whole_flow

_TOKENS: Final = 1024


class CogView4(AutoencodedLanguageFamily[torch.Tensor]):
    """A loaded CogView4. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (CogView4Pipeline,)
    transformer_kind: ClassVar[Any] = CogView4Transformer2DModel

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        return unread_end(self._pipeline.tokenizer, prompt, prompt, _TOKENS)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(
            text,
            do_classifier_free_guidance=False,
            device=self._machine.device,
            max_sequence_length=_TOKENS,
        )
        return embeds

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        timesteps = np.linspace(TIMESTEPS, 1.0, brief.steps, dtype=np.float32)
        set_whole_flow(scheduler, timesteps, self._machine.device, self._tokens_of(brief))

    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        transformer, positive = self._pipeline.transformer, conditions.positive
        size = positive.new_tensor([[brief.extent.height, brief.extent.width]])
        corner = torch.zeros_like(size)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            rows = len(latents)

            def ask(name: str, words: torch.Tensor) -> torch.Tensor:
                with transformer.cache_context(name):
                    answer: torch.Tensor = transformer(
                        hidden_states=latents.to(words.dtype),
                        encoder_hidden_states=spread(words, rows),
                        timestep=timestep.expand(rows),
                        original_size=spread(size, rows),
                        target_size=spread(size, rows),
                        crop_coords=spread(corner, rows),
                        return_dict=False,
                    )[0]
                return answer.float()

            return contrasted(ask, positive, conditions.negative, brief.guidance)

        return predict


load = loader(CogView4)
