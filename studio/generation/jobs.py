"""The life of a request: one job, its states, and the queue that jobs wait in."""

from __future__ import annotations

import bisect
import enum
import uuid
from collections.abc import Iterator
from typing import Final

import msgspec
from psygnal import Signal

from studio.core.errors import BugError
from studio.generation.request import Attachments, Request, Sampling

MANY: Final = 5
"""So many candidates are a batch: it takes minutes, and is left to itself meanwhile."""


class JobState(enum.Enum):
    """``QUEUED → RUNNING → FINISHED | FAILED | CANCELLED``; a queued job may be cancelled too."""

    QUEUED = "queued"
    """Waits for its turn."""
    RUNNING = "running"
    """The engine works on it."""
    FINISHED = "finished"
    """All its candidates exist."""
    FAILED = "failed"
    """It ended with an error, which the job carries."""
    CANCELLED = "cancelled"
    """The person stopped it."""

    @property
    def is_final(self) -> bool:
        """Whether no further change is possible."""
        return self in _FINAL


_FINAL = {JobState.FINISHED, JobState.FAILED, JobState.CANCELLED}
_LEGAL = {
    JobState.QUEUED: {JobState.RUNNING, JobState.CANCELLED, JobState.FAILED},
    JobState.RUNNING: _FINAL,
}


class Priority(enum.IntEnum):
    """Who waits for a job; what is smaller runs first."""

    PERSON = 0
    """Somebody waits for it."""
    BATCH = 1
    """It makes many pictures, so that what is asked for after it would wait for long."""


class ErrorReport(msgspec.Struct, frozen=True, kw_only=True):
    """An error as a value.

    Attributes:
        message: one sentence for the person.
        details: more for those who unfold it; the traceback where it is a bug.
        is_bug: whether the mistake is ours.
    """

    message: str
    details: str = ""
    is_bug: bool = False


class Job:
    """A request on its way through the engine, with the pictures that it starts from."""

    def __init__(self, request: Request, attachments: Attachments, job_id: str = "") -> None:
        missing = [digest for digest in request.needs if digest not in attachments]
        if missing:
            raise BugError(f"the request needs pictures that are not attached: {missing}")
        self.id = job_id or uuid.uuid4().hex
        self.request = request
        self.attachments = attachments
        self.priority = _priority_of(request)
        self.state = JobState.QUEUED
        self.error: ErrorReport | None = None

    def transition(self, state: JobState, error: ErrorReport | None = None) -> None:
        """Moves to a state.

        Raises:
            BugError: if the state cannot follow the present one, or a failure has no error.
        """
        if state not in _LEGAL.get(self.state, set()):
            raise BugError(f"a {self.state.value} job cannot become {state.value}")
        if (state is JobState.FAILED) != (error is not None):
            raise BugError("a failed job carries an error, and no other does")
        self.state = state
        self.error = error


def _priority_of(request: Request) -> Priority:
    is_batch = isinstance(request, Sampling) and request.count >= MANY
    return Priority.BATCH if is_batch else Priority.PERSON


class JobQueue:
    """Jobs in the order in which they run; at most one runs at a time, and it is never interrupted.

    Of two that wait, the one of higher priority runs first, else the one that came first. While
    the queue is paused none is started; the running one ends as it would have.

    Events:
        changed(Job): a job was added, or moved to another state or place.
        pausing(bool): the queue was paused, or goes on.
    """

    changed = Signal(Job)
    pausing = Signal(bool)

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._waiting: list[Job] = []
        self._is_paused = False

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def __len__(self) -> int:
        return len(self._jobs)

    def __getitem__(self, job_id: str) -> Job:
        return self._jobs[job_id]

    @property
    def running(self) -> Job | None:
        """The job that the engine works on."""
        return next((job for job in self if job.state is JobState.RUNNING), None)

    @property
    def waiting(self) -> list[Job]:
        """The jobs still to come, next one first."""
        return list(self._waiting)

    @property
    def is_active(self) -> bool:
        """Whether a job runs, or will by itself."""
        return self.running is not None or bool(self._waiting and not self._is_paused)

    @property
    def is_paused(self) -> bool:
        """Whether no job is started for the time being."""
        return self._is_paused

    def pause(self, paused: bool) -> None:
        """Starts no job from now on, or goes on."""
        if paused != self._is_paused:
            self._is_paused = paused
            self.pausing.emit(paused)

    def add(self, job: Job, *, first: bool = False) -> None:
        """Puts a job behind those of its priority.

        Args:
            job: has to be queued.
            first: it goes before all others instead, as the next part of what has begun.
        """
        self._jobs[job.id] = job
        place = bisect.bisect_right(self._waiting, job.priority, key=lambda each: each.priority)
        self._waiting.insert(place, job)
        if first:
            self._lift(job)
        self.changed.emit(job)

    def put_first(self, job_id: str) -> None:
        """Has a job run before all others that wait; does nothing if it does not wait."""
        job = self._jobs.get(job_id)
        if job is not None and job.state is JobState.QUEUED:
            self._lift(job)
            self.changed.emit(job)

    def start_next(self) -> Job | None:
        """Sets the next waiting job running; None while one runs, none waits, or all is paused."""
        if self._is_paused or self.running is not None or not self._waiting:
            return None
        job = self._waiting[0]
        self.transition(job.id, JobState.RUNNING)
        return job

    def transition(self, job_id: str, state: JobState, error: ErrorReport | None = None) -> None:
        """Moves a job to a state and forgets it, after telling, once that is final."""
        job = self._jobs[job_id]
        job.transition(state, error)
        if job in self._waiting:
            self._waiting.remove(job)
        if state.is_final:
            del self._jobs[job_id]
        self.changed.emit(job)

    def _lift(self, job: Job) -> None:
        """Puts a job before all others, also those still to be added."""
        self._waiting.remove(job)
        self._waiting.insert(0, job)
        job.priority = Priority.PERSON
