"""ControlNets beside a UNet: the shapes of a picture are followed while another one is painted.

L. Zhang, A. Rao and M. Agrawala, "Adding conditional control to text-to-image diffusion models",
2023. Each answers with what is added to the UNet's own features; of several, that is summed.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import ControlNetModel
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
from diffusers.models.model_loading_utils import load_state_dict

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.adapters.preprocessors import PREPROCESSORS
from studio.engine.diffusion.families.unet import Guide, Told
from studio.engine.diffusion.loading import loading
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.placement import place_module
from studio.generation.catalog import AdapterInfo

KEPT: Final = 2
"""How many stay in memory where fewer are in use; those not used for the longest go first."""

_NAME: Final = "controlnet"
_WEIGHTS: Final = "diffusion_pytorch_model"
_LATENTS: Final = 4
_UNION: Final = "ControlNetUnionModel"


class ControlNets:
    """Those of one loaded model.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._nets: OrderedDict[str, Any] = OrderedDict()

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
        self._let_go(keep={control.adapter.id for control in wanted})
        if not wanted:
            return None
        course = Course(timesteps)
        stands = [_Stand(self._take(each.adapter, unet), each, self._machine) for each in wanted]

        def residuals(seen: torch.Tensor, timestep: torch.Tensor, told: Told) -> Mapping[str, Any]:
            begun, ended = course.span(timestep)
            answers = [
                stand.answer(seen, timestep, told)
                for stand in stands
                if stand.control.guides(begun, ended)
            ]
            return _summed(answers) if answers else {}

        return residuals

    def _take(self, adapter: AdapterInfo, unet: Any) -> Any:
        if adapter.id not in self._nets:
            net = _load(adapter, unet, self._machine)
            self._nets[adapter.id] = place_module(_NAME, net, self._machine)
        self._nets.move_to_end(adapter.id)
        return self._nets[adapter.id]

    def _let_go(self, keep: set[str]) -> None:
        idle = [name for name in self._nets if name not in keep]
        for name in idle[: max(0, len(idle) - max(0, KEPT - len(keep)))]:
            net = self._nets.pop(name)
            if self._machine.room is not None:
                self._machine.room.remove(net)


class _Stand:
    """A ControlNet with the picture that it reads."""

    def __init__(self, net: Any, control: Guiding, machine: Machine) -> None:
        self._net = net
        self.control = control
        planes = torch.from_numpy(_prepared(control).copy()).permute(2, 0, 1)[None]
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


def _prepared(control: Guiding) -> Pixels:
    """What the ControlNet reads; a picture that nothing here makes is taken to be it already."""
    prepare = PREPROCESSORS.get(control.preprocessor)
    return control.pixels if prepare is None else prepare(control.pixels)


def _summed(answers: Sequence[Any]) -> dict[str, Any]:
    downs, middles = zip(*answers, strict=True)
    return {
        "down_block_additional_residuals": [sum(each) for each in zip(*downs, strict=True)],
        "mid_block_additional_residual": sum(middles),
    }


def _load(adapter: AdapterInfo, unet: Any, machine: Machine) -> Any:
    """The ControlNet of a folder in diffusers' format, or of one file."""
    with loading(adapter):
        found = _from_folder if adapter.path.is_dir() else _from_file
        net = found(adapter, unet, machine)
    if net.config.cross_attention_dim != unet.config.cross_attention_dim:
        raise _unfit(adapter)
    return net.eval()


def _from_folder(adapter: AdapterInfo, unet: Any, machine: Machine) -> Any:
    if ControlNetModel.load_config(adapter.path).get("_class_name") == _UNION:
        raise ModelError(
            f"{adapter.title} is several ControlNets in one, which cannot be used here: choose "
            "one of them alone."
        )
    return ControlNetModel.from_pretrained(
        adapter.path,
        dtype=machine.dtype,
        use_safetensors=True,
        local_files_only=True,
        variant=_variant_in(adapter.path),
    )


def _variant_in(folder: Path) -> str | None:
    """Such as ``fp16``, where the folder's weights are named so and there are no others."""
    if (folder / f"{_WEIGHTS}.safetensors").is_file():
        return None
    found = sorted(folder.glob(f"{_WEIGHTS}.*.safetensors"))
    return found[0].name.split(".")[1] if found else None


def _from_file(adapter: AdapterInfo, unet: Any, machine: Machine) -> Any:
    """Its shape is said by the file's neighbour ``config.json``; else it is the UNet's."""
    beside = adapter.path.parent / "config.json"
    config = ControlNetModel.load_config(beside) if beside.is_file() else _like(unet)
    with torch.device("meta"):
        net = ControlNetModel.from_config(config)
    weights = convert_controlnet_checkpoint(load_state_dict(str(adapter.path)), net.config)
    try:
        net.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise _unfit(adapter, str(error)) from error
    return net.to(machine.dtype)


def _like(unet: Any) -> dict[str, Any]:
    """The configuration of the ControlNet that is a copy of a UNet's way down."""
    names = inspect.signature(ControlNetModel.__init__).parameters
    config = {name: unet.config[name] for name in names if name in unet.config}
    return {**config, "in_channels": _LATENTS}


def _unfit(adapter: AdapterInfo, details: str = "") -> ModelError:
    return ModelError(
        f"{adapter.title} does not fit this model: it is damaged, or made for another version.",
        details=details,
    )
