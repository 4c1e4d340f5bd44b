"""The engine as the window knows it: a thread that drives it, and a queue of jobs."""

from __future__ import annotations

import enum
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import msgspec
from PySide6.QtCore import QObject, QThread, Signal, Slot
from PySide6.QtGui import QImage

from studio.core.errors import KnownError
from studio.engine.protocol import (
    LAST_EVENTS,
    Cancelled,
    Candidate,
    Engine,
    EngineEvent,
    EngineStatus,
    Failed,
    Finished,
    Note,
    Phase,
    Progress,
    Scored,
)
from studio.gallery.entry import Entry
from studio.generation.jobs import ErrorReport, Job, JobQueue, JobState
from studio.generation.request import Attachments, Request
from studio.gui.images import to_image

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
STATUS_SECONDS = 1.0
PREVIEW_SECONDS = 0.06
CLOSING_SECONDS = 3.0


class Order(msgspec.Struct, frozen=True):
    """What the thread is handed of a job: values only, never the `Job` itself.

    ``parents`` are the gallery's ids of the pictures that it starts from, where they are known.
    """

    job_id: str
    request: Request
    attachments: Attachments
    parents: tuple[str, ...] = ()


class Chore(enum.Enum):
    """What the thread does between two jobs."""

    FREE_MEMORY = "free memory"
    """Has the models unloaded."""


class StoredCandidate(msgspec.Struct, frozen=True):
    """A result that is ready to be shown.

    Attributes:
        entry: its place in the gallery; None where the gallery could not take it.
        image: its pixels as Qt draws them.
    """

    job_id: str
    candidate: Candidate
    entry: Entry | None
    image: QImage


class ProgressUpdate(msgspec.Struct, frozen=True):
    """How far a job is; ``image`` is its preview, where a new one is due."""

    event: Progress
    image: QImage | None


@runtime_checkable
class Startable(Protocol):
    """An engine that can be warmed up before it has anything to do."""

    def start(self) -> None:
        """Gets ready; returns at once."""


class Keeper(Protocol):
    """Puts results into the gallery; called on the engine's thread."""

    def store(self, order: Order, candidate: Candidate) -> Entry:
        """Stores a result, before anybody sees it."""

    def complete(self, order: Order, model_digest: str) -> None:
        """Notes which weights made a job's results, which is known only at its end."""


class EngineThread(QThread):
    """Runs the jobs of a queue, one after another, on an engine of its own.

    The queue and all signals belong to the window's thread; the engine is made, used and closed on
    this one. Only `Engine.cancel` is called across.

    Signals:
        job_changed(Job): a job was added, or moved to another state or place.
        pausing(bool): the queue was paused, or goes on.
        stopping(str): the running job, by its id, was told to end.
        progress(ProgressUpdate): the running job has come further.
        candidate_stored(StoredCandidate): a result exists, and lies in the gallery.
        scored(str, tuple): the job's id and the scores of a ranking.
        note(str, str): the job's id and a sentence for the person.
        not_stored(str): why a result is not in the gallery.
        failed(Job): a job ended with the error that it carries.
        status_changed(EngineStatus): device, model or memory changed.
    """

    job_changed = Signal(object)
    pausing = Signal(bool)
    stopping = Signal(str)
    progress = Signal(object)
    candidate_stored = Signal(object)
    scored = Signal(str, object)
    note = Signal(str, str)
    not_stored = Signal(str)
    failed = Signal(object)
    status_changed = Signal(object)
    _ended = Signal(object)
    _broke = Signal(object)

    def __init__(
        self, make_engine: Callable[[], Engine], keeper: Keeper, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.queue = JobQueue()
        self.queue.changed.connect(self.job_changed.emit)
        self.queue.pausing.connect(self.pausing.emit)
        self._make_engine = make_engine
        self._keeper = keeper
        self._inbox: queue.SimpleQueue[Order | Chore | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._cancelled: set[str] = set()
        self._parents: dict[str, tuple[str, ...]] = {}
        self._closing = threading.Event()
        self._status = EngineStatus()
        self._told = 0.0
        self._ended.connect(self._on_ended)
        self._broke.connect(self._on_broke)

    # On the window's thread ---------------------------------------------------------------------

    @property
    def status(self) -> EngineStatus:
        """The engine as last heard of."""
        return self._status

    def submit(self, job: Job, parents: tuple[str, ...] = (), *, first: bool = False) -> None:
        """Puts a job into the queue; a thread that broke down is started again.

        Args:
            job: to be run.
            parents: the gallery's ids of the pictures that it starts from.
            first: it is the next part of what has begun, and goes before all that waits.
        """
        self._parents[job.id] = parents
        self.queue.add(job, first=first)
        if not self.isRunning() and not self._closing.is_set():
            self.start()
        self._hand_over()

    def cancel(self, job_id: str) -> None:
        """Stops a job: at once if it waits, within one step if it runs; else does nothing."""
        job = next((job for job in self.queue if job.id == job_id), None)
        if job is None:
            return
        if job.state is JobState.QUEUED:
            self.queue.transition(job_id, JobState.CANCELLED)
            return
        with self._lock:
            self._cancelled.add(job_id)
            engine = self._engine
        if engine is not None:
            engine.cancel(job_id)
        self.stopping.emit(job_id)

    def cancel_all(self) -> None:
        """Stops every job."""
        for job in [*self.queue.waiting, *filter(None, [self.queue.running])]:
            self.cancel(job.id)

    def pause(self, paused: bool) -> None:
        """Lets the running job end and starts no other, or goes on.

        A job is not stopped half-way: what it holds in memory would be held all the while, and
        other programs could not have it.
        """
        self.queue.pause(paused)
        self._hand_over()

    def free_memory(self) -> None:
        """Has the engine unload its models, once the running job has ended."""
        self._inbox.put(Chore.FREE_MEMORY)

    def close(self) -> None:
        """Stops what runs, stores what is finished, and ends the engine; returns when that is done.

        It takes at most a few seconds, so the window is hidden before.
        """
        self._closing.set()
        self.cancel_all()
        self._inbox.put(None)
        self.wait()

    def _hand_over(self) -> None:
        job = self.queue.start_next()
        if job is not None:
            parents = self._parents.pop(job.id, ())
            self._inbox.put(Order(job.id, job.request, job.attachments, parents))

    @Slot(object)
    def _on_ended(self, event: Finished | Failed | Cancelled) -> None:
        running = self.queue.running
        if running is None or running.id != event.job_id:
            return
        with self._lock:
            self._cancelled.discard(running.id)
        if isinstance(event, Failed):
            self.queue.transition(running.id, JobState.FAILED, event.error)
            self.failed.emit(running)
        elif isinstance(event, Cancelled):
            self.queue.transition(running.id, JobState.CANCELLED)
        else:
            self.queue.transition(running.id, JobState.FINISHED)
        if not self._closing.is_set():
            self._hand_over()

    @Slot(object)
    def _on_broke(self, error: ErrorReport) -> None:
        self.wait()
        self._inbox = queue.SimpleQueue()
        lost = [*filter(None, [self.queue.running]), *self.queue.waiting]
        for job in lost:
            self.queue.transition(job.id, JobState.FAILED, error)
        if lost:
            self.failed.emit(lost[0])

    # On the engine's thread ---------------------------------------------------------------------

    def run(self) -> None:
        """Makes the engine and serves the inbox until `close`."""
        try:
            with self._lock:
                self._engine = None
            engine = self._make_engine()
        except Exception as error:  # the thread's last resort: the window is told
            self._broke.emit(_report(error))
            return
        with self._lock:
            self._engine = engine
        try:
            if isinstance(engine, Startable):
                engine.start()
            self._serve(engine)
        except Exception as error:  # as above
            log.exception("the engine's thread broke")
            self._broke.emit(_report(error))
        finally:
            with self._lock:
                self._engine = None
            engine.close()

    def _serve(self, engine: Engine) -> None:
        while True:
            try:
                order = self._inbox.get(timeout=STATUS_SECONDS)
            except queue.Empty:
                self._tell_status(engine)
                continue
            if order is None:
                return
            if isinstance(order, Order):
                self._run_job(engine, order)
            else:
                engine.free_memory()

    def _run_job(self, engine: Engine, order: Order) -> None:
        try:
            engine.submit(order.job_id, order.request, order.attachments)
        except KnownError as error:
            self._ended.emit(Failed(job_id=order.job_id, error=_report(error)))
            return
        with self._lock:
            cancelled = order.job_id in self._cancelled
        if cancelled:
            engine.cancel(order.job_id)
        reporter = _Reporter(self, order)
        deadline: float | None = None
        while deadline is None or time.monotonic() < deadline:
            event = engine.next_event(POLL_SECONDS)
            self._tell_status(engine)
            if event is not None and event.job_id == order.job_id:
                reporter.report(event)
                if isinstance(event, LAST_EVENTS):
                    self._ended.emit(event)
                    return
            if deadline is None and self._closing.is_set():
                deadline = time.monotonic() + CLOSING_SECONDS

    def store(self, order: Order, candidate: Candidate) -> Entry | None:
        """Puts a result into the gallery; a gallery that refuses is reported, not fatal."""
        try:
            return self._keeper.store(order, candidate)
        except KnownError as error:
            log.warning("a picture is not in the gallery: %s", error)
            self.not_stored.emit(error.message)
            return None

    def complete(self, order: Order, model_digest: str) -> None:
        """Notes the weights of a finished job; a gallery that refuses has said so already."""
        try:
            self._keeper.complete(order, model_digest)
        except KnownError as error:
            log.warning("the gallery does not know the weights of a job: %s", error)

    def _tell_status(self, engine: Engine) -> None:
        now = time.monotonic()
        if now - self._told < STATUS_SECONDS:
            return
        self._told = now
        status = engine.status()
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)


class _Reporter:
    """Passes one job's events on, previews no faster than a person can see."""

    def __init__(self, thread: EngineThread, order: Order) -> None:
        self._thread = thread
        self._order = order
        self._last = 0.0
        self._place: tuple[Phase, int] | None = None

    def report(self, event: EngineEvent) -> None:
        """Keeps what is to be kept of an event, and tells the window all but the end of a job."""
        match event:
            case Progress():
                self._report_progress(event)
            case Candidate():
                entry = self._thread.store(self._order, event)
                image = to_image(event.picture)
                self._thread.candidate_stored.emit(
                    StoredCandidate(self._order.job_id, event, entry, image)
                )
            case Scored():
                self._thread.scored.emit(event.job_id, event.scores)
            case Finished(model_digest=digest) if digest:
                self._thread.complete(self._order, digest)
            case Note():
                self._thread.note.emit(event.job_id, event.message)

    def _report_progress(self, event: Progress) -> None:
        now = time.monotonic()
        place = (event.phase, event.candidate)
        if place == self._place and now - self._last < PREVIEW_SECONDS:
            return
        self._place, self._last = place, now
        image = to_image(event.preview) if event.preview is not None else None
        self._thread.progress.emit(
            ProgressUpdate(msgspec.structs.replace(event, preview=None), image)
        )


def _report(error: Exception) -> ErrorReport:
    if isinstance(error, KnownError):
        return ErrorReport(message=error.message, details=error.details)
    details = "".join(traceback.format_exception(error))
    return ErrorReport(
        message="The engine stopped because of a mistake in Sfumato.", details=details, is_bug=True
    )
