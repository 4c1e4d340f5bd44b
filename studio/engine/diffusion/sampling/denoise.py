"""The denoising loop, thin and the same for every family and task of latent diffusion.

It does what the loops inside diffusers' pipelines do, step for step, and adds a start on the way
(image to image), latents that are held to an original for a while (inpainting with soft masks:
E. Levin and O. Fried, "Differential diffusion", 2023) and a report after each step that may end it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import torch

from studio.generation.membrane import Floats
from studio.generation.preparation import kept_at

Scheduler: TypeAlias = Any
"""One of diffusers', its timesteps set; of the first order, for noise or for flow matching."""

TIMESTEPS: Final = 1000
"""By this much a scheduler's timesteps are larger than the time that transformers are told."""

Predict: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From latents ``(n, c, h, w)``, scaled as the scheduler wants them, and a timestep to the
denoiser's answer, with guidance, as the scheduler's step takes it."""

Generators: TypeAlias = torch.Generator | list[torch.Generator]
"""What decides the noise that schedulers add: for all rows of a batch, or one for each."""

AfterStep: TypeAlias = Callable[[int, int, torch.Tensor], None]
"""Called with the step from 1, their number, and the clean latents as guessed so far."""


@dataclass(frozen=True)
class Known:
    """Latents of a picture that is to stay, fully or for some of the steps.

    Attributes:
        latents: of the original, ``(1, c, h, w)``.
        noise: with which they are brought to the present step's level, ``(n, c, h, w)``.
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
        original = noised(self.latents, self.noise, scheduler, timestep)
        return torch.where(_flags(kept, latents), original, latents)

    def restored(self, latents: torch.Tensor) -> torch.Tensor:
        """The finished latents with the original's where nothing was to change."""
        untouched = (self.mask == 0).astype(np.float32)
        return torch.where(_flags(untouched, latents), self.latents, latents)


def start_of(steps: int, strength: float) -> int:
    """The step to start from so that a share ``strength`` of the steps is made, at least one."""
    return steps - min(steps, max(1, round(steps * strength)))


def first_latents(
    original: torch.Tensor | None, noise: torch.Tensor, scheduler: Scheduler, start: int
) -> torch.Tensor:
    """What the loop begins with: noise alone, or an original noised to the level of its start.

    Args:
        original: ``(1, c, h, w)``.
        noise: ``(n, c, h, w)``.
        scheduler: its timesteps are set.
        start: number of steps that are left out; with 0 nothing of the original is left.
    """
    if original is None or start == 0:
        scale = getattr(scheduler, "init_noise_sigma", 1.0)
        return noise * scale
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(start)
    return noised(original, noise, scheduler, scheduler.timesteps[start])


def noised(
    original: torch.Tensor, noise: torch.Tensor, scheduler: Scheduler, timestep: torch.Tensor
) -> torch.Tensor:
    """An original with as much noise as there is at a timestep."""
    timesteps = timestep.reshape(1)
    result: torch.Tensor
    if hasattr(scheduler, "scale_noise"):
        result = scheduler.scale_noise(original, timesteps, noise)
    else:
        result = scheduler.add_noise(original, noise, timesteps)
    return result


def denoise(
    predict: Predict,
    scheduler: Scheduler,
    latents: torch.Tensor,
    generator: Generators,
    *,
    after_step: AfterStep,
    start: int = 0,
    known: Known | None = None,
) -> torch.Tensor:
    """Runs the steps from ``start`` on.

    Args:
        predict: the denoiser, with all that it is told.
        scheduler: its timesteps are set.
        latents: ``(n, c, h, w)``, as `first_latents` makes them.
        generator: for schedulers that add noise.
        after_step: may raise to end the loop.
        start: number of steps left out.
        known: what is held to an original.

    Returns:
        The latents at the end.
    """
    timesteps = scheduler.timesteps[start:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(start)
    generators = _generator_for(scheduler, generator)
    for index, timestep in enumerate(timesteps):
        if known is not None:
            latents = known.held(latents, scheduler, timestep, index / len(timesteps))
        answer = predict(_scaled(latents, scheduler, timestep), timestep)
        sigma = _flow_sigma(scheduler, start + index)
        result = scheduler.step(answer, timestep, latents, **generators)
        clean = getattr(result, "pred_original_sample", None)
        if clean is None:
            clean = latents - sigma * answer if sigma is not None else result.prev_sample
        latents = result.prev_sample
        after_step(index + 1, len(timesteps), clean)
    return latents if known is None else known.restored(latents)


def _scaled(latents: torch.Tensor, scheduler: Scheduler, timestep: torch.Tensor) -> torch.Tensor:
    if not hasattr(scheduler, "scale_model_input"):
        return latents
    scaled: torch.Tensor = scheduler.scale_model_input(latents, timestep)
    return scaled


def _flow_sigma(scheduler: Scheduler, index: int) -> torch.Tensor | None:
    """How much of the latents is noise at a step of flow matching; None for other schedulers."""
    config = getattr(scheduler, "config", {})
    if not (hasattr(scheduler, "scale_noise") or config.get("use_flow_sigmas")):
        return None
    sigma: torch.Tensor = scheduler.sigmas[index]
    return sigma


def _generator_for(scheduler: Scheduler, generator: Generators) -> dict[str, Generators]:
    """The generator, for the schedulers that take one."""
    parameters = inspect.signature(scheduler.step).parameters
    return {"generator": generator} if "generator" in parameters else {}


def _flags(mask: Floats, like: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(mask > 0).to(like.device)
