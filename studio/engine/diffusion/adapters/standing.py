"""ControlNets beside a denoiser while pictures are painted, and what several answer together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, ParamSpec, TypeAlias, TypeVar

import torch

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.guiding import Course, Guiding

Seen = ParamSpec("Seen")
Answer = TypeVar("Answer")

Place: TypeAlias = Callable[[int, int, int], int]
"""From a denoiser's block, the number of its blocks and that of a ControlNet's answers to the
answer that counts for the block."""


@dataclass(frozen=True)
class Standing(Generic[Seen, Answer]):
    """Those that guide one painting.

    Attributes:
        course: of the painting.
        asked: each with what it reads, from what the denoiser sees to the answer.
    """

    course: Course
    asked: Sequence[tuple[Guiding, Callable[Seen, Answer]]]

    def answers(
        self, timestep: torch.Tensor, *args: Seen.args, **kwargs: Seen.kwargs
    ) -> list[Answer]:
        """Of those that guide in the step of a timestep; perhaps none."""
        begun, ended = self.course.span(timestep)
        return [ask(*args, **kwargs) for control, ask in self.asked if control.guides(begun, ended)]


def summed(
    answers: Sequence[Sequence[torch.Tensor]], blocks: int, place: Place
) -> list[torch.Tensor]:
    """The sums answer by answer; of unlike numbers of answers, block by block.

    Args:
        answers: of one ControlNet each.
        blocks: of the denoiser.
        place: tells which answer counts for a block, the way that the denoiser itself does.
    """
    if len({len(answer) for answer in answers}) > 1:
        answers = [
            [answer[place(block, blocks, len(answer))] for block in range(blocks)]
            for answer in answers
        ]
    return [reduce(torch.add, each) for each in zip(*answers, strict=True)]


def in_turn(block: int, blocks: int, answers: int) -> int:
    """The `Place` of denoisers that count each answer for as many blocks, but for the last."""
    return block // math.ceil(blocks / answers)


def summed_by_block(answers: Iterable[Mapping[int, torch.Tensor]]) -> dict[int, torch.Tensor]:
    """The sums for each block that a ControlNet has an answer for."""
    sums: dict[int, torch.Tensor] = {}
    for answer in answers:
        for block, value in answer.items():
            sums[block] = sums[block] + value if block in sums else value
    return sums


def mode_of(control: Guiding, modes: Mapping[str, int], count: int) -> int:
    """The number by which a ControlNet of several kinds is told of what kind a picture is.

    Args:
        control: with the picture.
        modes: by the kinds' names.
        count: how many modes the ControlNet knows.

    Raises:
        ModelError: if nothing says of what kind it is, or it does not know that kind.
    """
    known = {kind: mode for kind, mode in modes.items() if mode < count}
    if control.kind not in known:
        *others, last = known
        listed = f"{', '.join(others)} or {last}" if others else last
        raise ModelError(
            f"{control.adapter.title} reads pictures of several kinds: say of which this one is, "
            f"{listed}."
        )
    return known[control.kind]
