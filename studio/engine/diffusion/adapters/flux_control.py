"""ControlNets beside the transformer of FLUX.1.

They read a picture's latents as tokens, or XLabs' a picture as it is, and answer with what is added
after the transformer's blocks. One has fewer blocks than the transformer, so each of its answers
counts for several. One that reads several kinds of pictures is told the kind as one more word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import torch
from diffusers import FluxControlNetModel

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    Weights,
    prepared,
    read_net,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.standing import in_turn, mode_of, summed
from studio.engine.diffusion.latents.packing import packed
from studio.engine.diffusion.latents.planes import as_planes
from studio.engine.diffusion.sampling.guidance import spread
from studio.generation.catalog import AdapterInfo

_DOUBLE: Final = "controlnet_blocks."
_SINGLE: Final = "controlnet_single_blocks."

_MODES: Final = {
    "canny": 0,
    "tile": 1,
    "depth": 2,
    "blur": 3,
    "pose": 4,
    "gray": 5,
    "low-quality": 6,
}
"""Of ControlNets of several kinds, as InstantX and Shakker Labs number them."""

_SHARED: Final = (
    "patch_size",
    "attention_head_dim",
    "num_attention_heads",
    "joint_attention_dim",
    "pooled_projection_dim",
    "axes_dims_rope",
)
"""What both configurations have, and a ControlNet has as its transformer does."""


@dataclass(frozen=True)
class FluxTold:
    """What the transformer is told at every step.

    Attributes:
        embeds, pooled: the words, ``(1, n, width)`` and ``(1, width)``.
        spots: where each token of the painting lies, ``(tokens, 3)``.
        guidance: for ControlNets that take it as an input.
    """

    embeds: torch.Tensor
    pooled: torch.Tensor
    spots: torch.Tensor
    guidance: float


FluxGuide: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], Mapping[str, Any]]
"""From what the transformer sees, ``(rows, n, c)``, the scheduler's timestep and the share of noise
that the transformer is told, ``(1,)``, to further arguments of its call. The painting's tokens come
first, in each the painting's channels."""


class FluxControls(ControlShelf):
    """Those of one loaded model."""

    def guide(
        self,
        controls: Sequence[Guiding],
        transformer: Any,
        told: FluxTold,
        timesteps: Sequence[float],
        encode: Callable[[Pixels], torch.Tensor],
    ) -> FluxGuide | None:
        """What is beside the transformer while a picture is painted; None where nothing is.

        Args:
            controls, transformer, timesteps: as for every `ControlShelf`.
            told: what is wanted.
            encode: from pixels to the latents that the transformer sees.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """

        blocks = transformer.config.num_layers, transformer.config.num_single_layers

        def beside(net: Any, control: Guiding) -> Callable[[torch.Tensor, torch.Tensor], Any]:
            if net.input_hint_block is None:
                picture = packed(encode(prepared(control)))
                return _Stand(net, control, picture.to(told.embeds), told).answer
            planes = as_planes(prepared(control), self._machine)
            return _PixelStand(net, control, planes.to(told.embeds), told, blocks[0]).answer

        standing = self._stand(controls, transformer, timesteps, beside)
        if standing is None:
            return None

        def residuals(
            seen: torch.Tensor, timestep: torch.Tensor, time: torch.Tensor
        ) -> Mapping[str, Any]:
            answers = standing.answers(timestep, seen, time)
            return _summed(answers, blocks, seen.shape[1] - len(told.spots)) if answers else {}

        return residuals

    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        net = read_net(FluxControlNetModel, adapter, self._machine, partial(_like, denoiser))
        if _measures(net) != _measures(denoiser):
            raise unfit(adapter)
        return net


class _Stand:
    """A ControlNet with the picture that it reads, as tokens ``(1, n, c)``."""

    def __init__(self, net: Any, control: Guiding, picture: torch.Tensor, told: FluxTold) -> None:
        self._net = net
        self._weight = control.weight
        self._picture = picture
        self._told = told
        device = picture.device
        self._guidance = self._mode = None
        if net.config.guidance_embeds:
            self._guidance = torch.tensor([told.guidance], device=device)
        if net.union:
            mode = mode_of(control, _MODES, net.config.num_mode)
            self._mode = torch.tensor([[mode]], device=device)

    def answer(self, seen: torch.Tensor, time: torch.Tensor) -> Any:
        """What is added after the double blocks and after the single ones; either may be None."""
        told, rows = self._told, len(seen)
        return self._net(
            hidden_states=seen[:, : len(told.spots), : self._net.config.in_channels],
            controlnet_cond=spread(self._picture, rows),
            controlnet_mode=None if self._mode is None else spread(self._mode, rows),
            conditioning_scale=self._weight,
            encoder_hidden_states=spread(told.embeds, rows),
            pooled_projections=spread(told.pooled, rows),
            timestep=time,
            img_ids=told.spots,
            txt_ids=told.spots.new_zeros(told.embeds.shape[1], 3),
            guidance=self._guidance,
            return_dict=False,
        )


class _PixelStand(_Stand):
    """One of XLabs', which reads a picture as it is, ``(1, 3, h, w)`` in -1..1.

    Its answers count for the double blocks in turn, over and over.
    """

    def __init__(
        self, net: Any, control: Guiding, picture: torch.Tensor, told: FluxTold, blocks: int
    ) -> None:
        super().__init__(net, control, picture, told)
        self._blocks = blocks

    def answer(self, seen: torch.Tensor, time: torch.Tensor) -> Any:
        """One for each double block."""
        doubles, singles = super().answer(seen, time)
        return [doubles[block % len(doubles)] for block in range(self._blocks)], singles


def _summed(answers: Sequence[Any], blocks: tuple[int, int], more: int) -> dict[str, Any]:
    """The transformer's arguments.

    Args:
        answers: of the ControlNets; of either kind of blocks some have none.
        blocks: how many the transformer has, double and single ones.
        more: tokens that it sees behind the painting's, to which nothing is added.
    """
    doubles, singles = (
        [
            torch.nn.functional.pad(each, (0, 0, 0, more))
            for each in summed([answer for answer in kind if answer], number, in_turn)
        ]
        for kind, number in zip(zip(*answers, strict=True), blocks, strict=True)
    )
    return {
        "controlnet_block_samples": doubles or None,
        "controlnet_single_block_samples": singles or None,
    }


def _measures(module: Any) -> tuple[int, ...]:
    """What has to be alike in a ControlNet and its transformer: widths, and channels of tokens."""
    config = module.config
    return (
        config.num_attention_heads * config.attention_head_dim,
        config.joint_attention_dim,
        config.pooled_projection_dim,
        config.get("out_channels") or config.in_channels,
    )


def _like(transformer: Any, weights: Weights) -> dict[str, Any]:
    """The configuration of a ControlNet with these weights, otherwise like the transformer."""
    config = transformer.config
    modes = weights.get("controlnet_mode_embedder.weight")
    hint = weights.get("input_hint_block.conv_out.weight")
    seen = {} if hint is None else {"conditioning_embedding_channels": len(hint), "patch_size": 2}
    return {
        **{name: config[name] for name in _SHARED},
        "in_channels": config.out_channels or config.in_channels,
        "num_layers": sum(name.startswith(_DOUBLE) for name in weights) // 2,
        "num_single_layers": sum(name.startswith(_SINGLE) for name in weights) // 2,
        "guidance_embeds": any(".guidance_embedder." in name for name in weights),
        "num_mode": None if modes is None else len(modes),
        **seen,
    }
