"""Work on files that takes a while: how far it is, how it is stopped, and how cores share it."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[float], None]
"""Called now and then with 0 to 1, in the thread that reads or writes.

It stops the work by raising `Cancelled`, which then reaches whoever began it; nothing half done is
left behind.
"""

_WORKERS = min(4, os.cpu_count() or 1)
_AHEAD = 2 * _WORKERS
"""How many results may wait to be taken, which bounds the memory that they need."""
_REPORT_SECONDS = 0.05


class Cancelled(Exception):
    """The person wants the work to be stopped."""


def unheeded(fraction: float) -> None:
    """A progress that nobody looks at."""


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """What a step of the work reports to, which itself counts from 0 to 1."""
    return lambda fraction: progress(start + (end - start) * fraction)


class Meter:
    """How much of some work on several threads is done.

    Args:
        total: of what there is to do, in any unit.
    """

    def __init__(self, total: int) -> None:
        self._total = max(1, total)
        self._done = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return min(1.0, self._done / self._total)

    def advance(self, amount: int) -> None:
        """Says that so much more is done; called by the threads.

        Raises:
            Cancelled: if the work was stopped.
        """
        if self._stopped.is_set():
            raise Cancelled
        with self._lock:
            self._done += amount

    def stop(self) -> None:
        """Makes the threads give up."""
        self._stopped.set()


def in_order(
    jobs: Iterable[Callable[[], T]], meter: Meter, progress: Progress = unheeded
) -> Generator[T, None, None]:
    """The results of jobs that run on several threads, in the jobs' own order.

    Args:
        jobs: call ``meter.advance`` as they go.

    Raises:
        Cancelled: if ``progress`` raises it.
    """
    waiting = iter(jobs)
    futures: deque[Future[T]] = deque()
    with ThreadPoolExecutor(_WORKERS, "sfumato-files") as pool:
        try:
            futures.extend(pool.submit(job) for job in islice(waiting, _AHEAD))
            while futures:
                future = futures.popleft()
                while not future.done():
                    progress(meter.fraction)
                    wait([future], _REPORT_SECONDS)
                yield future.result()
                futures.extend(pool.submit(job) for job in islice(waiting, 1))
            progress(meter.fraction)
        finally:
            meter.stop()
            pool.shutdown(wait=True, cancel_futures=True)
