"""ControlNets from disk, of whatever family, and how many of them stay in memory."""

from __future__ import annotations

import abc
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch
from accelerate import init_empty_weights
from diffusers.models.model_loading_utils import load_state_dict

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.adapters.preprocessors import PREPROCESSORS
from studio.engine.diffusion.adapters.standing import Answer, Seen, Standing
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.placement import place_module
from studio.engine.diffusion.loading.pipelines import loading
from studio.generation.catalog import AdapterInfo

KEPT: Final = 2
"""How many stay in memory where fewer are in use; those not used for the longest go first."""

_NAME: Final = "controlnet"
_WEIGHTS: Final = "diffusion_pytorch_model"

Weights: TypeAlias = Mapping[str, torch.Tensor]
"""Tensors of a file by their names."""


class ControlShelf(abc.ABC):
    """The ControlNets of one loaded model.

    Args:
        machine: on which they run, as their model does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._nets: OrderedDict[str, Any] = OrderedDict()

    @abc.abstractmethod
    def _load(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        """Reads one that is to guide a denoiser.

        Raises:
            ModelError: if it does not fit.
            Exception: many kinds where there is no such one; see `loading`.
        """

    @property
    def kept(self) -> list[str]:
        """The ids of those in memory, the one used last at the end."""
        return list(self._nets)

    def take(self, adapters: Sequence[AdapterInfo], denoiser: Any) -> list[Any]:
        """These, where the machine's rung wants them; most of the others are let go first.

        Raises:
            ModelError: if one cannot be read, or does not fit the denoiser.
        """
        self._let_go(keep={adapter.id for adapter in adapters})
        return [self._take(adapter, denoiser) for adapter in adapters]

    def _stand(
        self,
        controls: Sequence[Guiding],
        denoiser: Any,
        timesteps: Sequence[float],
        beside: Callable[[Any, Guiding], Callable[Seen, Answer]],
    ) -> Standing[Seen, Answer] | None:
        """Those that guide a painting; None where none does.

        Args:
            controls: pictures of the painting's extent; those without weight do not count.
            denoiser: that is guided.
            timesteps: of the scheduler.
            beside: from a ControlNet and its picture to how it is asked.

        Raises:
            ModelError: as `take`.
        """
        wanted = [control for control in controls if control.weight > 0]
        nets = self.take([control.adapter for control in wanted], denoiser)
        if not wanted:
            return None
        asked = [(control, beside(net, control)) for net, control in zip(nets, wanted, strict=True)]
        return Standing(Course(timesteps), asked)

    def _take(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        if adapter.id not in self._nets:
            with loading(adapter):
                net = self._load(adapter, denoiser).to(self._machine.dtype).eval()
            self._nets[adapter.id] = place_module(_NAME, net, self._machine)
        self._nets.move_to_end(adapter.id)
        return self._nets[adapter.id]

    def _let_go(self, keep: set[str]) -> None:
        idle = [name for name in self._nets if name not in keep]
        for name in idle[: max(0, len(idle) - max(0, KEPT - len(keep)))]:
            net = self._nets.pop(name)
            if self._machine.room is not None:
                self._machine.room.remove(net)


def read_net(
    kind: Any,
    adapter: AdapterInfo,
    machine: Machine,
    like: Callable[[Weights], dict[str, Any]] | None = None,
    convert: Callable[[Any, Any], Any] = lambda weights, config: weights,
) -> Any:
    """A ControlNet of a class of diffusers', from a folder in its format or from one file.

    The shape of a file's is said by its neighbour ``config.json``, else by its weights.

    Args:
        kind: the class.
        adapter: whose folder or file it is.
        machine: has the precision.
        like: makes the configuration of a ControlNet with these weights; without it, a file does
            not say all of how it is to be asked.
        convert: brings weights with others' names into diffusers' form, by the configuration.

    Raises:
        ModelError: if a file does not say enough, or lacks layers, or has others.
        Exception: many kinds where there is no such one; see `loading`.
    """
    if adapter.path.is_dir():
        return kind.from_pretrained(
            adapter.path,
            dtype=machine.dtype,
            use_safetensors=True,
            local_files_only=True,
            variant=_variant_in(adapter.path),
        )
    if like is None:
        raise ModelError(
            f"{adapter.title} is one file, which does not say how it reads pictures: import the "
            "folder in which its config.json is."
        )
    weights = load_state_dict(str(adapter.path))
    beside = adapter.path.parent / "config.json"
    config = kind.load_config(beside) if beside.is_file() else like(weights)
    with init_empty_weights():  # what is no weight is computed, such as where tokens lie
        net = kind.from_config(config)
    try:
        net.load_state_dict(convert(weights, net.config), assign=True)
    except RuntimeError as error:
        raise unfit(adapter, str(error)) from error
    return net


def _variant_in(folder: Path) -> str | None:
    """Such as ``fp16``, where the folder's weights are named so and there are no others."""
    if (folder / f"{_WEIGHTS}.safetensors").is_file():
        return None
    found = sorted(folder.glob(f"{_WEIGHTS}.*.safetensors"))
    return found[0].name.split(".")[1] if found else None


def prepared(control: Guiding) -> Pixels:
    """What the ControlNet reads; a picture that nothing here makes is taken to be it already."""
    prepare = PREPROCESSORS.get(control.preprocessor)
    return control.pixels if prepare is None else prepare(control.pixels)


def unfit(adapter: AdapterInfo, details: str = "") -> ModelError:
    """Of one that is for another model, or lacks layers."""
    return ModelError(
        f"{adapter.title} does not fit this model: it is damaged, or made for another version.",
        details=details,
    )


def sees_a_mask(adapter: AdapterInfo) -> ModelError:
    """Of one that repaints, and is shown where."""
    return ModelError(
        f"{adapter.title} sees a mask beside its picture, which cannot be shown here: choose "
        "another ControlNet."
    )
