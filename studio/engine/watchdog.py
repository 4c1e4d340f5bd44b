"""Tells a worker that hangs from one that is slow.

Nothing is measured here: whoever has the worker says what is heard and seen of it, and when, and
asks for a verdict. What counts is standstill. A worker whose processor time or disk traffic moves
is at work, however long it takes: it is not ended but where the person cancels. There is one
exception: while a graphics card computes, drivers wait for it by asking again and again, so that
processor time says little, and after very long nothing at all.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, NamedTuple

from studio.engine.protocol import Phase

_NAP: Final = 3.0
"""Ticks that count at most between two looks: more have passed where this very process slept."""

_SPINS: Final = 3.0
"""How many times as patient it is with a card that makes a processor wait."""

_STIR_SECONDS, _STIR_SHARE = 0.02, 0.002
_STIR_BYTES, _STIR_RATE = 65_536, 1024
"""What a worker does as a whole where its main thread does nothing: answering pings is less."""


@dataclass(frozen=True)
class Limits:
    """How long a worker may take, in seconds unless said otherwise.

    Attributes:
        tick: from one look to the next.
        start: standstill before it listens for the first time.
        loading: standstill while it starts or loads a model; drives that wake up take their time.
        step: standstill in anything else, as long as no speed is known.
        patience: and once it is: how many times the longest step.
        least: but never less than this.
        spinning: without progress or disk traffic where a graphics card computes, whatever the
            processor does; three times that where no step was measured, or as many times what
            `patience` gives where that is more.
        silent: standstill in which it does not even answer; not while it loads, for who waits for
            a disk may be unable to.
        stopped: how long the system may have stopped its process.
        cancel: from a cancellation to the end of the job; twice the longest step where that is
            more.
        cancel_most: but never more than this.
        slow: without progress, after which the person is told.
    """

    tick: float = 1.0
    start: float = 60.0
    loading: float = 300.0
    step: float = 300.0
    patience: float = 20.0
    least: float = 60.0
    spinning: float = 600.0
    silent: float = 60.0
    stopped: float = 20.0
    cancel: float = 5.0
    cancel_most: float = 15.0
    slow: float = 180.0


class Vitals(NamedTuple):
    """A process, seen from outside.

    Attributes:
        processor: seconds of processor time that it has used.
        traffic: bytes that it has read from disks and written to them.
        stopped: whether the system lets it run at all, as after SIGSTOP.
    """

    processor: float
    traffic: int
    stopped: bool = False


class Verdict(enum.Enum):
    """What is to be done about a worker; the values are what the person is told."""

    WELL = ""
    """Nothing."""
    SLOW = (
        "The engine has not come further for a while, but it is still at work: wait for it, or "
        "cancel."
    )
    """The person may want to know. Given once for each standstill of the progress."""
    STUBBORN = "The engine did not stop when it was asked to, and was ended."
    """It ignores a cancellation."""
    STOPPED = "The engine's process was stopped from outside and was ended: try again."
    """The system does not let it run."""
    SILENT = "The engine did not answer any more and was ended: try again."
    """Nothing moves, and nobody answers."""
    HUNG = (
        "The engine hung and was ended: try again; if it happens again, update the driver of the "
        "graphics card."
    )
    """It answers, but its work stands still, such as in a call to a driver that never returns."""

    @property
    def is_fatal(self) -> bool:
        """Whether the worker is to be ended."""
        return self not in (Verdict.WELL, Verdict.SLOW)


class Watchdog:
    """Watches one worker while somebody waits for it. Times are seconds of a steady clock."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._looked = now
        self._expecting = False
        self._phase: Phase | None = None
        self._longest = 0.0
        self._last: Vitals | None = None
        self._unchanged = 0.0
        self._still = 0.0
        self._spinning = 0.0
        self._on_processor = True
        self._silence: float | None = None
        self._stopped = 0.0
        self._cancelled: float | None = None
        self._told_slow = False

    @property
    def phase(self) -> Phase | None:
        """What the worker's job is at; None while it has none."""
        return self._phase

    @property
    def asks(self) -> bool:
        """Whether a ping is due: the last one is answered."""
        return self._expecting and self._silence is None

    def device(self, on_processor: bool) -> None:
        """Whether the worker computes on the processor itself, or on a card beside it."""
        self._on_processor = on_processor

    def expect(self, now: float) -> None:
        """Somebody waits for the worker from now on."""
        if not self._expecting:
            self._pass(now)
            self._expecting = True
            self._stir()
            self._forget_progress()

    def rest(self) -> None:
        """Nobody waits any more."""
        self._expecting, self._phase, self._cancelled = False, None, None

    def begin(self, now: float) -> None:
        """A job begins."""
        self._move(now)
        self._phase, self._cancelled, self._longest = Phase.STARTING, None, 0.0

    def progress(self, phase: Phase | None, now: float) -> None:
        """The worker has come further; None between two jobs."""
        self._pass(now)
        if phase is self._phase is Phase.DENOISING:
            self._longest = max(self._longest, self._unchanged)
        self._move(now)
        self._phase = phase

    def end(self, now: float) -> None:
        """The job has ended."""
        self._move(now)
        self._phase, self._cancelled = None, None

    def asked(self) -> None:
        """A ping is on its way."""
        self._silence = 0.0

    def answered(self) -> None:
        """It was answered."""
        self._silence = None

    def cancel(self, now: float) -> None:
        """The job is to end; a second time changes nothing."""
        self._pass(now)
        if self._cancelled is None:
            self._cancelled = 0.0

    def look(self, now: float, vitals: Vitals | None) -> Verdict:
        """Judges the worker.

        Args:
            now: the time.
            vitals: of the process; None where the system does not tell: then it is thought to
                move.
        """
        self._pass(now)
        self._compare(vitals)
        if not self._expecting:
            return Verdict.WELL
        if self._cancelled is not None and self._cancelled >= self._cancel_limit:
            return Verdict.STUBBORN
        if self._stopped >= self._limits.stopped:
            return Verdict.STOPPED
        if self._still >= self._limit:
            return Verdict.SILENT if self._is_silent else Verdict.HUNG
        if self._is_spinning:
            return Verdict.HUNG
        if self._is_slow and not self._told_slow:
            self._told_slow = True
            return Verdict.SLOW
        return Verdict.WELL

    @property
    def _is_loading(self) -> bool:
        """Whether disks have a say in how long it takes."""
        return self._phase in (None, Phase.STARTING, Phase.LOADING)

    @property
    def _is_silent(self) -> bool:
        """Whether it has not answered for long, nor done anything."""
        return min(self._still, self._silence or 0.0) >= self._limits.silent

    @property
    def _limit(self) -> float:
        """Standstill that is allowed now."""
        limits, known = self._limits, self._limits.patience * self._longest
        if self._is_loading:
            return limits.loading
        if self._is_silent:
            return limits.silent
        if self._phase is Phase.DENOISING and known:
            return max(limits.least, known)
        return max(limits.step, known)

    @property
    def _is_spinning(self) -> bool:
        """Whether a card has made it wait for too long."""
        if self._on_processor or self._is_loading:
            return False
        limit, known = self._limits.spinning, self._limits.patience * self._longest
        return self._spinning >= (max(limit, _SPINS * known) if known else _SPINS * limit)

    @property
    def _cancel_limit(self) -> float:
        limits = self._limits
        return min(max(limits.cancel, 2 * self._longest), limits.cancel_most)

    @property
    def _is_slow(self) -> bool:
        """Whether it has not come further for long, while it does something."""
        limits = self._limits
        late = self._unchanged >= max(limits.slow, limits.patience * self._longest)
        return late and self._still < limits.least

    def _pass(self, now: float) -> None:
        """Time has passed; little of it where nobody looked, because this computer slept."""
        seconds = min(now - self._looked, _NAP * self._limits.tick)
        self._looked = now
        self._unchanged += seconds
        self._still += seconds
        self._spinning += seconds
        if self._silence is not None:
            self._silence += seconds
        if self._cancelled is not None:
            self._cancelled += seconds
        if self._last is not None and self._last.stopped:
            self._stopped += seconds

    def _move(self, now: float) -> None:
        """It has come further, which is also a sign of life."""
        self._pass(now)
        self._stir()
        self._forget_progress()

    def _forget_progress(self) -> None:
        self._unchanged, self._spinning, self._told_slow = 0.0, 0.0, False

    def _stir(self) -> None:
        """It does something; whoever does can also be asked again."""
        self._still, self._silence, self._stopped = 0.0, None, 0.0

    def _compare(self, vitals: Vitals | None) -> None:
        """Sees whether the process has done anything since it last did."""
        before = self._last
        if vitals is None or before is None:
            self._still, self._last = 0.0, vitals
            return
        processor = vitals.processor - before.processor
        traffic = vitals.traffic - before.traffic
        computes = processor >= max(_STIR_SECONDS, _STIR_SHARE * self._still)
        reads = traffic >= max(_STIR_BYTES, _STIR_RATE * self._still)
        if reads:
            self._spinning = 0.0
        if computes or reads:
            self._still, self._last = 0.0, vitals
        else:
            self._last = before._replace(stopped=vitals.stopped)
        if not vitals.stopped:
            self._stopped = 0.0
