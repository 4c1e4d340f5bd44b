"""How far a job has come, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_LEAST_UNITS: Final = 2.0


class Meter:
    """Measures work in units that take about the same time each, such as denoising steps.

    Loading a model is not counted: it happens once, and would spoil the estimate.
    """

    def __init__(self, units: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._units = max(units, 1e-6)
        self._clock = clock
        self._done = 0.0
        self._begun: float | None = None
        self._before = 0.0

    def begin(self) -> None:
        """The clock starts with the first unit of work; what was done before is not measured."""
        if self._begun is None:
            self._begun = self._clock()
            self._before = self._done

    def advance(self, units: float = 1.0) -> None:
        """So much more is done."""
        self.begin()
        self._done = min(self._units, self._done + units)

    def reach(self, fraction: float) -> None:
        """At least this share is done, such as when a part took less than was planned."""
        self._done = max(self._done, min(1.0, fraction) * self._units)

    @property
    def fraction(self) -> float:
        """Share of the work that is done, 0 to 1; it never falls."""
        return self._done / self._units

    @property
    def seconds_left(self) -> float | None:
        """By the mean speed so far; None until that means something."""
        measured = self._done - self._before
        if self._begun is None or measured < _LEAST_UNITS:
            return None
        return (self._clock() - self._begun) / measured * (self._units - self._done)
