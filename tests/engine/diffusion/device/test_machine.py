import sys
from collections.abc import Iterator

import psutil  # type: ignore[import-untyped]
import pytest
import torch

from studio.engine.diffusion.device.machine import (
    Machine,
    best_precision,
    find_machine,
    free_unused,
    is_out_of_memory,
    memory_held,
    noise,
    seeded,
)
from tests.helpers.machines import CPU


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_cores_are_left_to_others_but_one_is_always_taken() -> None:
    torch.set_num_threads(4)
    find_machine(1)
    assert torch.get_num_threads() == 3
    find_machine(99)
    assert torch.get_num_threads() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give memory back by themselves")
def test_memory_between_what_is_still_used_goes_back_to_the_system() -> None:
    blocks = [bytes(1000) for _ in range(100_000)]
    del blocks[:-1]
    process = psutil.Process()
    before = process.memory_info().rss
    free_unused(CPU)
    assert before - process.memory_info().rss > 50_000_000
    assert len(blocks) == 1


def test_memory_that_cannot_be_had_is_told_from_other_mistakes() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("The size of tensor a must match"))
    assert not is_out_of_memory(FileNotFoundError(2, "No such file or directory"))


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError(
            "level_zero backend failed with error: 39 (UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)"
        ),
        OSError(12, "Cannot allocate memory"),
        MemoryError(),
    ],
)
def test_every_back_ends_words_for_it_are_understood(error: Exception) -> None:
    assert is_out_of_memory(error)


def test_half_precision_gives_way_to_one_of_the_same_size_and_then_to_full() -> None:
    machine: Machine | None = Machine(CPU.device, torch.float16, "half")
    passed = []
    while machine is not None:
        passed.append(machine.dtype)
        machine = machine.safer()
    assert passed == [torch.float16, torch.bfloat16, torch.float32]


def test_a_processor_computes_in_full_precision_and_in_main_memory() -> None:
    assert best_precision(CPU.device) is torch.float32
    budget = CPU.budget()
    assert budget.is_shared and 0 < budget.usable < budget.free == budget.main <= budget.total


def test_noise_is_the_same_in_every_precision() -> None:
    half = Machine(CPU.device, torch.float16, "half")
    full = noise((1, 2, 3), seeded(5), CPU)
    assert torch.equal(full.half(), noise((1, 2, 3), seeded(5), half))


def test_a_processor_reports_the_memory_of_the_process() -> None:
    assert memory_held(CPU) > 10_000_000


class Card:
    """What torch offers of a graphics card, as its modules for CUDA and XPU do."""

    emptied = 0

    def mem_get_info(self) -> tuple[int, int]:
        return 3_000, 10_000

    def memory_reserved(self) -> int:
        return 5_000

    def memory_allocated(self) -> int:
        return 4_000

    def empty_cache(self) -> None:
        self.emptied += 1


@pytest.mark.parametrize("kind", ["cuda", "xpu"])
def test_a_card_can_still_give_what_is_kept_for_later(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    card = Card()
    monkeypatch.setattr(torch, "get_device_module", lambda device: card)
    machine = Machine(torch.device(kind), torch.bfloat16, "card")
    budget = machine.budget()
    assert (budget.free, budget.total, budget.number_bytes) == (4_000, 10_000, 2)
    assert not budget.is_shared
    assert memory_held(machine) == 4_000
    free_unused(machine)
    assert card.emptied == 1


def test_apples_gpus_compute_in_main_memory() -> None:
    budget = Machine(torch.device("mps"), torch.float16, "Apple GPU").budget()
    assert budget.is_shared and budget.number_bytes == 2
