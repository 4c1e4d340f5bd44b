"""Room on the device that modules share, each of which waits in main memory until it is asked.

A module stays after its call for as long as nobody else needs the room, so that a denoiser is not
sent for at every step, nor what works beside it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from accelerate.utils import send_to_device
from torch import nn

OUTSIDE: Final = torch.device("cpu")


class Room:
    """Lets modules in, and has those leave that were not asked for the longest.

    Args:
        device: where they compute.
        spare: bytes that are to remain for what they compute with.
        free: bytes that the device can still give.
        release: gives memory that is only kept for later back to the device.
    """

    def __init__(
        self,
        device: torch.device,
        spare: int,
        free: Callable[[], int],
        release: Callable[[], None],
    ) -> None:
        self.device = device
        self._spare = spare
        self._free = free
        self._release = release
        self._inside: OrderedDict[int, nn.Module] = OrderedDict()

    @property
    def inside(self) -> tuple[nn.Module, ...]:
        """The modules that are on the device, those asked last at the end."""
        return tuple(self._inside.values())

    def add(self, module: nn.Module) -> None:
        """From now on the module comes in by itself when it is called."""
        module.to(OUTSIDE)
        add_hook_to_module(module, _Entrance(self))

    def remove(self, module: nn.Module) -> None:
        """Forgets a module that is not needed any more."""
        self._inside.pop(id(module), None)

    def enter(self, module: nn.Module) -> None:
        """Makes room for a module, and has it in."""
        if id(module) not in self._inside:
            wanted = _size(module) + self._spare
            while self._inside and self._free() < wanted:
                _, oldest = self._inside.popitem(last=False)
                oldest.to(OUTSIDE)
                self._release()
            module.to(self.device)
            self._inside[id(module)] = module
        self._inside.move_to_end(id(module))


class _Entrance(ModelHook):  # type: ignore[misc]
    """Brings a module in before its ``forward``, and for an autoencoder its two ways.

    ``execution_device`` is where diffusers looks for the device that its pipelines run on.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self.execution_device = room.device

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        """Has the module in, and what it is given with it."""
        self._room.enter(module)
        device = self.execution_device
        return send_to_device(args, device), send_to_device(kwargs, device)


def _size(module: nn.Module) -> int:
    return sum(p.numel() * p.element_size() for p in module.parameters())
