"""The local engine: starts and watches the worker process, and turns its messages into events.

A worker that dies, hangs or does not obey a cancellation takes one job with it. The others are
handed to a fresh worker, and the next `submit` never notices.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from types import TracebackType

from studio.core.errors import EngineError
from studio.engine import wire
from studio.engine.process import WorkerProcess
from studio.engine.protocol import (
    LAST_EVENTS,
    Cancelled,
    EngineEvent,
    EngineStatus,
    Failed,
    Note,
    Phase,
    Progress,
    Started,
)
from studio.engine.tuning import Tuning
from studio.engine.watchdog import Limits, Verdict, Watchdog
from studio.generation.jobs import ErrorReport
from studio.generation.request import Attachments, Request

_log = logging.getLogger(__name__)

_CLOSING_SECONDS = 5.0

_BEFORE_WORK = (Phase.STARTING, Phase.LOADING)
"""What a job waits for, and others as well."""


class LocalEngine:
    """An `Engine` whose model lives in a worker process on this computer.

    The worker is started by the first `submit`, or ahead of it by `start`; then it is also started
    again ahead of the next job. Any thread may submit and cancel; one thread waits for events. Of
    each worker one thread takes the answers, and another one judges every now and then whether it
    still gets on.

    Args:
        places: where models and their list lie; the usual folders by default.
        python: the interpreter of the worker.
        spare_cores: cores' worth of threads that the worker leaves to others: 1 beside a window,
            0 where nothing else runs.
        limits: how long a worker may stand still.
        tuning: how the worker uses the machine; as in the person's settings where it is None.
    """

    def __init__(
        self,
        places: wire.Places | None = None,
        *,
        python: str = sys.executable,
        spare_cores: int = 1,
        limits: Limits | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self._places = places or wire.Places.usual()
        self._python = python
        self._spare_cores = spare_cores
        self._limits = limits or Limits()
        self._tuning = tuning
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending: dict[str, wire.Submit] = {}
        self._cancelled: set[str] = set()
        self._started = ""
        self._unwanted = ""
        self._preload: wire.Preload | None = None
        self._is_spent = False
        self._worker: WorkerProcess | None = None
        self._watchdog = Watchdog(self._limits, time.monotonic())
        self._thread: threading.Thread | None = None
        self._closed = False
        self._status = EngineStatus()

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def worker_pid(self) -> int | None:
        """Process id of the present worker."""
        worker = self._worker
        return worker.pid if worker else None

    def start(self, model: str = "") -> None:
        """Starts the worker and has it load a model, the default one unless named; returns at once.

        Raises:
            EngineError: if the worker process cannot be started.
        """
        with self._lock:
            self._preload = wire.Preload(model=model)
            worker = self._worker or self._start_worker()
            worker.send(self._preload)

    def submit(self, job_id: str, request: Request, attachments: Attachments) -> None:
        """Hands a request to the worker, which is started where there is none."""
        order = wire.Submit(job_id=job_id, request=request, attachments=dict(attachments))
        with self._lock:
            self._pending[job_id] = order
            try:
                if self._worker is None:
                    self._start_worker()
                else:
                    self._worker.send(order)
            except EngineError as error:
                self._fail([job_id], _report(error))
            self._watchdog.expect(time.monotonic())
            self._hurry()

    def next_event(self, timeout: float | None = None) -> EngineEvent | None:
        """Waits for an event, at most ``timeout`` seconds (for ever with None)."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def cancel(self, job_id: str) -> None:
        """Asks for a job to end within one step; does nothing if it has ended already.

        One that has not begun, or still waits for its model, ends at once. Where the worker does
        not obey, it is ended itself.
        """
        with self._lock:
            if job_id not in self._pending:
                return
            if self._worker is not None:
                self._worker.send(wire.Cancel(job_id=job_id))
            phase = self._watchdog.phase if job_id == self._started else Phase.STARTING
            if phase not in _BEFORE_WORK:
                self._cancelled.add(job_id)
                self._watchdog.cancel(time.monotonic())
                return
            if phase is Phase.LOADING:
                self._unwanted = self._pending[job_id].request.model
            self._forget(job_id)
            self._events.put(Cancelled(job_id=job_id))
            self._hurry()

    def free_memory(self) -> None:
        """Has the worker unload its models once it is done with what it has."""
        with self._lock:
            if self._worker is not None:
                self._worker.send(wire.Unload())

    def status(self) -> EngineStatus:
        """The worker as last heard of; empty while there is none."""
        return self._status

    def close(self, *, at_once: bool = False) -> None:
        """Ends the worker; jobs that had not ended get no further events.

        Args:
            at_once: it is not asked first, which may take it some seconds.
        """
        with self._lock:
            self._closed = True
            worker, thread = self._worker, self._thread
        if worker is not None:
            worker.end(at_once=at_once)
        if thread is not None and thread is not threading.current_thread():
            thread.join(_CLOSING_SECONDS)

    def _start_worker(self) -> WorkerProcess:
        """Starts a process with all that is pending, and who listens to it. The lock is held."""
        if self._closed:
            raise EngineError("The engine is closed: start Sfumato again.")
        worker = self._worker = WorkerProcess(
            self._places, self._python, self._spare_cores, self._tuning
        )
        for order in self._pending.values():
            worker.send(order)
        self._watchdog = Watchdog(self._limits, time.monotonic())
        self._thread = threading.Thread(
            target=self._listen, args=(worker,), name="engine-listener", daemon=True
        )
        self._thread.start()
        threading.Thread(
            target=self._watch, args=(worker,), name="engine-watch", daemon=True
        ).start()
        return worker

    # What a worker says -------------------------------------------------------------------------

    def _listen(self, worker: WorkerProcess) -> None:
        """Takes a worker's answers until it ends."""
        failure: ErrorReport | None = None
        try:
            worker.connect(self._limits.start)
            while True:
                self._take(worker, worker.receive())
        except EngineError as error:
            failure = _report(error)
        except (EOFError, OSError):
            pass
        finally:
            worker.release()
        self._bury(worker, failure)

    def _take(self, worker: WorkerProcess, answer: wire.Answer) -> None:
        with self._lock:
            if worker is not self._worker:
                return
            now = time.monotonic()
            match answer:
                case wire.Pong():
                    self._watchdog.answered()
                case wire.StatusReport(status=status):
                    self._take_status(status, now)
                case _:
                    self._take_event(answer, now)

    def _take_status(self, status: EngineStatus, now: float) -> None:
        """Notes the status; the next job waits for a model that is being loaded ahead of it."""
        self._status = status
        self._watchdog.device(status.on_processor)
        self._watchdog.progress(Phase.LOADING if status.loading else self._watchdog.phase, now)
        if status.loading is not None and self._pending and not self._started:
            share = status.loading
            self._events.put(
                Progress(
                    job_id=next(iter(self._pending)),
                    phase=Phase.LOADING,
                    step=share.done,
                    total=share.total,
                )
            )

    def _take_event(self, event: EngineEvent, now: float) -> None:
        is_last = isinstance(event, LAST_EVENTS)
        if isinstance(event, Started):
            self._started = event.job_id
            self._watchdog.begin(now)
        elif is_last:
            self._started = self._unwanted = ""
            self._watchdog.end(now)
        elif isinstance(event, Progress):
            self._watchdog.progress(event.phase, now)
        if event.job_id in self._pending:
            self._events.put(event)
            if is_last:
                self._is_spent = False
                self._forget(event.job_id)

    # Whether it gets on -------------------------------------------------------------------------

    def _watch(self, worker: WorkerProcess) -> None:
        """Ends a worker that hangs, or that does not obey."""
        while not worker.ended.wait(self._limits.tick):
            verdict = self._judge(worker)
            if verdict.is_fatal:
                _log.warning("worker %d: %s", worker.pid, verdict.name)
                worker.kill(verdict.value)
                self._bury(worker)
                return

    def _judge(self, worker: WorkerProcess) -> Verdict:
        if not self._pending:
            return Verdict.WELL
        vitals = worker.vitals()
        with self._lock:
            if worker is not self._worker:
                return Verdict.WELL
            verdict = self._watchdog.look(time.monotonic(), vitals)
            if verdict is Verdict.SLOW and self._pending:
                job_id = self._started or next(iter(self._pending))
                self._events.put(Note(job_id=job_id, message=verdict.value))
            if self._watchdog.asks:
                worker.send(wire.Ping())
                self._watchdog.asked()
            return verdict

    def _hurry(self) -> None:
        """Gives a model that nobody wants any more seconds to be loaded where another is wanted."""
        following = next(iter(self._pending.values()), None)
        if self._unwanted and following and following.request.model != self._unwanted:
            self._watchdog.cancel(time.monotonic())

    def _bury(self, worker: WorkerProcess, start_failure: ErrorReport | None = None) -> None:
        """After a worker's end: ends what it had, and gives the rest to a fresh one."""
        with self._lock:
            if self._closed or worker is not self._worker:
                return
            lost = list(self._pending) if start_failure else self._victims()
            cancelled = self._cancelled & {*lost}
            for job_id in lost:
                self._forget(job_id)
            self._worker, self._started, self._unwanted = None, "", ""
            self._status = EngineStatus()
        error = start_failure or worker.obituary()
        for job_id in lost:
            self._events.put(
                Cancelled(job_id=job_id)
                if job_id in cancelled
                else Failed(job_id=job_id, error=error)
            )
        with self._lock:
            if self._worker is None and not self._closed:
                self._restart(is_wanted=not start_failure)

    def _victims(self) -> list[str]:
        """The job that a dead worker had, or that it was about to begin."""
        if self._started:
            return [self._started] if self._started in self._pending else []
        return list(self._pending)[:1]

    def _restart(self, *, is_wanted: bool) -> None:
        """Starts a worker for what waits, or ahead of the next job where one is wanted.

        The latter is done once; the next worker has to end a job before it is done again.
        """
        ahead = self._preload if is_wanted and not self._pending and not self._is_spent else None
        if not self._pending and ahead is None:
            return
        try:
            worker = self._start_worker()
        except EngineError as error:
            self._fail(list(self._pending), _report(error))
            return
        if ahead is not None:
            self._is_spent = True
            worker.send(ahead)
        else:
            self._watchdog.expect(time.monotonic())

    def _fail(self, job_ids: list[str], error: ErrorReport) -> None:
        for job_id in job_ids:
            if job_id in self._pending:
                self._forget(job_id)
                self._events.put(Failed(job_id=job_id, error=error))

    def _forget(self, job_id: str) -> None:
        """A job has ended; nobody waits for the worker after the last one."""
        self._pending.pop(job_id, None)
        self._cancelled.discard(job_id)
        if not self._pending:
            self._watchdog.rest()


def _report(error: EngineError) -> ErrorReport:
    return ErrorReport(message=error.message, details=error.details)
