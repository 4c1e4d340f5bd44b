"""Where a running job reports: its events go out here, and here it learns that it is to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Final

from studio.core.picture import Picture
from studio.engine.progress import Meter
from studio.engine.protocol import EngineEvent, Note, Phase, Progress

_PREVIEW_SECONDS: Final = 0.15
_LOADING_SECONDS: Final = 0.1


class JobStopped(Exception):
    """Raised inside a job that the person has cancelled, from the nearest step."""


class Desk:
    """The reports of one job.

    Args:
        job_id: the job's.
        send: takes each event.
        is_cancelled: asked before every step.
        clock: seconds.
    """

    def __init__(
        self,
        job_id: str,
        send: Callable[[EngineEvent], None],
        is_cancelled: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.job_id = job_id
        self.send = send
        self._is_cancelled = is_cancelled
        self._clock = clock
        self._meter = Meter(1.0, clock)
        self._candidate = 0
        self._previewed = clock()
        self._loaded = -math.inf
        self._notes: set[str] = set()

    def check(self) -> None:
        """Raises JobStopped if the job is to end."""
        if self._is_cancelled():
            raise JobStopped

    def plan(self, units: float) -> None:
        """How much work is to be done, in denoising steps or what takes as long.

        Planned anew, the job does not fall behind the share that was done.
        """
        done = self._meter.fraction
        self._meter = Meter(units, self._clock)
        self._meter.reach(done)

    def candidate(self, index: int) -> None:
        """Which candidate the following reports are about; the first of those made together."""
        self._candidate = index

    def reach(self, fraction: float) -> None:
        """At least this share of the job is done."""
        self._meter.reach(fraction)

    def note(self, message: str) -> None:
        """Tells a sentence that the person should read, once however often it is said."""
        if message not in self._notes:
            self._notes.add(message)
            self.send(Note(job_id=self.job_id, message=message))

    def phase(self, phase: Phase) -> None:
        """Something else begins.

        Raises:
            JobStopped: if the job is to end.
        """
        self.check()
        if phase not in (Phase.STARTING, Phase.LOADING):
            self._meter.begin()
        self._report(phase)

    def loading(self, done: int, total: int) -> None:
        """So many bytes of a model's weights are read; may be called as often as one likes.

        It does not end a job that is to end: whoever waits next may want the model.

        Args:
            done: bytes read so far, of all parts together.
            total: bytes that there are; 0 where nobody can say.
        """
        now = self._clock()
        if now - self._loaded >= _LOADING_SECONDS or done >= total:
            self._loaded = now
            self._report(Phase.LOADING, min(done, total), total)

    def step(
        self,
        phase: Phase,
        step: int,
        total: int,
        *,
        units: float = 1.0,
        previews: Sequence[Callable[[], Picture]] = (),
    ) -> None:
        """A step is done, the ``step``-th of ``total``.

        Args:
            phase, step, total: as in `Progress`.
            units: how much of the planned work it was.
            previews: makes one of the candidate, and of those after it that are made together
                with it; called only when the last ones are some time ago.

        Raises:
            JobStopped: if the job is to end.
        """
        self.check()
        self._meter.advance(units)
        if not (previews and self._is_preview_due()):
            self._report(phase, step, total)
            return
        for place, preview in enumerate(previews):
            self._report(phase, step, total, preview(), place)

    def _is_preview_due(self) -> bool:
        now = self._clock()
        if now - self._previewed < _PREVIEW_SECONDS:
            return False
        self._previewed = now
        return True

    def _report(
        self,
        phase: Phase,
        step: int = 0,
        total: int = 0,
        preview: Picture | None = None,
        place: int = 0,
    ) -> None:
        self.send(
            Progress(
                job_id=self.job_id,
                phase=phase,
                step=step,
                total=total,
                candidate=self._candidate + place,
                preview=preview,
                fraction=self._meter.fraction,
                seconds_left=self._meter.seconds_left,
            )
        )
