"""What every table of figures needs: the time that something takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

ROUNDS = 30


def milliseconds(action: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def in_turns(*actions: Callable[[], object]) -> tuple[float, ...]:
    """The median milliseconds of processor time of each, measured in turns.

    What else the machine does then slows all of them, and waiting for it counts for none.
    """
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(ROUNDS):
        for action, taken in zip(actions, times, strict=True):
            start = time.process_time()
            action()
            taken.append((time.process_time() - start) * 1000)
    return tuple(statistics.median(taken) for taken in times)
