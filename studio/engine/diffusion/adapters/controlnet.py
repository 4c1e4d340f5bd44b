"""ControlNets beside a UNet: the shapes of a picture are followed while another one is painted.

L. Zhang, A. Rao and M. Agrawala, "Adding conditional control to text-to-image diffusion models",
2023. Each answers with what is added to the UNet's own features; of several, that is summed. One
that reads several kinds of pictures is told the kind beside the time.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import ControlNetModel, ControlNetUnionModel
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    Weights,
    prepared,
    read_net,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.standing import mode_of
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.loading.headers import read_shapes
from studio.engine.diffusion.sampling.guidance import spread
from studio.engine.diffusion.sampling.unet import Guide, Told
from studio.generation.catalog import AdapterInfo

_LATENTS: Final = 4
_KINDS: Final = "task_embedding"
"""The weight that those of several kinds have."""

_MODES: Final = {
    "pose": 0,
    "depth": 1,
    "scribble": 2,
    "canny": 3,
    "normal": 4,
    "segments": 5,
    "tile": 6,
}
"""Of ControlNets of several kinds, as xinsir numbers them."""


class ControlNets(ControlShelf):
    """Those of one loaded model."""

    def guide(
        self, controls: Sequence[Guiding], unet: Any, timesteps: Sequence[float]
    ) -> Guide | None:
        """What is beside the UNet while a picture is painted; None where nothing is.

        Args:
            controls, unet, timesteps: as for every `ControlShelf`.

        Raises:
            ModelError: if one cannot be read, or does not fit the UNet.
        """
        standing = self._stand(
            controls,
            unet,
            timesteps,
            lambda net, control: _beside(net, control, self._machine).answer,
        )
        if standing is None:
            return None

        def residuals(seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Mapping[str, Any]:
            answers = standing.answers(timestep, seen, timestep, told)
            return _summed(answers) if answers else {}

        return residuals

    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        kind = ControlNetUnionModel if _is_union(adapter.path) else ControlNetModel
        like = partial(_like, denoiser, kind)
        net = read_net(kind, adapter, self._machine, like, convert_controlnet_checkpoint)
        if net.config.cross_attention_dim != denoiser.config.cross_attention_dim:
            raise unfit(adapter)
        return net


class _Stand:
    """A ControlNet with the picture that it reads."""

    def __init__(self, net: Any, control: Guiding, machine: Machine) -> None:
        self._net = net
        self._weight = float(control.weight)
        planes = torch.from_numpy(prepared(control).copy()).permute(2, 0, 1)[None]
        self._planes = planes.to(machine.device, machine.dtype) / 255

    def answer(self, seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Any:
        """What is added to the UNet's features: those on its way down, and the innermost."""
        return self._net(
            seen[:, :_LATENTS],
            timestep,
            encoder_hidden_states=told.embeds,
            conditioning_scale=self._weight,
            added_cond_kwargs=dict(told.added) or None,
            return_dict=False,
            **self._shown(seen),
        )

    def _shown(self, seen: torch.Tensor) -> dict[str, Any]:
        return {"controlnet_cond": spread(self._planes.to(seen), len(seen))}


class _UnionStand(_Stand):
    """One that reads several kinds of pictures, and is told of which kind its picture is."""

    def __init__(self, net: Any, control: Guiding, machine: Machine) -> None:
        super().__init__(net, control, machine)
        self._mode = mode_of(control, _MODES, net.config.num_control_type)

    def _shown(self, seen: torch.Tensor) -> dict[str, Any]:
        kinds = seen.new_zeros(len(seen), self._net.config.num_control_type)
        kinds[:, self._mode] = 1
        return {
            "controlnet_cond": list(super()._shown(seen).values()),
            "control_type": kinds,
            "control_type_idx": [self._mode],
        }


def _beside(net: Any, control: Guiding, machine: Machine) -> _Stand:
    kind = _UnionStand if isinstance(net, ControlNetUnionModel) else _Stand
    return kind(net, control, machine)


def _summed(answers: Sequence[Any]) -> dict[str, Any]:
    downs, middles = zip(*answers, strict=True)
    return {
        "down_block_additional_residuals": [sum(each) for each in zip(*downs, strict=True)],
        "mid_block_additional_residual": sum(middles),
    }


def _is_union(path: Path) -> bool:
    """By its weights, for configurations may say otherwise."""
    files = [path] if path.is_file() else path.glob("*.safetensors")
    return any(_KINDS in read_shapes(file) for file in files)


def _like(unet: Any, kind: Any, weights: Weights) -> dict[str, Any]:
    """The configuration of the ControlNet that is a copy of a UNet's way down."""
    names = inspect.signature(kind.__init__).parameters
    config = {name: unet.config[name] for name in names if name in unet.config}
    config["in_channels"] = _LATENTS
    if _KINDS in weights:
        config["num_control_type"] = len(weights[_KINDS])
    return config
