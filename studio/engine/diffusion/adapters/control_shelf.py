"""ControlNets from disk, of whatever family, and how many of them stay in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.guiding import Guiding
from studio.engine.diffusion.adapters.preprocessors import PREPROCESSORS
from studio.engine.diffusion.loading import loading
from studio.engine.diffusion.machine import Machine
from studio.engine.diffusion.placement import place_module
from studio.generation.catalog import AdapterInfo

KEPT: Final = 2
"""How many stay in memory where fewer are in use; those not used for the longest go first."""

_NAME: Final = "controlnet"
_WEIGHTS: Final = "diffusion_pytorch_model"

Load: TypeAlias = Callable[[AdapterInfo, Any, Machine], Any]
"""From an adapter, the denoiser that it is to guide and the machine to the ControlNet."""


class ControlShelf:
    """The ControlNets of one loaded model.

    Args:
        machine: on which they run, as their model does.
        load: reads one.
    """

    def __init__(self, machine: Machine, load: Load) -> None:
        self._machine = machine
        self._load = load
        self._nets: OrderedDict[str, Any] = OrderedDict()

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

    def _take(self, adapter: AdapterInfo, denoiser: Any) -> Any:
        if adapter.id not in self._nets:
            with loading(adapter):
                net = self._load(adapter, denoiser, self._machine).eval()
            self._nets[adapter.id] = place_module(_NAME, net, self._machine)
        self._nets.move_to_end(adapter.id)
        return self._nets[adapter.id]

    def _let_go(self, keep: set[str]) -> None:
        idle = [name for name in self._nets if name not in keep]
        for name in idle[: max(0, len(idle) - max(0, KEPT - len(keep)))]:
            net = self._nets.pop(name)
            if self._machine.room is not None:
                self._machine.room.remove(net)


def from_folder(kind: Any, adapter: AdapterInfo, machine: Machine) -> Any:
    """A ControlNet of a class of diffusers', from a folder in its format.

    Raises:
        Exception: many kinds where the folder holds no such one; see `loading`.
    """
    return kind.from_pretrained(
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


def several_in_one(adapter: AdapterInfo) -> ModelError:
    """Of one that has to be told what kind of picture it reads."""
    return ModelError(
        f"{adapter.title} is several ControlNets in one, which cannot be used here: choose "
        "one of them alone."
    )
