"""Kandinsky 2.2, an open unCLIP: prior, latent decoder, and a decoder with an inpainting input.

The parts are those of the stock diffusers pipelines. The stock image-to-image pipeline wants four
latent channels and the stock inpainting one has no strength and no soft masks; ours have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from diffusers import DDPMScheduler, KandinskyV22InpaintPipeline, KandinskyV22Pipeline

from studio.core.picture import Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.bases.family import Brief, loader
from studio.engine.diffusion.bases.latent import LatentFamily
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.pipelines import load_pipeline, loading
from studio.engine.diffusion.prompts.clip_prior import ClipPrior
from studio.engine.diffusion.sampling.denoise import Predict
from studio.engine.diffusion.sampling.guidance import guided, spread
from studio.engine.diffusion.sampling.schedulers import NOISE_SCHEDULERS, MakeScheduler
from studio.engine.protocol import Phase
from studio.generation.catalog import ModelInfo
from studio.generation.membrane import Floats
from studio.generation.roles import DECODER, INPAINT, PRIOR

_PRIOR_STEP: Final = 0.2


@dataclass(frozen=True)
class ImageConditions:
    """What pictures are to be, and what they are not to be: image embeddings, ``(n, d)`` each."""

    positive: torch.Tensor
    negative: torch.Tensor


class Kandinsky22(LatentFamily[ImageConditions]):
    """A loaded Kandinsky 2.2, or anything of its make.

    The inpainting decoder is loaded when it is first needed.
    """

    schedulers: ClassVar[Mapping[str, MakeScheduler]] = {
        name: NOISE_SCHEDULERS[name] for name in ("ddim", "ddpm", "dpm++")
    }
    ranks = True

    def __init__(self, model: ModelInfo, parts: Mapping[str, Path], machine: Machine) -> None:
        super().__init__(model, machine)
        defaults = model.defaults
        self._folders = parts
        self._prior = ClipPrior(
            parts[PRIOR], machine, defaults.prior_steps, defaults.prior_guidance
        )
        self._decoder = load_pipeline(KandinskyV22Pipeline, parts[DECODER], machine)
        self._inpainter: Any = None

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """The prior's, the decoder's, and the inpainting decoder's once it is loaded."""
        inpainter = () if self._inpainter is None else (self._inpainter,)
        return (self._prior.pipeline, self._decoder, *inpainter)

    def variation(self, brief: Brief, source: Pixels, strength: float, desk: Desk) -> Pixels:
        """The source's image embedding decoded anew, as in unCLIP; words are not needed."""
        conditions = self._conditions(brief, source, desk, words=False)
        return self._varied(brief, conditions, source, strength, desk)

    def effort(self, steps: int) -> float:
        """Denoising steps, and the prior's and the decoding in their measure."""
        return super().effort(steps) + self._prior.steps * _PRIOR_STEP

    def similarity(self, prompt: str, pictures: Sequence[Pixels]) -> list[float]:
        """CLIP's cosine similarity, -1 to 1."""
        return self._prior.similarity(prompt, pictures)

    def unread(self, prompt: str) -> str:
        """The end of a prompt that the text encoder does not read."""
        return self._prior.unread(prompt)

    @property
    def _factor(self) -> int:
        halvings = len(self._decoder.movq.config.block_out_channels) - 1
        return int(2**halvings)

    @property
    def _channels(self) -> int:
        channels: int = self._decoder.movq.config.latent_channels
        return channels

    @property
    def _scheduler_config(self) -> Any:
        return self._decoder.scheduler.config

    def _conditions(
        self, brief: Brief, source: Pixels | None, desk: Desk, *, words: bool = True
    ) -> ImageConditions:
        """The words, or the source's content where there are none."""

        def report(step: int, total: int) -> None:
            desk.step(Phase.PROMPT, step, total, units=_PRIOR_STEP)

        def of_text(text: str) -> torch.Tensor:
            return torch.cat([self._prior.of_text(text, seed, report) for seed in brief.seeds])

        desk.phase(Phase.PROMPT)
        if source is None or (words and brief.prompt.strip()):
            positive = of_text(brief.prompt)
        else:
            positive = spread(self._prior.of_pictures([source]), len(brief.seeds))
        if brief.negative_prompt.strip():
            negative = of_text(brief.negative_prompt)
        else:
            negative = spread(self._prior.of_nothing(), len(brief.seeds))
        return ImageConditions(positive, negative)

    def _predictor(self, brief: Brief, conditions: ImageConditions) -> Predict:
        return self._predictor_of(self._decoder.unet, brief, conditions)

    def _inpaint_predictor(
        self,
        brief: Brief,
        conditions: ImageConditions,
        source: Pixels,
        original: torch.Tensor,
        change: Floats,
    ) -> Predict:
        """The inpainting decoder; it sees known latents, and where they are, beside its own."""
        keep = torch.from_numpy(change == 0)[None, None].to(original)
        beside = torch.cat([original * keep, keep], dim=1)
        return self._predictor_of(self._load_inpainter().unet, brief, conditions, beside)

    def _predictor_of(
        self,
        unet: Any,
        brief: Brief,
        conditions: ImageConditions,
        beside: torch.Tensor | None = None,
    ) -> Predict:
        """A denoiser that answers with noise and variance.

        Guidance is for the noise; the variance goes along where the scheduler has use for it.
        """
        is_guided = brief.guidance > 1
        pair = [conditions.negative, conditions.positive] if is_guided else [conditions.positive]
        embeds = torch.cat(pair)
        wants_variance = _wants_variance(self._named_scheduler(brief.scheduler))

        def predict(latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
            seen = latents
            if beside is not None:
                seen = torch.cat([latents, spread(beside, len(latents))], dim=1)
            answer = unet(
                sample=torch.cat([seen.to(embeds.dtype)] * len(pair)),
                timestep=timestep,
                encoder_hidden_states=None,
                added_cond_kwargs={"image_embeds": embeds},
                return_dict=False,
            )[0].to(latents.dtype)
            mean, variance = answer.split(latents.shape[1], dim=1)
            if is_guided:
                mean = guided(mean, brief.guidance)
            return torch.cat([mean, variance[-len(mean) :]], dim=1) if wants_variance else mean

        return predict

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        latents: torch.Tensor = self._decoder.movq.encode(planes).latents
        return latents

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        movq = self._decoder.movq
        planes: torch.Tensor = movq.decode(latents.to(movq.dtype), force_not_quantize=True).sample
        return planes

    def _load_inpainter(self) -> Any:
        if self._inpainter is None:
            with loading(self._model):
                self._inpainter = load_pipeline(
                    KandinskyV22InpaintPipeline,
                    self._folders[INPAINT],
                    self._machine,
                    movq=self._decoder.movq,
                )
        return self._inpainter


def _wants_variance(scheduler: Any) -> bool:
    learned = ("learned", "learned_range")
    return isinstance(scheduler, DDPMScheduler) and scheduler.variance_type in learned


load = loader(Kandinsky22)
