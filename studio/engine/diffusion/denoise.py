"""The denoising loop, thin and the same for every task of a latent diffusion model.

It does what the loops inside diffusers' Kandinsky 2.2 pipelines do, step for step, and adds a
start on the way (image to image), latents that are held to an original for a while (inpainting
with soft masks) and a report after each step that may end it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from diffusers import DDPMScheduler

from studio.generation.membrane import Floats
from studio.generation.preparation import kept_at

Scheduler: TypeAlias = Any
UNet: TypeAlias = Callable[..., Any]

AfterStep: TypeAlias = Callable[[int, int, torch.Tensor], None]
"""Called with the step from 1, their number, and the clean latents as guessed so far."""


@dataclass(frozen=True)
class Conditions:
    """What the picture is to be, and what it is not to be.

    Attributes:
        positive, negative: image embeddings, ``(1, d)``.
        guidance: how far to go from the negative beyond the positive; none at 1 or below.
    """

    positive: torch.Tensor
    negative: torch.Tensor
    guidance: float

    @property
    def guided(self) -> bool:
        """Whether the denoiser has to answer to both."""
        return self.guidance > 1

    @property
    def embeds(self) -> torch.Tensor:
        """What the denoiser is told, ``(2, d)`` where guided, else ``(1, d)``."""
        return torch.cat([self.negative, self.positive]) if self.guided else self.positive


@dataclass(frozen=True)
class Known:
    """Latents of a picture that is to stay, fully or for some of the steps.

    Attributes:
        latents: of the original, ``(1, c, h, w)``.
        noise: with which they are brought to the present step's level.
        mask: ``(h, w)``, 1 = repaint, 0 = never, between = from some step on.
    """

    latents: torch.Tensor
    noise: torch.Tensor
    mask: Floats

    def held(
        self, latents: torch.Tensor, scheduler: Scheduler, timestep: torch.Tensor, progress: float
    ) -> torch.Tensor:
        """The latents with what is not let go yet replaced by the original's, noised anew."""
        kept = kept_at(self.mask, progress)
        if not kept.any():
            return latents
        original = scheduler.add_noise(self.latents, self.noise, timestep.reshape(1))
        return torch.where(_flags(kept, latents), original, latents)

    def restored(self, latents: torch.Tensor) -> torch.Tensor:
        """The finished latents with the original's where nothing was to change."""
        untouched = (self.mask == 0).astype(np.float32)
        return torch.where(_flags(untouched, latents), self.latents, latents)


def start_of(steps: int, strength: float) -> int:
    """The step to start from so that a share ``strength`` of the steps is made, at least one."""
    return steps - min(steps, max(1, round(steps * strength)))


def denoise(
    unet: UNet,
    scheduler: Scheduler,
    latents: torch.Tensor,
    conditions: Conditions,
    generator: torch.Generator,
    *,
    after_step: AfterStep,
    start: int = 0,
    extra: torch.Tensor | None = None,
    known: Known | None = None,
) -> torch.Tensor:
    """Runs the steps from ``start`` on.

    Args:
        unet: with Kandinsky 2.2's arguments; it answers with noise and variance, ``2c`` channels.
        scheduler: its timesteps are set.
        latents: ``(1, c, h, w)``, noised to the level of the first step.
        conditions: what to paint.
        generator: for schedulers that add noise.
        after_step: may raise to end the loop.
        start: number of steps left out.
        extra: channels that the unet sees beside the latents, ``(1, k, h, w)``.
        known: what is held to an original.

    Returns:
        The latents at the end.
    """
    timesteps = scheduler.timesteps[start:]
    embeds = conditions.embeds
    beside = None if extra is None else extra.expand(embeds.shape[0], -1, -1, -1)
    for index, timestep in enumerate(timesteps):
        if known is not None:
            latents = known.held(latents, scheduler, timestep, index / len(timesteps))
        seen = latents.expand(embeds.shape[0], -1, -1, -1)
        predicted = unet(
            sample=seen if beside is None else torch.cat([seen, beside], dim=1),
            timestep=timestep,
            encoder_hidden_states=None,
            added_cond_kwargs={"image_embeds": embeds},
            return_dict=False,
        )[0]
        answer = _guided(predicted, conditions, latents.shape[1], scheduler)
        result = scheduler.step(answer, timestep, latents, generator=generator)
        latents = result.prev_sample
        clean = getattr(result, "pred_original_sample", None)
        after_step(index + 1, len(timesteps), latents if clean is None else clean)
    return latents if known is None else known.restored(latents)


def _guided(
    predicted: torch.Tensor, conditions: Conditions, channels: int, scheduler: Scheduler
) -> torch.Tensor:
    """Classifier-free guidance; the variance goes along where the scheduler has use for it."""
    learned = ("learned", "learned_range")
    wants_variance = isinstance(scheduler, DDPMScheduler) and scheduler.variance_type in learned
    mean, variance = predicted[:, :channels], predicted[:, channels:]
    if conditions.guided:
        negative, positive = mean.chunk(2)
        mean = negative + conditions.guidance * (positive - negative)
        variance = variance.chunk(2)[1]
    return torch.cat([mean, variance], dim=1) if wants_variance else mean


def _flags(mask: Floats, like: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(mask > 0).to(like.device)
