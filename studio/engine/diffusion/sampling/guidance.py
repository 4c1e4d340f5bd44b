"""Guidance: what a denoiser is asked twice for, and how one answer is made of two.

J. Ho and T. Salimans, "Classifier-free diffusion guidance", 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

Words = TypeVar("Words")
"""A prompt as a denoiser is told it."""


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
    *,
    as_large: bool = False,
) -> torch.Tensor:
    """Classifier-free guidance of a denoiser that is asked about one prompt at a time.

    Args:
        ask: takes a name for what stays from step to step, ``cond`` or ``uncond``, and a prompt.
        wanted, unwanted: prompts; without the second there is no guidance.
        guidance: as for `guided`.
        as_large: whether vectors along the last axis stay as large as without guidance.
    """
    answer = ask("cond", wanted)
    if unwanted is None:
        return answer
    other = ask("uncond", unwanted)
    combined = other + guidance * (answer - other)
    if not as_large:
        return combined
    size, its_size = (
        torch.linalg.vector_norm(each, dim=-1, keepdim=True) for each in (answer, combined)
    )
    resized: torch.Tensor = combined * (size / its_size)
    return resized


def spread(told: torch.Tensor, rows: int) -> torch.Tensor:
    """What is told of few pictures, for a batch of so many rows: each is told to those in turn.

    >>> spread(torch.tensor([[1], [2]]), 4).flatten()
    tensor([1, 1, 2, 2])
    """
    if len(told) == rows:
        return told
    repeated: torch.Tensor = told.repeat_interleave(rows // len(told), dim=0)
    return repeated
