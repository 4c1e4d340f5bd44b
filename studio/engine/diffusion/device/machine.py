"""What there is to compute with: device, precision, threads, memory."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import psutil  # type: ignore[import-untyped]
import torch

from studio.engine.tuning import Tuning
from studio.generation.memory import Budget, MemoryPlan, Rung

if TYPE_CHECKING:
    from studio.engine.diffusion.device.room import Room

_NAMES = {"cpu": "CPU", "mps": "Apple GPU", "xpu": "Intel GPU"}

_SHARED: Final = ("cpu", "mps")
"""Devices that compute in main memory."""

_OUT_OF_MEMORY: Final = (
    "DefaultCPUAllocator",
    "Cannot allocate memory",
    "MPS backend out of memory",
    "CUDA error: out of memory",
    "HIP error: out of memory",
    "_STATUS_ALLOC_FAILED",
    "UR_RESULT_ERROR_OUT_OF_",
)
"""What back ends say in a plain RuntimeError."""


@dataclass(frozen=True)
class Machine:
    """Where models run.

    Attributes:
        device: as torch reports it: CUDA (also for ROCm), MPS, XPU, or the processor.
        dtype: the precision that works and is fast there.
        title: as the person knows it, such as ``NVIDIA RTX 4070``.
        rung: how models are fitted into its memory.
        together: how many candidates are denoised at a time at most.
        room: on the device, which modules share that wait outside.
        tuning: what the person wants otherwise.
    """

    device: torch.device
    dtype: torch.dtype
    title: str
    rung: Rung = Rung.FULL
    together: int = 1
    room: Room | None = field(default=None, compare=False)
    tuning: Tuning = Tuning()

    @property
    def is_full_precision(self) -> bool:
        """Whether it computes in 32 bits."""
        return self.dtype is torch.float32

    @property
    def is_shared(self) -> bool:
        """Whether the device computes in main memory."""
        return self.device.type in _SHARED

    def follows(self, plan: MemoryPlan) -> bool:
        """Whether models run here as a plan says."""
        return self.rung is plan.rung and self.together == plan.together

    def safer(self) -> Machine | None:
        """The same with the next precision in which numbers do not run over; None after 32 bits.

        bfloat16 has the range of 32 bits and half's size; where it does not work, 32 bits follow.
        """
        for dtype in _safer_than(self.dtype):
            if _computes(self.device, dtype):
                return replace(self, dtype=dtype)
        return None

    def budget(self) -> Budget:
        """The memory that there is now."""
        main, number = psutil.virtual_memory(), self.dtype.itemsize
        if self.is_shared:
            return Budget(main.available, main.total, main.available, True, number)
        backend = torch.get_device_module(self.device)
        free, total = backend.mem_get_info()
        kept = backend.memory_reserved() - backend.memory_allocated()
        return Budget(free + kept, total, main.available, False, number)


def find_machine(spare_cores: int) -> Machine:
    """The best device, and as many threads as are left when others have their cores."""
    torch.set_num_threads(max(1, torch.get_num_threads() - spare_cores))
    if not torch.accelerator.is_available():
        return Machine(torch.device("cpu"), torch.float32, _NAMES["cpu"])
    device = torch.accelerator.current_accelerator()
    assert device is not None
    return Machine(device, best_precision(device), _title(device))


def best_precision(device: torch.device) -> torch.dtype:
    """The fastest precision that works on a device.

    That is bfloat16 where the hardware has it, for it has the range of 32 bits; half on older
    GPUs; and 32 bits on a processor, where others are emulated or no faster.
    """
    if device.type == "cpu":
        return torch.float32
    has_bfloat16 = device.type != "cuda" or torch.cuda.is_bf16_supported(False)
    for dtype in (torch.bfloat16, torch.float16) if has_bfloat16 else (torch.float16,):
        if _computes(device, dtype):
            return dtype
    return torch.float32


def memory_held(machine: Machine) -> int:
    """Bytes that this process holds on the device; on a processor, in all."""
    if machine.device.type == "cpu":
        return int(psutil.Process().memory_info().rss)
    if machine.device.type == "mps":
        return int(torch.mps.current_allocated_memory())
    return int(torch.get_device_module(machine.device).memory_allocated())


def free_unused(machine: Machine) -> None:
    """Gives memory that is only kept for later back to the device, or to the system."""
    if machine.device.type != "cpu":
        torch.get_device_module(machine.device).empty_cache()
    elif sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)  # else the GNU library keeps what lies between other things


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out; some devices say so in words only."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, (RuntimeError, OSError)) and any(
        words in str(error) for words in _OUT_OF_MEMORY
    )


def seeded(seed: int) -> torch.Generator:
    """Chance from a seed, the same on every device."""
    return torch.Generator(device="cpu").manual_seed(seed)


def noise(shape: tuple[int, ...], generator: torch.Generator, machine: Machine) -> torch.Tensor:
    """Normal noise, drawn in 32 bits whatever the model computes in."""
    drawn = torch.randn(shape, generator=generator, dtype=torch.float32)
    return drawn.to(machine.device, machine.dtype)


def _safer_than(dtype: torch.dtype) -> Iterator[torch.dtype]:
    if dtype is torch.float16:
        yield torch.bfloat16
    if dtype is not torch.float32:
        yield torch.float32


def _computes(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether a product of matrices comes out right."""
    try:
        ones = torch.ones(8, 8, device=device, dtype=dtype)
        return bool(((ones @ ones) == 8).all())
    except (RuntimeError, TypeError):
        return False


def _title(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _NAMES.get(device.type, device.type.upper())
