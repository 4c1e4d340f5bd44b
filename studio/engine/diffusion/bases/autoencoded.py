"""Families that paint in the latents of one autoencoder."""

from __future__ import annotations

from typing import Any

import torch

from studio.engine.diffusion.bases.latent import Conditions, LatentFamily
from studio.engine.diffusion.latents.autoencoder import Autoencoder


class AutoencodedFamily(LatentFamily[Conditions]):
    """A family that has a first pipeline, and paints in the latents of that one's autoencoder."""

    _base: Any
    """The stock pipeline that is loaded at once, and whose scheduler is the model's own."""

    _autoencoder: Autoencoder

    @property
    def _factor(self) -> int:
        return self._autoencoder.factor

    @property
    def _channels(self) -> int:
        return self._autoencoder.channels

    @property
    def _scheduler_config(self) -> Any:
        return self._base.scheduler.config

    def _encode(self, planes: torch.Tensor) -> torch.Tensor:
        return self._autoencoder.encode(planes)

    def _decode(self, latents: torch.Tensor) -> torch.Tensor:
        return self._autoencoder.decode(latents)
