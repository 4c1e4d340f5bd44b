"""Guidance: what a denoiser is asked twice for, and how one answer is made of two.

J. Ho and T. Salimans, "Classifier-free diffusion guidance", 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar

import torch

Words = TypeVar("Words")
"""A prompt as a denoiser is told it."""

Rescale: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From a guided answer and the one to what is wanted to the one that counts."""

_LEAST: Final = 1e-8
"""What keeps a division from being one by nothing."""


def guided(answers: torch.Tensor, guidance: float) -> torch.Tensor:
    """Classifier-free guidance of answers that stand in one batch.

    Args:
        answers: to what is not wanted and to what is, ``(2n, ...)``.
        guidance: 1 is the second alone, more goes beyond it.
    """
    negative, positive = answers.chunk(2)
    return negative + guidance * (positive - negative)


def contrasted(
    ask: Callable[[str, Words], torch.Tensor],
    wanted: Words,
    unwanted: Words | None,
    guidance: float,
    rescale: Rescale | None = None,
) -> torch.Tensor:
    """Classifier-free guidance of a denoiser that is asked about one prompt at a time.

    Args:
        ask: takes a name for what stays from step to step, ``cond`` or ``uncond``, and a prompt.
        wanted, unwanted: prompts; without the second there is no guidance.
        guidance: as for `guided`.
        rescale: what is made of the guided answer, such as `as_large`.
    """
    answer = ask("cond", wanted)
    if unwanted is None:
        return answer
    other = ask("uncond", unwanted)
    combined = other + guidance * (answer - other)
    return combined if rescale is None else rescale(combined, answer)


def as_large(combined: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Each vector along the last axis of the first, made as large as the second's."""
    size, its_size = _lengths(wanted, combined)
    return combined * (size / its_size)


def as_large_at_most(combined: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Each vector along the last axis of the first, made no larger than the second's."""
    allowed, size = _lengths(wanted, combined)
    return combined * (allowed / (size + _LEAST)).clamp(max=1)


def spread(told: torch.Tensor, rows: int) -> torch.Tensor:
    """What is told of few pictures, for a batch of so many rows: each is told to those in turn.

    >>> spread(torch.tensor([[1], [2]]), 4).flatten()
    tensor([1, 1, 2, 2])
    """
    if len(told) == rows:
        return told
    repeated: torch.Tensor = told.repeat_interleave(rows // len(told), dim=0)
    return repeated


def _lengths(*answers: torch.Tensor) -> list[torch.Tensor]:
    """Of the vectors along the last axis."""
    return [torch.linalg.vector_norm(each, dim=-1, keepdim=True) for each in answers]
