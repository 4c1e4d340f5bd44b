"""Stable Diffusion XL, its refiner, its inpainting and editing kinds, Turbo and Lightning.

D. Podell et al., "SDXL: improving latent diffusion models for high-resolution image synthesis",
2023. Its UNet is told of sizes too: those that the picture had and has, and what was cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import (
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLInstructPix2PixPipeline,
    StableDiffusionXLPipeline,
)

from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.unet import UnetFamily
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.prompts.clip_words import ClipWords, Tower, Words
from studio.engine.diffusion.sampling.denoise import Predict
from studio.engine.diffusion.sampling.unet import Told, UnetConditions, unet_predictor
from studio.generation.catalog import ModelInfo
from studio.generation.roles import EDIT, INPAINT, PIPELINE, REFINER

_PENULTIMATE: Final = -2
_REFINED: Final = 0.2
_WANTED_SCORE: Final = 6.0
_UNWANTED_SCORE: Final = 2.5
_NOT_CUT: Final = (0, 0)
_SCORED_NUMBERS: Final = 5


class StableDiffusionXL(UnetFamily):
    """A loaded Stable Diffusion XL; the refiner, where there is one, makes the last steps."""

    kinds: ClassVar[Mapping[str, Any]] = {
        PIPELINE: StableDiffusionXLPipeline,
        INPAINT: StableDiffusionXLInpaintPipeline,
        EDIT: StableDiffusionXLInstructPix2PixPipeline,
        REFINER: StableDiffusionXLImg2ImgPipeline,
    }
    settings: ClassVar[Mapping[str, Any]] = {"add_watermarker": False}
    upcasts = True

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, parts, machine)
        self._words_of_refiner: ClipWords | None = None

    def _forget_words(self) -> None:
        super()._forget_words()
        if self._words_of_refiner is not None:
            self._words_of_refiner.clear()

    def _towers(self, pipeline: Any) -> list[Tower]:
        towers = (
            (pipeline.tokenizer, pipeline.text_encoder),
            (pipeline.tokenizer_2, pipeline.text_encoder_2),
        )
        return [
            Tower(tokenizer, encoder, _PENULTIMATE, self._spelt)
            for tokenizer, encoder in towers
            if encoder is not None
        ]

    def _told(self, words: Words, brief: Brief, pipeline: Any, *, wanted: bool) -> Told:
        """Words, their pooled embeds, and the sizes of a picture of which nothing was cut off.

        An empty negative prompt is told as nothing at all where the model was trained so.
        """
        embeds, pooled = words.embeds, words.pooled
        assert pooled is not None
        if (
            not wanted
            and not brief.negative_prompt.strip()
            and pipeline.config.force_zeros_for_empty_prompt
        ):
            embeds, pooled = torch.zeros_like(embeds), torch.zeros_like(pooled)
        size = (brief.extent.height, brief.extent.width)
        last: tuple[float, ...] = size
        if _wants_score(pipeline.unet, pooled):
            last = (_WANTED_SCORE if wanted else _UNWANTED_SCORE,)
        sizes = torch.tensor([[*size, *_NOT_CUT, *last]], dtype=embeds.dtype)
        return Told(embeds, {"text_embeds": pooled, "time_ids": sizes.to(embeds.device)})

    def _predictor_of(
        self, unet: Any, brief: Brief, conditions: UnetConditions, beside: torch.Tensor | None
    ) -> Predict:
        """The UNet, and the refiner from where little noise is left."""
        paint = super()._predictor_of(unet, brief, conditions, beside)
        refiner = self._load_refiner()
        if refiner is None:
            return paint
        refine = unet_predictor(refiner.unet, self._refined(brief, refiner), brief.guidance)
        last = round(_REFINED * self._scheduler_config["num_train_timesteps"])

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            return (refine if timestep < last else paint)(latents, timestep)

        return predict

    def _refined(self, brief: Brief, refiner: Any) -> UnetConditions:
        """What the refiner is told."""
        words = self._words_of_refiner
        assert words is not None
        positive, negative = words.pair(brief.prompt, brief.negative_prompt)
        return UnetConditions(
            self._told(positive, brief, refiner, wanted=True),
            self._told(negative, brief, refiner, wanted=False),
        )

    def _load_refiner(self) -> Any:
        """The refiner's pipeline; None where there is none, or nothing else."""
        if REFINER not in self._parts or self._base_role == REFINER:
            return None
        if REFINER not in self._further:
            pipeline = self._load_further(REFINER, ("tokenizer_2", "text_encoder_2", "vae"))
            self._further[REFINER] = pipeline
            self._words_of_refiner = ClipWords(self._towers(pipeline), self._machine.device)
        return self._further[REFINER]


def _wants_score(unet: Any, pooled: torch.Tensor) -> bool:
    """Whether the UNet takes a score of beauty in the place of the last of the three sizes."""
    numbers = unet.config.projection_class_embeddings_input_dim - pooled.shape[-1]
    return bool(numbers == _SCORED_NUMBERS * unet.config.addition_time_embed_dim)


load = loader(StableDiffusionXL)
