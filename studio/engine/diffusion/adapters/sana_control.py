"""ControlNets beside the transformer of Sana.

They read a picture's latents, and answer with what is added after the transformer's second block
and those behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import torch
from diffusers import SanaControlNetModel

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    Weights,
    prepared,
    read_net,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.standing import summed_by_block
from studio.engine.diffusion.sampling.guidance import spread
from studio.generation.catalog import AdapterInfo

SanaGuide: TypeAlias = Callable[[torch.Tensor, torch.Tensor], Mapping[str, Any]]
"""From what the transformer sees, ``(rows, c, h, w)``, and the scheduler's timestep to further
arguments of its call."""

_SHARED: Final = (
    "in_channels",
    "num_attention_heads",
    "attention_head_dim",
    "num_cross_attention_heads",
    "cross_attention_head_dim",
    "cross_attention_dim",
    "caption_channels",
    "mlp_ratio",
    "attention_bias",
    "sample_size",
    "patch_size",
    "norm_elementwise_affine",
    "norm_eps",
    "interpolation_scale",
)
"""What both configurations have, and a ControlNet has as its transformer does."""


class SanaControls(ControlShelf):
    """Those of one loaded model."""

    def guide(
        self,
        controls: Sequence[Guiding],
        transformer: Any,
        embeds: torch.Tensor,
        mask: torch.Tensor,
        timesteps: Sequence[float],
        encode: Callable[[Pixels], torch.Tensor],
    ) -> SanaGuide | None:
        """What is beside the transformer while a picture is painted; None where nothing is.

        Args:
            controls, transformer, timesteps: as for every `ControlShelf`.
            embeds, mask: the words that it is told, ``(n, tokens, width)``, and which count.
            encode: from pixels to the latents that the transformer sees.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """

        def beside(net: Any, control: Guiding) -> Callable[[torch.Tensor, torch.Tensor], Any]:
            picture = encode(prepared(control)).to(embeds)

            def answer(seen: torch.Tensor, timestep: torch.Tensor) -> Mapping[int, torch.Tensor]:
                answers = net(
                    seen,
                    encoder_hidden_states=spread(embeds, len(seen)),
                    encoder_attention_mask=spread(mask, len(seen)),
                    timestep=timestep,
                    controlnet_cond=spread(picture, len(seen)),
                    conditioning_scale=control.weight,
                    return_dict=False,
                )[0]
                return dict(enumerate(answers))

            return answer

        standing = self._stand(controls, transformer, timesteps, beside)
        if standing is None:
            return None

        def residuals(seen: torch.Tensor, timestep: torch.Tensor) -> Mapping[str, Any]:
            scaled = timestep.expand(len(seen)) * transformer.config.timestep_scale
            answers = standing.answers(timestep, seen, scaled)
            sums = summed_by_block(answers)
            return {"controlnet_block_samples": tuple(sums.values())} if sums else {}

        return residuals

    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        net = read_net(SanaControlNetModel, adapter, self._machine, partial(_like, denoiser))
        if _measures(net) != _measures(denoiser):
            raise unfit(adapter)
        return net


def _measures(module: Any) -> tuple[int, ...]:
    """What has to be alike in a ControlNet and its transformer."""
    config = module.config
    width = config.num_attention_heads * config.attention_head_dim
    return width, config.caption_channels, config.in_channels, config.patch_size


def _like(transformer: Any, weights: Weights) -> dict[str, Any]:
    """The configuration of a ControlNet with these weights, otherwise like the transformer."""
    blocks = {name.split(".")[1] for name in weights if name.startswith("controlnet_blocks.")}
    return {**{name: transformer.config[name] for name in _SHARED}, "num_layers": len(blocks)}
