from collections.abc import Iterator

import pytest
import torch

from studio.engine.diffusion.machine import (
    Machine,
    find_machine,
    is_out_of_memory,
    memory_held,
    noise,
    seeded,
)

CPU = Machine(torch.device("cpu"), torch.float32, "CPU")


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


def test_memory_that_cannot_be_had_is_told_from_other_mistakes() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(torch.OutOfMemoryError())
    assert not is_out_of_memory(RuntimeError("The size of tensor a must match"))


def test_noise_is_the_same_in_every_precision() -> None:
    half = Machine(CPU.device, torch.float16, "half")
    full = noise((1, 2, 3), seeded(5), CPU)
    assert torch.equal(full.half(), noise((1, 2, 3), seeded(5), half))


def test_a_processor_reports_the_memory_of_the_process() -> None:
    assert memory_held(CPU) > 10_000_000
