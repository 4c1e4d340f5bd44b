"""IP-Adapters on the transformers of FLUX.1 and of Stable Diffusion 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from diffusers.models.attention_processor import SD3IPAdapterJointAttnProcessor2_0
from diffusers.models.transformers.transformer_flux import FluxIPAdapterAttnProcessor
from transformers import SiglipVisionModel

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.adapters.looking import Eye, Looking, Projecting, State
from studio.engine.diffusion.sampling.guidance import spread

FluxLook: TypeAlias = Callable[[torch.Tensor, bool, int], Mapping[str, Any]]
"""From the scheduler's timestep, whether the transformer is asked for what is wanted, and the rows
that it sees, to further arguments of its call."""

Sd3Look: TypeAlias = Callable[[torch.Tensor, int], Mapping[str, Any]]
"""From the scheduler's timestep and the rows that the transformer sees to further arguments of its
call."""


class FluxReferences(Projecting):
    """Those of one loaded FLUX.1, each of which looks with a CLIP."""

    def guide(
        self, references: Sequence[Guiding], transformer: Any, timesteps: Sequence[float]
    ) -> FluxLook | None:
        """Puts on a transformer what looks at these pictures, and takes everything else off.

        What is not wanted is asked for with a black picture.

        Args:
            references: pictures of any extent.
            transformer: that is guided.
            timesteps: of the scheduler.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """
        worn = self.worn(transformer, references)
        if not worn:
            return None
        wanted = [each for each, _ in worn]
        seen = [
            [eye.whole(pixels)[None] for pixels in (np.zeros_like(each.pixels), each.pixels)]
            for each, eye in worn
        ]
        course, processors = Course(timesteps), _of(FluxIPAdapterAttnProcessor, transformer)

        def look(timestep: torch.Tensor, is_wanted: bool, rows: int) -> Mapping[str, Any]:
            weights = course.weights(wanted, timestep)
            for processor in processors:
                processor.scale = weights
            pictures = [spread(pair[is_wanted], rows) for pair in seen]
            return _shown(pictures)

        return look

    def _taken(self, denoiser: Any, number: int, eye: Eye) -> tuple[int, int]:
        layer = self._projections(denoiser)[number]
        return layer.image_embeds.in_features, eye.joint_width


class Sd3References(Looking):
    """That of one loaded Stable Diffusion 3, which looks at every patch with a SigLIP."""

    encoder_kind = SiglipVisionModel

    def guide(
        self,
        references: Sequence[Guiding],
        transformer: Any,
        timesteps: Sequence[float],
        *,
        is_guided: bool,
    ) -> Sd3Look | None:
        """Puts on a transformer what looks at this picture, and takes everything else off.

        Args:
            references: one picture of any extent; those without weight do not count.
            transformer: that is guided.
            timesteps: of the scheduler.
            is_guided: whether what is not wanted is asked for too, in the first half of the rows.

        Raises:
            ModelError: if it cannot be read, or does not fit the transformer, or there are more.
        """
        worn = self.worn(transformer, references)
        if not worn:
            return None
        [(reference, eye)] = worn
        picture = eye.patches(reference.pixels)
        shown = torch.cat([torch.zeros_like(picture), picture]) if is_guided else picture
        course, processors = Course(timesteps), _of(SD3IPAdapterJointAttnProcessor2_0, transformer)

        def look(timestep: torch.Tensor, rows: int) -> Mapping[str, Any]:
            [weight] = course.weights([reference], timestep)
            for processor in processors:
                processor.scale = weight
            return _shown(spread(shown, rows))

        return look

    def _insert(self, denoiser: Any, states: Sequence[State]) -> None:
        if len(states) > 1:
            raise ModelError(
                "This model looks at one reference picture at a time: take the others off."
            )
        denoiser._load_ip_adapter_weights(states[0])

    def _remove(self, denoiser: Any) -> None:
        denoiser.image_proj = None

    def _taken(self, denoiser: Any, number: int, eye: Eye) -> tuple[int, int]:
        return denoiser.image_proj.proj_in.in_features, eye.width


def _of(kind: Any, transformer: Any) -> list[Any]:
    return [each for each in transformer.attn_processors.values() if isinstance(each, kind)]


def _shown(pictures: Any) -> Mapping[str, Any]:
    """The transformer takes the pictures out of what it is given."""
    return {"joint_attention_kwargs": {"ip_adapter_image_embeds": pictures}}
