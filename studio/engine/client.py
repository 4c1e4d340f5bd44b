"""The local engine: starts and watches the worker process, and turns its messages into events.

A worker that dies takes one job with it. The others are handed to a fresh worker, and the next
`submit` never notices.
"""

from __future__ import annotations

import queue
import sys
import threading
from types import TracebackType
from typing import Final

from studio.core.errors import EngineError
from studio.engine import wire
from studio.engine.process import WorkerProcess
from studio.engine.protocol import (
    LAST_EVENTS,
    Cancelled,
    EngineEvent,
    EngineStatus,
    Failed,
    Started,
)
from studio.generation.jobs import ErrorReport
from studio.generation.request import Attachments, Request

START_LIMIT: Final = 60.0
"""Seconds after which a worker that does not answer is given up."""


class LocalEngine:
    """An `Engine` whose model lives in a worker process on this computer.

    The worker is started by the first `submit`, or ahead of it by `start`. Any thread may submit
    and cancel; one thread waits for events.

    Args:
        places: where models and their list lie; the usual folders by default.
        python: the interpreter of the worker.
        spare_cores: cores' worth of threads that the worker leaves to others: 1 beside a window,
            0 where nothing else runs.
        start_limit: seconds after which a worker that does not answer is given up.
    """

    def __init__(
        self,
        places: wire.Places | None = None,
        *,
        python: str = sys.executable,
        spare_cores: int = 1,
        start_limit: float = START_LIMIT,
    ) -> None:
        self._places = places or wire.Places.usual()
        self._python = python
        self._spare_cores = spare_cores
        self._start_limit = start_limit
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._pending: dict[str, wire.Submit] = {}
        self._started = ""
        self._preload: wire.Preload | None = None
        self._worker: WorkerProcess | None = None
        self._connected = False
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
            if self._worker is None:
                self._start_worker()
            elif self._connected:
                self._worker.send(self._preload)

    def submit(self, job_id: str, request: Request, attachments: Attachments) -> None:
        """Hands a request to the worker, which is started where there is none."""
        order = wire.Submit(job_id=job_id, request=request, attachments=dict(attachments))
        with self._lock:
            self._pending[job_id] = order
            try:
                if self._worker is None:
                    self._start_worker()
                elif self._connected:
                    self._worker.send(order)
            except EngineError as error:
                self._fail(job_id, _report(error))

    def next_event(self, timeout: float | None = None) -> EngineEvent | None:
        """Waits for an event, at most ``timeout`` seconds (for ever with None)."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def cancel(self, job_id: str) -> None:
        """Asks for a job to end within one step; does nothing if it has ended already."""
        with self._lock:
            if job_id not in self._pending:
                return
            if self._worker is not None and self._connected:
                self._worker.send(wire.Cancel(job_id=job_id))
            else:
                del self._pending[job_id]
                self._events.put(Cancelled(job_id=job_id))

    def status(self) -> EngineStatus:
        """The worker as last heard of; empty while there is none."""
        return self._status

    def close(self) -> None:
        """Ends the worker; jobs that had not ended get no further events."""
        with self._lock:
            self._closed = True
            worker, thread = self._worker, self._thread
        if worker is not None:
            worker.end()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _start_worker(self) -> None:
        """Starts a process and the thread that listens to it. The lock is held."""
        if self._closed:
            raise EngineError("The engine is closed: start Sfumato again.")
        self._worker = WorkerProcess(self._places, self._python, self._spare_cores)
        self._connected = False
        self._thread = threading.Thread(
            target=self._listen, args=(self._worker,), name="engine-listener", daemon=True
        )
        self._thread.start()

    def _listen(self, worker: WorkerProcess) -> None:
        """Brings the worker its orders and takes its answers until it ends."""
        failure: ErrorReport | None = None
        try:
            worker.connect(self._start_limit)
            self._hand_over(worker)
            while True:
                self._take(worker.receive())
        except EngineError as error:
            failure = _report(error)
        except (EOFError, OSError):
            pass
        finally:
            worker.release()
        self._bury(worker, failure)

    def _hand_over(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._connected = True
            if self._preload is not None:
                worker.send(self._preload)
            for order in self._pending.values():
                worker.send(order)

    def _take(self, answer: wire.Answer) -> None:
        if isinstance(answer, wire.StatusReport):
            self._status = answer.status
            return
        with self._lock:
            if isinstance(answer, Started):
                self._started = answer.job_id
            elif isinstance(answer, LAST_EVENTS):
                self._pending.pop(answer.job_id, None)
                self._started = ""
        self._events.put(answer)

    def _bury(self, worker: WorkerProcess, start_failure: ErrorReport | None) -> None:
        """After a worker's end: fails what it had, and gives the rest to a fresh one."""
        with self._lock:
            if self._closed:
                return
            lost = list(self._pending) if start_failure else self._victim()
            for job_id in lost:
                self._pending.pop(job_id, None)
            self._worker, self._started, self._status = None, "", EngineStatus()
        error = start_failure or worker.obituary()
        for job_id in lost:
            self._events.put(Failed(job_id=job_id, error=error))
        with self._lock:
            if self._pending and self._worker is None and not self._closed:
                self._restart()

    def _victim(self) -> list[str]:
        """The job that a dead worker had, or that it was about to begin."""
        return [self._started] if self._started else list(self._pending)[:1]

    def _restart(self) -> None:
        try:
            self._start_worker()
        except EngineError as error:
            for job_id in list(self._pending):
                self._fail(job_id, _report(error))

    def _fail(self, job_id: str, error: ErrorReport) -> None:
        if self._pending.pop(job_id, None) is not None:
            self._events.put(Failed(job_id=job_id, error=error))


def _report(error: EngineError) -> ErrorReport:
    return ErrorReport(message=error.message, details=error.details)
