"""Devices that run out of memory at a place and time of the test's choosing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest
import torch

from studio.engine.diffusion.device.machine import Machine
from studio.generation.memory import GIB, Budget


def run_out(
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    method: str,
    calls: Collection[int],
    error: Callable[[], Exception] = torch.OutOfMemoryError,
) -> list[int]:
    """Has a method fail at some of its calls, which are counted from 1.

    Returns:
        Grows by the number of each call as it is made.
    """
    work, made = getattr(owner, method), list[int]()

    def wrapped(*values: Any, **named: Any) -> Any:
        made.append(len(made) + 1)
        if made[-1] in calls:
            raise error()
        return work(*values, **named)

    monkeypatch.setattr(owner, method, wrapped)
    return made


class SmallGpu(Machine):
    """A processor that passes for a GPU with memory of its own."""

    @property
    def is_shared(self) -> bool:
        return False

    def budget(self) -> Budget:
        return Budget(free=8 * GIB, total=8 * GIB, main=16 * GIB, is_shared=False)


def small_gpu(dtype: torch.dtype = torch.float32) -> SmallGpu:
    """A stand-in for a GPU: modules lie outside and come in by the real hooks, all on the CPU."""
    return SmallGpu(torch.device("cpu"), dtype, "GPU")
