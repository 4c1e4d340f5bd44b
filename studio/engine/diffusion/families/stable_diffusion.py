"""Stable Diffusion 1 and 2, their inpainting kinds, and InstructPix2Pix.

R. Rombach et al., "High-resolution image synthesis with latent diffusion models", 2022.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from diffusers import (
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
)

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.unet import UnetFamily
from studio.engine.diffusion.prompts.clip_words import Tower, Words
from studio.engine.diffusion.sampling.unet import Told
from studio.generation.roles import EDIT, INPAINT, PIPELINE


class StableDiffusion(UnetFamily):
    """A loaded Stable Diffusion 1 or 2."""

    kinds: ClassVar[Mapping[str, Any]] = {
        PIPELINE: StableDiffusionPipeline,
        INPAINT: StableDiffusionInpaintPipeline,
        EDIT: StableDiffusionInstructPix2PixPipeline,
    }
    settings: ClassVar[Mapping[str, Any]] = {
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }

    def _towers(self, pipeline: Any) -> list[Tower]:
        return [Tower(pipeline.tokenizer, pipeline.text_encoder, convert=self._spelt)]

    def _told(self, words: Words, brief: Brief, pipeline: Any, *, wanted: bool) -> Told:
        return Told(words.embeds)


load = loader(StableDiffusion)
