"""The scheduler of consistency models that go from any noise to a picture in one step.

C. Lu and Y. Song, "Simplifying, stabilizing and scaling continuous-time consistency models", 2024.
Time is an angle: at ``t`` latents are ``cos(t)`` times the picture and ``sin(t)`` times noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers.utils.torch_utils import randn_tensor

from studio.engine.diffusion.sampling.denoise import Generators

_LATEST: Final = 1.57080
"""Nothing but noise; the angle that Sana Sprint was distilled for."""

_HALFWAY: Final = 1.3
"""Where the second of two steps begins."""


@dataclass(frozen=True)
class Step:
    """After a step: the latents of the next angle, and the picture as guessed."""

    prev_sample: torch.Tensor
    pred_original_sample: torch.Tensor


class TrigFlowScheduler:
    """Steps over angles, each to a guess of the picture and from there to less noise.

    It is for latents whose deviation is 1, and has what the denoising loop asks of diffusers'.
    """

    def __init__(self) -> None:
        self.timesteps = torch.empty(0)
        self._index = 0

    @classmethod
    def from_config(cls, _config: Any) -> TrigFlowScheduler:
        """One that nothing of the model's own configuration concerns."""
        return cls()

    def set_timesteps(self, steps: int, device: torch.device) -> None:
        """Sets the angles from which each step begins; the last one ends at 0."""
        angles = torch.linspace(_LATEST, 0, steps + 1)[:-1]
        if steps == 2:
            angles[1] = _HALFWAY
        self.timesteps = angles.to(device)

    def begin_at(self, share: float, steps: int) -> None:
        """Sets as many steps behind the first, from a share of the way to nothing but noise."""
        angles = torch.linspace(_LATEST * share, 0, steps + 1)[:-1]
        self.timesteps = torch.cat([self.timesteps[:1], angles.to(self.timesteps)])

    def set_begin_index(self, index: int) -> None:
        """Begins with that step."""
        self._index = index

    def add_noise(
        self, original: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor
    ) -> torch.Tensor:
        """Latents at an angle, ``(1,)``."""
        return torch.cos(timesteps) * original + torch.sin(timesteps) * noise

    def step(
        self,
        answer: torch.Tensor,
        timestep: torch.Tensor,
        latents: torch.Tensor,
        generator: Generators,
    ) -> Step:
        """From a step's angle to the next one's.

        Args:
            answer: the denoiser's, the velocity at which latents turn.
            timestep: the step's angle.
            latents: at that angle.
            generator: for the noise of the next angle.
        """
        clean = torch.cos(timestep) * latents - torch.sin(timestep) * answer
        self._index += 1
        drawn = randn_tensor(latents.shape, generator, latents.device, torch.float32)
        following = self.timesteps[self._index :]
        angle = float(following[0]) if len(following) else 0.0
        noised = math.cos(angle) * clean + math.sin(angle) * drawn.to(clean)
        return Step(noised, clean)
