"""ControlNets beside a UNet: the shapes of a picture are followed while another one is painted.

L. Zhang, A. Rao and M. Agrawala, "Adding conditional control to text-to-image diffusion models",
2023. Each answers with what is added to the UNet's own features; of several, that is summed.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from diffusers import ControlNetModel
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
from diffusers.models.model_loading_utils import load_state_dict

from studio.engine.diffusion.adapters.control_shelf import (
    ControlShelf,
    from_folder,
    prepared,
    several_in_one,
    unfit,
)
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.families.unet import Guide, Told
from studio.engine.diffusion.machine import Machine
from studio.generation.catalog import AdapterInfo

_LATENTS: Final = 4
_UNION: Final = "ControlNetUnionModel"


class ControlNets:
    """Those of one loaded model.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.shelf: Final = ControlShelf(machine, _load)

    def guide(
        self, controls: Sequence[Guiding], unet: Any, timesteps: Sequence[float]
    ) -> Guide | None:
        """What is beside the UNet while a picture is painted; None where nothing is.

        Args:
            controls: pictures of the painting's extent.
            unet: that is guided.
            timesteps: of the scheduler.

        Raises:
            ModelError: if one cannot be read, or does not fit the UNet.
        """
        wanted = [control for control in controls if control.weight > 0]
        nets = self.shelf.take([control.adapter for control in wanted], unet)
        if not wanted:
            return None
        course = Course(timesteps)
        stands = [
            _Stand(net, control, self._machine) for net, control in zip(nets, wanted, strict=True)
        ]

        def residuals(seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Mapping[str, Any]:
            begun, ended = course.span(timestep)
            answers = [
                stand.answer(seen, timestep, told)
                for stand in stands
                if stand.control.guides(begun, ended)
            ]
            return _summed(answers) if answers else {}

        return residuals


class _Stand:
    """A ControlNet with the picture that it reads."""

    def __init__(self, net: Any, control: Guiding, machine: Machine) -> None:
        self._net = net
        self.control = control
        planes = torch.from_numpy(prepared(control).copy()).permute(2, 0, 1)[None]
        self._planes = planes.to(machine.device, machine.dtype) / 255

    def answer(self, seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Any:
        """What is added to the UNet's features: those on its way down, and the innermost."""
        return self._net(
            seen[:, :_LATENTS],
            timestep,
            encoder_hidden_states=told.embeds,
            controlnet_cond=self._planes.to(seen).expand(len(seen), -1, -1, -1),
            conditioning_scale=self.control.weight,
            added_cond_kwargs=dict(told.added) or None,
            return_dict=False,
        )


def _summed(answers: Sequence[Any]) -> dict[str, Any]:
    downs, middles = zip(*answers, strict=True)
    return {
        "down_block_additional_residuals": [sum(each) for each in zip(*downs, strict=True)],
        "mid_block_additional_residual": sum(middles),
    }


def _load(adapter: AdapterInfo, unet: Any, machine: Machine) -> Any:
    """The ControlNet of a folder in diffusers' format, or of one file."""
    net = _from_folder(adapter, machine) if adapter.path.is_dir() else _from_file(adapter, unet)
    if net.config.cross_attention_dim != unet.config.cross_attention_dim:
        raise unfit(adapter)
    return net.to(machine.dtype)


def _from_folder(adapter: AdapterInfo, machine: Machine) -> Any:
    if ControlNetModel.load_config(adapter.path).get("_class_name") == _UNION:
        raise several_in_one(adapter)
    return from_folder(ControlNetModel, adapter, machine)


def _from_file(adapter: AdapterInfo, unet: Any) -> Any:
    """Its shape is said by the file's neighbour ``config.json``; else it is the UNet's."""
    beside = adapter.path.parent / "config.json"
    config = ControlNetModel.load_config(beside) if beside.is_file() else _like(unet)
    with torch.device("meta"):
        net = ControlNetModel.from_config(config)
    weights = convert_controlnet_checkpoint(load_state_dict(str(adapter.path)), net.config)
    try:
        net.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise unfit(adapter, str(error)) from error
    return net


def _like(unet: Any) -> dict[str, Any]:
    """The configuration of the ControlNet that is a copy of a UNet's way down."""
    names = inspect.signature(ControlNetModel.__init__).parameters
    config = {name: unet.config[name] for name in names if name in unet.config}
    return {**config, "in_channels": _LATENTS}
