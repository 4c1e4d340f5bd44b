"""Pictures to latents and back, as the autoencoders of most latent diffusion models do it."""

from __future__ import annotations

from typing import Any

import torch


class Autoencoder:
    """An `AutoencoderKL` with the scale and shift that its denoiser was trained on.

    Args:
        module: in the precision that it computes in.
    """

    def __init__(self, module: Any) -> None:
        self.module = module

    @property
    def factor(self) -> int:
        """Pixels along the side of a latent cell."""
        return int(2 ** (len(self.module.config.block_out_channels) - 1))

    @property
    def channels(self) -> int:
        """Of the latents."""
        channels: int = self.module.config.latent_channels
        return channels

    def encode(self, planes: torch.Tensor) -> torch.Tensor:
        """Latents ``(n, c, h/f, w/f)`` as denoisers take them, of ``(n, 3, h, w)`` in -1..1.

        They are the mean of the distribution, so the same each time, in the planes' precision.
        """
        distribution = self.module.encode(planes.to(self.module.dtype)).latent_dist
        plain = distribution.mode().to(planes.dtype)
        shift, scale = self._shift_and_scale(plain)
        latents: torch.Tensor = (plain - shift) * scale
        return latents

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """The way back from `encode`."""
        plain = self.unscaled(latents).to(self.module.dtype)
        planes: torch.Tensor = self.module.decode(plain, return_dict=False)[0]
        return planes

    def unscaled(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents of `encode` as the autoencoder itself has made them."""
        shift, scale = self._shift_and_scale(latents)
        plain: torch.Tensor = latents / scale + shift
        return plain

    def _shift_and_scale(self, like: torch.Tensor) -> tuple[torch.Tensor | float, Any]:
        """Numbers, or values for each channel, ``(1, c, 1, 1)``."""
        config = self.module.config
        means, stds = config.get("latents_mean"), config.get("latents_std")
        if means is None or stds is None:
            return config.get("shift_factor") or 0.0, config.scaling_factor
        shift = torch.tensor(means).view(1, -1, 1, 1).to(like)
        return shift, config.scaling_factor / torch.tensor(stds).view(1, -1, 1, 1).to(like)


class UnshiftedAutoencoder(Autoencoder):
    """One whose denoiser was trained without the shift that the autoencoder was published with."""

    def _shift_and_scale(self, like: torch.Tensor) -> tuple[torch.Tensor | float, Any]:
        return 0.0, self.module.config.scaling_factor


class UnscaledAutoencoder(Autoencoder):
    """One whose latents are brought to the mean and deviation of all pictures, and no further."""

    def _shift_and_scale(self, like: torch.Tensor) -> tuple[torch.Tensor | float, Any]:
        shift, scale = super()._shift_and_scale(like)
        return shift, scale / self.module.config.scaling_factor


class FrameAutoencoder(Autoencoder):
    """An autoencoder of video, as Qwen-Image's, to which a picture is a single frame.

    Some have a fourth channel for opacity: what they are shown is opaque, and so is what they show.
    """

    @property
    def factor(self) -> int:
        """Pixels along the side of a latent cell."""
        factor: int = self.module.spatial_compression_ratio
        return factor

    @property
    def channels(self) -> int:
        """Of the latents."""
        channels: int = self.module.config.z_dim
        return channels

    def encode(self, planes: torch.Tensor) -> torch.Tensor:
        """As `Autoencoder.encode`."""
        opacity = planes.new_ones(planes[:, : self._colours - 3].shape)
        frames = torch.cat([planes, opacity], dim=1).unsqueeze(2).to(self.module.dtype)
        plain = self.module.encode(frames).latent_dist.mode().squeeze(2).to(planes.dtype)
        mean, deviation = self._statistics(plain)
        latents: torch.Tensor = (plain - mean) / deviation
        return latents

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """The way back from `encode`."""
        plain = self.unscaled(latents).to(self.module.dtype)
        planes: torch.Tensor = self.module.decode(plain.unsqueeze(2), return_dict=False)[0]
        return planes[:, :3].squeeze(2)

    def unscaled(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents of `encode` as the autoencoder itself has made them."""
        mean, deviation = self._statistics(latents)
        return latents * deviation + mean

    @property
    def _colours(self) -> int:
        colours: int = self.module.config.get("in_channels", 3)
        return colours

    def _statistics(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean and the deviation of each channel, ``(1, c, 1, 1)``."""
        config = self.module.config
        mean, deviation = (
            torch.tensor(values).view(1, -1, 1, 1).to(like)
            for values in (config.latents_mean, config.latents_std)
        )
        return mean, deviation


def autoencoder_of(module: Any) -> Autoencoder:
    """What encodes and decodes with a module, by its kind."""
    return FrameAutoencoder(module) if "z_dim" in module.config else Autoencoder(module)
