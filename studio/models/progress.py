"""How far an installation is: bytes, speed, and the time that is left."""

from __future__ import annotations

import enum
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

_WINDOW_SECONDS: Final = 5.0
_REPORT_SECONDS: Final = 0.1


class Stage(enum.StrEnum):
    """What is being done, for people to read."""

    LISTING = "Asking the hub"
    CHECKING = "Checking files"
    FETCHING = "Downloading"
    COPYING = "Copying"
    FINISHING = "Putting in place"


@dataclass(frozen=True)
class Progress:
    """A report on the way.

    Attributes:
        done, total: bytes of the stage; a total of 0 is not known yet.
        speed: bytes a second lately; 0 where it cannot be told.
        seconds_left: None where it cannot be told.
        file: the one that was worked on last, relative to the model's folder.
        paused: whether it waits for the person.
        waiting: whether it waits for a hub that is busy or does not answer, to try again.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    speed: float = 0.0
    seconds_left: float | None = None
    file: str = ""
    paused: bool = False
    waiting: bool = False

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0


Report: TypeAlias = Callable[[Progress], None]
"""Called some ten times a second, in the thread that works."""


class Meter:
    """Counts bytes and reports them, with the speed of the last seconds.

    Args:
        report: gets the reports.
        clock: in seconds.
    """

    def __init__(self, report: Report, clock: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._clock = clock
        self._stage = Stage.LISTING
        self._done = self._total = 0
        self._said = float("-inf")
        self._moments: deque[tuple[float, int]] = deque()

    def begin(self, stage: Stage, total: int = 0, done: int = 0) -> None:
        """Starts a stage and says so; ``done`` bytes of it are there already."""
        self._stage, self._total, self._done = stage, total, done
        self._restart()
        self._say("")

    def add(self, count: int, file: str) -> None:
        """Counts bytes; a negative number takes back what has to be done again."""
        self._done += count
        now = self._clock()
        self._moments.append((now, self._done))
        while now - self._moments[0][0] > _WINDOW_SECONDS:
            self._moments.popleft()
        if now - self._said >= _REPORT_SECONDS:
            self._said = now
            self._say(file)

    def pause(self) -> None:
        """Says that nothing is done for now."""
        self._restart()
        self._say("", paused=True)

    def wait(self) -> None:
        """Says that it will be tried again in a while."""
        self._say("", waiting=True)

    def _restart(self) -> None:
        self._moments.clear()
        self._moments.append((self._clock(), self._done))

    def _say(self, file: str, *, paused: bool = False, waiting: bool = False) -> None:
        speed = self._speed()
        left = (self._total - self._done) / speed if speed > 0 and self._total else None
        done, total = self._done, self._total
        self._report(Progress(self._stage, done, total, speed, left, file, paused, waiting))

    def _speed(self) -> float:
        if len(self._moments) < 2:
            return 0.0
        (start, before), (end, after) = self._moments[0], self._moments[-1]
        return max(after - before, 0) / (end - start) if end > start else 0.0
