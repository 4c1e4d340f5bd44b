"""ControlNets beside the transformer of FLUX.1.

They read a picture's latents as tokens, and answer with what is added after the transformer's
blocks. One has fewer blocks than the transformer, so each of its answers counts for several.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, TypeAlias

import torch
from diffusers import FluxControlNetModel
from diffusers.models.model_loading_utils import load_state_dict

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    from_folder,
    prepared,
    several_in_one,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.packing import packed
from studio.generation.catalog import AdapterInfo

_DOUBLE: Final = "controlnet_blocks."
_SINGLE: Final = "controlnet_single_blocks."

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
"""From what the transformer sees, ``(1, n, c)``, the scheduler's timestep and the share of noise
that the transformer is told, ``(1,)``, to further arguments of its call. The painting's tokens come
first, in each the painting's channels."""


class FluxControls:
    """Those of one loaded model.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._shelf = ControlShelf(machine, _load)

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
            controls: pictures of the painting's extent.
            transformer: that is guided.
            told: what is wanted.
            timesteps: of the scheduler.
            encode: from pixels to the latents that the transformer sees.

        Raises:
            ModelError: if one cannot be read, or does not fit the transformer.
        """
        wanted = [control for control in controls if control.weight > 0]
        nets = self._shelf.take([control.adapter for control in wanted], transformer)
        if not wanted:
            return None
        course = Course(timesteps)
        stands = [
            _Stand(net, control, packed(encode(prepared(control))).to(told.embeds), told)
            for net, control in zip(nets, wanted, strict=True)
        ]
        blocks = transformer.config.num_layers, transformer.config.num_single_layers

        def residuals(
            seen: torch.Tensor, timestep: torch.Tensor, time: torch.Tensor
        ) -> Mapping[str, Any]:
            begun, ended = course.span(timestep)
            now = [stand for stand in stands if stand.control.guides(begun, ended)]
            answers = [stand.answer(seen, time) for stand in now]
            more = seen.shape[1] - len(told.spots)
            return _summed(answers, blocks, more) if answers else {}

        return residuals


class _Stand:
    """A ControlNet with the picture that it reads, as tokens."""

    def __init__(self, net: Any, control: Guiding, picture: torch.Tensor, told: FluxTold) -> None:
        self.control = control
        self._net = net
        self._picture = picture
        self._told = told
        self._guidance = None
        if net.config.guidance_embeds:
            self._guidance = torch.tensor([told.guidance], device=picture.device)

    def answer(self, seen: torch.Tensor, time: torch.Tensor) -> Any:
        """What is added after the double blocks and after the single ones; either may be None."""
        told = self._told
        _, tokens, channels = self._picture.shape
        return self._net(
            hidden_states=seen[:, :tokens, :channels],
            controlnet_cond=self._picture,
            conditioning_scale=self.control.weight,
            encoder_hidden_states=told.embeds,
            pooled_projections=told.pooled,
            timestep=time,
            img_ids=told.spots,
            txt_ids=told.spots.new_zeros(told.embeds.shape[1], 3),
            guidance=self._guidance,
            return_dict=False,
        )


def _summed(answers: Sequence[Any], blocks: tuple[int, int], more: int) -> dict[str, Any]:
    """The transformer's arguments.

    Args:
        answers: of the ControlNets.
        blocks: how many the transformer has, double and single ones.
        more: tokens that it sees behind the painting's, to which nothing is added.
    """
    doubles, singles = (
        [torch.nn.functional.pad(each, (0, 0, 0, more)) for each in _joined(kind, number)]
        for kind, number in zip(zip(*answers, strict=True), blocks, strict=True)
    )
    return {
        "controlnet_block_samples": doubles or None,
        "controlnet_single_block_samples": singles or None,
    }


def _joined(answers: Sequence[Sequence[torch.Tensor] | None], blocks: int) -> list[torch.Tensor]:
    """The sums block by block; ControlNets may have unlike numbers of them, or none."""
    present = [answer for answer in answers if answer]
    if len({len(answer) for answer in present}) > 1:
        present = [_spread(answer, blocks) for answer in present]
    return [reduce(torch.add, each) for each in zip(*present, strict=True)]


def _spread(answer: Sequence[torch.Tensor], blocks: int) -> list[torch.Tensor]:
    """One for each of the transformer's blocks, the way that it would itself do it."""
    each = math.ceil(blocks / len(answer))
    return [answer[number // each] for number in range(blocks)]


def _load(adapter: AdapterInfo, transformer: Any, machine: Machine) -> Any:
    """The ControlNet of a folder in diffusers' format, or of one file."""
    if adapter.path.is_dir():
        net = from_folder(FluxControlNetModel, adapter, machine)
    else:
        net = _from_file(adapter, transformer)
    if net.union:
        raise several_in_one(adapter)
    if net.input_hint_block is not None:
        raise ModelError(
            f"{adapter.title} reads pictures in a way of XLabs' own, which cannot be used here: "
            "choose another ControlNet."
        )
    if _measures(net) != _measures(transformer):
        raise unfit(adapter)
    return net.to(machine.dtype)


def _measures(module: Any) -> tuple[int, ...]:
    """What has to be alike in a ControlNet and its transformer: widths, and channels of tokens."""
    config = module.config
    return (
        config.num_attention_heads * config.attention_head_dim,
        config.joint_attention_dim,
        config.pooled_projection_dim,
        config.get("out_channels") or config.in_channels,
    )


def _from_file(adapter: AdapterInfo, transformer: Any) -> Any:
    """Its shape is said by the file's neighbour ``config.json``; else by its weights."""
    weights = load_state_dict(str(adapter.path))
    beside = adapter.path.parent / "config.json"
    if beside.is_file():
        config = FluxControlNetModel.load_config(beside)
    else:
        config = _like(transformer, weights)
    with torch.device("meta"):
        net = FluxControlNetModel.from_config(config)
    try:
        net.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise unfit(adapter, str(error)) from error
    return net


def _like(transformer: Any, weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """The configuration of a ControlNet with these weights, otherwise like the transformer."""
    config = transformer.config
    modes = weights.get("controlnet_mode_embedder.weight")
    return {
        **{name: config[name] for name in _SHARED},
        "in_channels": config.out_channels or config.in_channels,
        "num_layers": sum(name.startswith(_DOUBLE) for name in weights) // 2,
        "num_single_layers": sum(name.startswith(_SINGLE) for name in weights) // 2,
        "guidance_embeds": any(".guidance_embedder." in name for name in weights),
        "num_mode": None if modes is None else len(modes),
    }
