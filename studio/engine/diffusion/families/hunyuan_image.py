"""HunyuanImage 2.1: a transformer of rectified flow over latents of large cells, for 2048 pixels.

Tencent Hunyuan Team, "HunyuanImage 2.1", 2025. What stands in quotes is read by a second encoder,
letter by letter, so that it can be written. The first steps are guided as usual, the later ones by
adaptive projection (S. Sadat et al., "Eliminating oversaturation and artifacts of high guidance
scales in diffusion models", 2024). The distilled one paints without, in a few steps that are told
where the next begins (Z. Geng et al., "Mean flows for one-step generative modeling", 2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from diffusers import HunyuanImagePipeline, HunyuanImageTransformer2DModel
from diffusers.guiders.adaptive_projected_guidance_mix import MomentumBuffer

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.language import AutoencodedLanguageFamily, Conditions
from studio.engine.diffusion.prompts.reach import unread_in_template
from studio.engine.diffusion.sampling.denoise import TIMESTEPS, Predict
from studio.engine.diffusion.sampling.guidance import spread


@dataclass(frozen=True)
class HunyuanWords:
    """A prompt that was read, and what is to be written.

    Attributes:
        embeds: ``(1, tokens, width)``; of which ``mask`` says which count.
        glyphs: of the letters in quotes, ``(1, letters, width)``; ``glyph_mask`` as well.
    """

    embeds: torch.Tensor
    mask: torch.Tensor
    glyphs: torch.Tensor
    glyph_mask: torch.Tensor

    @property
    def writes(self) -> bool:
        """Whether there is anything in quotes."""
        return bool(self.glyph_mask.any())

    def told(self, rows: int) -> dict[str, torch.Tensor]:
        """The transformer's arguments for a batch of so many rows."""
        return {
            "encoder_hidden_states": spread(self.embeds, rows),
            "encoder_attention_mask": spread(self.mask, rows),
            "encoder_hidden_states_2": spread(self.glyphs, rows),
            "encoder_attention_mask_2": spread(self.glyph_mask, rows),
        }


class HunyuanImage(AutoencodedLanguageFamily[HunyuanWords]):
    """A loaded HunyuanImage 2.1, or its distilled form. A latent cell is one token."""

    pipeline_kinds: ClassVar[tuple[Any, ...]] = (HunyuanImagePipeline,)
    transformer_kind: ClassVar[Any] = HunyuanImageTransformer2DModel
    patch: ClassVar[int] = 1

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        return unread_in_template(self._pipeline, prompt)

    def _encode_words(self, text: str, *, wanted: bool = True) -> HunyuanWords:
        embeds, mask, glyphs, glyph_mask = self._pipeline.encode_prompt(
            text, device=self._machine.device
        )
        return HunyuanWords(embeds, mask, glyphs.to(embeds.dtype), glyph_mask)

    def _is_guided(self, brief: Brief) -> bool:
        return brief.guidance > 1 and self._pipeline.guider is not None

    def _guider(self, brief: Brief, words: HunyuanWords) -> Any:
        """What joins the answers to what is wanted and what is not, as strongly as is asked for.

        It is made for one picture, because it remembers the answers of earlier steps.
        """
        pipeline = self._pipeline
        made = (pipeline.ocr_guider if words.writes else None) or pipeline.guider
        strength = brief.guidance / made.config.guidance_scale
        projected = strength * made.config.adaptive_projected_guidance_scale
        guider = made.new(
            guidance_scale=brief.guidance, adaptive_projected_guidance_scale=projected
        )
        momentum = guider.config.adaptive_projected_guidance_momentum
        guider.momentum_buffer = None if momentum is None else MomentumBuffer(momentum)
        return guider

    def _predictor(self, brief: Brief, conditions: Conditions[HunyuanWords]) -> Predict:
        transformer, positive = self._pipeline.transformer, conditions.positive
        negative = conditions.negative
        guider = None if negative is None else self._guider(brief, positive)
        timesteps = [*self._scheduler(brief).timesteps.tolist(), 0.0]
        guidance = torch.full([1], brief.guidance * TIMESTEPS, device=self._machine.device)
        config = transformer.config

        def ask(name: str, words: HunyuanWords, latents: torch.Tensor, step: int) -> torch.Tensor:
            rows, precision = len(latents), words.embeds.dtype
            now, then = latents.new_tensor(timesteps[step : step + 2]).to(precision)
            with transformer.cache_context(name):
                answer: torch.Tensor = transformer(
                    hidden_states=latents.to(precision),
                    timestep=now.expand(rows),
                    timestep_r=then.expand(rows) if config.use_meanflow else None,
                    guidance=guidance.to(precision) if config.guidance_embeds else None,
                    return_dict=False,
                    **words.told(rows),
                )[0]
            return answer.float()

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            step = timesteps.index(timestep.item())
            wanted = ask("cond", positive, latents, step)
            if guider is None or negative is None:
                return wanted
            guider.set_state(step, brief.steps, timestep)
            if guider.num_conditions == 1:
                return wanted
            combined: torch.Tensor
            combined = guider.forward(wanted, ask("uncond", negative, latents, step)).pred
            return combined

        return predict


load = loader(HunyuanImage)
