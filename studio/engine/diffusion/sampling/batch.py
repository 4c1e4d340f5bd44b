"""Candidates that are denoised together, and developed one by one.

A device that one picture does not fill, or that waits for weights at each step, makes several in
little more time. Each keeps the chance of its own seed, so that it is the picture that it would be
alone but for rounding: kernels sum in another order for another number of rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import torch

Painted: TypeAlias = tuple[torch.Tensor, torch.Generator]
"""A picture's latents at the end, ``(1, c, h, w)``, and what goes on deciding its chance."""


class Batch:
    """Pictures that differ by their seeds alone.

    Args:
        seeds: theirs, each once.

    Attributes:
        seeds: as given.
        seconds: what denoising them took; 0 until that is done.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.seeds = tuple(seeds)
        self.seconds = 0.0
        self._painted: dict[int, Painted] | None = None

    @property
    def is_painted(self) -> bool:
        """Whether all are denoised."""
        return self._painted is not None

    @property
    def share(self) -> float:
        """Of the seconds, for each picture."""
        return self.seconds / len(self.seeds)

    def take(self, seed: int, paint: Callable[[], Iterable[Painted]]) -> Painted:
        """What was painted for a seed, which is then forgotten.

        Args:
            seed: one of these, and asked for once.
            paint: paints all, in the order of their seeds; called for the first that is asked for.
        """
        if self._painted is None:
            begun = time.monotonic()
            self._painted = dict(zip(self.seeds, paint(), strict=True))
            self.seconds = time.monotonic() - begun
        return self._painted.pop(seed)
