"""IP-Adapters on a UNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from diffusers.models.attention_processor import IPAdapterAttnProcessor2_0
from diffusers.models.embeddings import ImageProjection, IPAdapterPlusImageProjection

from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.adapters.looking import Eye, Projecting
from studio.engine.diffusion.sampling.unet import Guide, Told, UnetConditions


class IpAdapters(Projecting):
    """Those of one loaded model, each of which looks with a CLIP."""

    def guide(
        self,
        references: Sequence[Guiding],
        unet: Any,
        conditions: UnetConditions,
        timesteps: Sequence[float],
    ) -> tuple[UnetConditions, Guide | None]:
        """Puts on a UNet what looks at these pictures, and takes everything else off.

        Args:
            references: pictures of any extent.
            unet: that is guided.
            conditions: what it is told else.
            timesteps: of the scheduler.

        Returns:
            What it is told now, and what is done at each step; None where nothing is.

        Raises:
            ModelError: if one cannot be read, or does not fit the UNet.
        """
        worn = self.worn(unet, references)
        if not worn:
            return conditions, None
        layers = self._projections(unet)
        seen = [_look(eye, each, layer) for (each, eye), layer in zip(worn, layers, strict=True)]
        positive = replace(conditions.positive, pictures=tuple(one for one, _ in seen))
        negative = replace(conditions.negative, pictures=tuple(other for _, other in seen))
        wanted = [each for each, _ in worn]
        return UnetConditions(positive, negative), _weighing(unet, wanted, Course(timesteps))

    def _taken(self, denoiser: Any, number: int, eye: Eye) -> tuple[int, int]:
        layer = self._projections(denoiser)[number]
        if isinstance(layer, ImageProjection):
            return layer.image_embeds.in_features, eye.joint_width
        if isinstance(layer, IPAdapterPlusImageProjection):
            return layer.proj_in.in_features, eye.width
        raise TypeError(type(layer).__name__)


def _look(eye: Eye, reference: Guiding, layer: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """What a picture is to a projection, and what nothing is, ``(1, 1, ...)`` each."""
    pixels = reference.pixels
    if isinstance(layer, ImageProjection):
        embeds = eye.whole(pixels)[None]
        return embeds, torch.zeros_like(embeds)
    return eye.patches(pixels)[None], eye.patches(pixels, blank=True)[None]


def _weighing(unet: Any, references: Sequence[Guiding], course: Course) -> Guide:
    """Has each count for its weight in its range of steps, and for nothing in others."""
    processors = [
        processor
        for processor in unet.attn_processors.values()
        if isinstance(processor, IPAdapterAttnProcessor2_0)
    ]

    def weigh(seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Mapping[str, Any]:
        weights = course.weights(references, timestep)
        for processor in processors:
            processor.scale = weights
        return {}

    return weigh
