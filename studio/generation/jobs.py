"""The life of a request: one job, its states, and the queue that jobs wait in."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterator

import msgspec
from psygnal import Signal

from studio.core.errors import BugError
from studio.generation.request import Attachments, Request


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


class JobQueue:
    """Jobs in the order in which they run; at most one runs at a time.

    Events:
        changed(Job): a job was added or moved to another state.
    """

    changed = Signal(Job)

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

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
        return [job for job in self if job.state is JobState.QUEUED]

    def add(self, job: Job) -> None:
        """Puts a job at the end."""
        self._jobs[job.id] = job
        self.changed.emit(job)

    def start_next(self) -> Job | None:
        """Sets the next waiting job running; None while one runs or none waits."""
        waiting = self.waiting
        if self.running is not None or not waiting:
            return None
        self.transition(waiting[0].id, JobState.RUNNING)
        return waiting[0]

    def transition(self, job_id: str, state: JobState, error: ErrorReport | None = None) -> None:
        """Moves a job to a state and forgets it, after telling, once that is final."""
        job = self._jobs[job_id]
        job.transition(state, error)
        if state.is_final:
            del self._jobs[job_id]
        self.changed.emit(job)
