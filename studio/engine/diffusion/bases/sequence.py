"""What families have in common whose transformers were made after that of FLUX.1.

They see latents as a sequence of tokens and are told where each lies, but their guidance is no
input: they are asked about what is not wanted, too.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, Generic

import torch

from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions, Words
from studio.engine.diffusion.latents.packing import PATCH, packed, places, unpacked
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict
from studio.engine.diffusion.sampling.guidance import contrasted


class SequenceFamily(AutoencodedLanguageFamily[Words], Generic[Words]):
    """A family whose transformer sees latents as `packed` tokens."""

    @abc.abstractmethod
    def _told(self, words: Words, rows: int, tokens: int) -> Mapping[str, Any]:
        """The transformer's arguments that tell a prompt.

        Args:
            words: the prompt.
            rows: how many pictures are painted at once.
            tokens: how many each of them has.

        Returns:
            ``encoder_hidden_states``, ``txt_ids``, and what else the family's transformer takes.
        """

    def _predictor(self, brief: Brief, conditions: Conditions[Words]) -> Predict:
        transformer = self._pipeline.transformer
        side = self._factor * PATCH
        spots = places(brief.extent.height // side, brief.extent.width // side)
        spots = spots.to(self._machine.device)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            tokens = packed(latents).to(self._machine.dtype)
            time = timestep.expand(len(tokens)).to(tokens.dtype) / TIMESTEPS

            def ask(name: str, words: Words) -> torch.Tensor:
                with transformer.cache_context(name):
                    answer: torch.Tensor = transformer(
                        hidden_states=tokens,
                        timestep=time,
                        img_ids=spots,
                        return_dict=False,
                        **self._told(words, *tokens.shape[:2]),
                    )[0]
                return answer.float()

            velocity = contrasted(ask, conditions.positive, conditions.negative, brief.guidance)
            return unpacked(velocity, *latents.shape[2:])

        return predict
