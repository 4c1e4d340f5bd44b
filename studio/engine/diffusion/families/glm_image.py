"""GLM-Image: a language model dreams a picture up in tokens, and a transformer paints it.

Z.ai, "GLM-Image", 2026. The dream says what is where; the transformer of rectified flow adds what
is fine, and writes what stands in quotes by its letters' shapes. Where there is a picture to begin
with, both have looked at it: the language model has it before its eyes while it dreams, and the
transformer's attention goes to it at every step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from diffusers import GlmImagePipeline, GlmImageTransformer2DModel
from diffusers.models.transformers.transformer_glm_image import GlmImageKVCache

from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.families.glm_dreams import DREAMING, Dream, Dreamer, looked_at
from studio.engine.diffusion.latents.autoencoder import UnscaledAutoencoder
from studio.engine.diffusion.prompts.pictures import extent_of, scaled
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict, Scheduler
from studio.engine.diffusion.sampling.guidance import contrasted
from studio.engine.diffusion.sampling.shifting import set_whole_flow
from studio.generation.catalog import ModelInfo


@dataclass(frozen=True, kw_only=True)
class Dreamt(Conditions[torch.Tensor]):
    """What to paint, with the dream of it. Words are the shapes of what is to be written."""

    dream: Dream


class GlmImage(AutoencodedLanguageFamily[torch.Tensor]):
    """A loaded GLM-Image. Words are ``(1, tokens, width)``."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (GlmImagePipeline,)
    transformer_kind: ClassVar[Any] = GlmImageTransformer2DModel
    paints_together: ClassVar[bool] = False

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._autoencoder = UnscaledAutoencoder(self._pipeline.vae)
        self._dreamer = Dreamer(self._pipeline, machine)

    def effort(self, steps: int) -> float:
        """As of others, and the dream."""
        return super().effort(steps) + DREAMING

    def edit(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Pixels:
        """A dream of the sources changed as the prompt says, painted with an eye on them."""
        conditions = self._dreamt(brief, sources, desk)
        return self._painted(brief, self._predictor(brief, conditions), None, 1.0, desk)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """A dream of the source, painted with an eye on it.

        Below strength 1 it starts from the source's noised latents, so that it keeps its layout.
        """
        return self._varied(brief, self._dreamt(brief, [source], desk), source, strength, desk)

    def _encode_words(self, text: str, *, wanted: bool = True) -> torch.Tensor:
        embeds: torch.Tensor
        embeds, _ = self._pipeline.encode_prompt(
            text, do_classifier_free_guidance=False, device=self._machine.device
        )
        return embeds

    def _set_timesteps(self, scheduler: Scheduler, brief: Brief) -> None:
        timesteps = np.linspace(TIMESTEPS, 1.0, brief.steps + 1, dtype=np.float32)[:-1]
        set_whole_flow(scheduler, timesteps, self._machine.device, self._tokens_of(brief))

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> Dreamt:
        return self._dreamt(brief, [] if source is None else [source], desk)

    def _dreamt(self, brief: Brief, sources: Sequence[Pixels], desk: Desk) -> Dreamt:
        """What to paint, dreamt with these pictures before one's eyes."""
        if brief.negative_prompt.strip():
            desk.note(f"{self._model.title} reads no negative prompt.")
        told = super()._conditions(replace(brief, negative_prompt=""), None, desk)
        side = self._model.native_size
        seen = [scaled(source, looked_at(extent_of(source), side)) for source in sources]
        dream = self._dreamer.dream(brief, seen, desk)
        shown = tuple(self._encoded(pixels) for pixels in seen)
        return Dreamt(told.positive, told.negative, shown, dream=dream)

    @torch.inference_mode()
    def _predictor(self, brief: Brief, conditions: Conditions[torch.Tensor]) -> Predict:
        """The transformer, whose attention goes to what was looked at, but not where it is told
        what is not wanted."""
        assert isinstance(conditions, Dreamt)
        transformer, dream = self._pipeline.transformer, conditions.dream.tokens
        size = conditions.positive.new_tensor([[brief.extent.height, brief.extent.width]])
        looks = self._looks(conditions)

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            def ask(name: str, words: torch.Tensor) -> torch.Tensor:
                is_wanted = name == "cond"
                looks.set_mode("read" if is_wanted else "skip")
                answer: torch.Tensor = transformer(
                    hidden_states=latents.to(words.dtype),
                    encoder_hidden_states=words,
                    prior_token_id=dream,
                    prior_token_drop=torch.full_like(dream, not is_wanted, dtype=torch.bool),
                    timestep=timestep.reshape(1) - 1,
                    target_size=size,
                    crop_coords=torch.zeros_like(size),
                    kv_caches=looks,
                    return_dict=False,
                )[0]
                return answer.float()

            return contrasted(ask, conditions.positive, conditions.negative, brief.guidance)

        return predict

    def _looks(self, conditions: Dreamt) -> GlmImageKVCache:
        """What the transformer's attention keeps of the pictures that were looked at."""
        transformer, words = self._pipeline.transformer, conditions.positive
        looks = GlmImageKVCache(num_layers=transformer.config.num_layers)
        looks.set_mode("write")
        for latents, tokens in zip(conditions.shown, conditions.dream.looked_at, strict=True):
            sides = [side * self._factor for side in latents.shape[2:]]
            size = words.new_tensor([sides])
            transformer(
                hidden_states=latents.to(words.dtype),
                encoder_hidden_states=words[:, :0],
                prior_token_id=tokens,
                prior_token_drop=torch.zeros_like(tokens, dtype=torch.bool),
                timestep=words.new_zeros(1, dtype=torch.float32),
                target_size=size,
                crop_coords=torch.zeros_like(size),
                kv_caches=looks,
            )
        return looks


load = loader(GlmImage)
