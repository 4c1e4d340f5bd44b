"""What there is to compute with: device, precision, threads, memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

import psutil  # type: ignore[import-untyped]
import torch

_NAMES = {"cpu": "CPU", "mps": "Apple GPU", "xpu": "Intel GPU"}


@dataclass(frozen=True)
class Machine:
    """Where models run.

    Attributes:
        device: as torch reports it: CUDA (also for ROCm), MPS, XPU, or the processor.
        dtype: the precision that works and is fast there.
        title: as the person knows it, such as ``NVIDIA RTX 4070``.
    """

    device: torch.device
    dtype: torch.dtype
    title: str

    @property
    def is_full_precision(self) -> bool:
        """Whether it computes in 32 bits."""
        return self.dtype is torch.float32

    def full_precision(self) -> Machine:
        """The same device with 32 bits."""
        return replace(self, dtype=torch.float32)


def find_machine(spare_cores: int) -> Machine:
    """The best device, and as many threads as are left when others have their cores."""
    torch.set_num_threads(max(1, torch.get_num_threads() - spare_cores))
    if not torch.accelerator.is_available():
        return Machine(torch.device("cpu"), torch.float32, _NAMES["cpu"])
    device = torch.accelerator.current_accelerator()
    assert device is not None
    return Machine(device, torch.float16, _title(device))


def memory_held(machine: Machine) -> int:
    """Bytes that this process holds on the device; on a processor, in all."""
    if machine.device.type == "cpu":
        return int(psutil.Process().memory_info().rss)
    return int(torch.accelerator.memory_allocated())


def free_unused(machine: Machine) -> None:
    """Gives memory that is only kept for later back to the device."""
    if machine.device.type != "cpu":
        torch.accelerator.empty_cache()


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch ran out of memory; on a processor it says so in words only."""
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)


def seeded(seed: int) -> torch.Generator:
    """Chance from a seed, the same on every device."""
    return torch.Generator(device="cpu").manual_seed(seed)


def noise(shape: tuple[int, ...], generator: torch.Generator, machine: Machine) -> torch.Tensor:
    """Normal noise, drawn in 32 bits whatever the model computes in."""
    drawn = torch.randn(shape, generator=generator, dtype=torch.float32)
    return drawn.to(machine.device, machine.dtype)


def _title(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _NAMES.get(device.type, device.type.upper())
