"""The worker process: takes orders, runs them one by one, and answers with events.

Started as ``python -m studio.engine.worker`` by `studio.engine.process`. A thread reads the
orders, so that a job can be cancelled while it runs; jobs run on the main thread. The process ends
with its parent, whatever happens to that. Torch is imported by the first order that needs it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import psutil  # type: ignore[import-untyped]

from studio.core.errors import KnownError
from studio.engine import wire
from studio.engine.desk import Desk, JobStopped
from studio.engine.protocol import (
    Cancelled,
    EngineEvent,
    EngineStatus,
    Failed,
    Finished,
    Loading,
    Phase,
    Progress,
    Started,
)
from studio.engine.tuning import Tuning, load_tuning
from studio.generation.catalog import Catalog, load_catalog
from studio.generation.jobs import ErrorReport

if TYPE_CHECKING:
    from studio.engine.diffusion.runner import Runner

_log = logging.getLogger(__name__)

_WATCH_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 2.0
_NICE: Final = 10


class Outlet:
    """Sends answers, of any thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, answer: wire.Answer) -> None:
        """Sends one answer.

        Raises:
            OSError: if the client is gone.
        """
        with self._lock:
            wire.send(self._connection, answer)


class Inbox:
    """Reads orders on its own thread.

    Jobs and the like are queued; a ping is answered and a cancellation noted at once. When the
    client is gone or says so, the running job is stopped, and the process ends even if that does
    not answer.
    """

    def __init__(self, connection: Connection, outlet: Outlet) -> None:
        self._connection = connection
        self._outlet = outlet
        self._orders: queue.SimpleQueue[wire.Order] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._closing = threading.Event()
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def next(self) -> wire.Order:
        """Waits for the next order to be carried out."""
        return self._orders.get()

    def is_cancelled(self, job_id: str) -> bool:
        """Whether the job is to end."""
        return self._closing.is_set() or job_id in self._cancelled

    def forget(self, job_id: str) -> None:
        """The job has ended."""
        self._cancelled.discard(job_id)

    def _read(self) -> None:
        order: wire.Order | None = None
        while not isinstance(order, wire.Close):
            try:
                order = wire.receive_order(self._connection)
                if isinstance(order, wire.Ping):
                    self._outlet.send(wire.Pong())
            except (EOFError, OSError):
                order = wire.Close()
            if isinstance(order, wire.Cancel):
                self._cancelled.add(order.job_id)
            elif not isinstance(order, wire.Ping):
                self._orders.put(order)
        self._closing.set()
        time.sleep(_CLOSE_SECONDS)
        os._exit(0)


class Worker:
    """Carries out orders until it is told to close."""

    def __init__(self, outlet: Outlet, inbox: Inbox, make_runner: Callable[[], Runner]) -> None:
        self._outlet = outlet
        self._inbox = inbox
        self._make_runner = make_runner

    @property
    def _is_ready(self) -> bool:
        """Whether torch is imported."""
        return "_runner" in self.__dict__

    @functools.cached_property
    def _runner(self) -> Runner:
        return self._make_runner()

    def serve(self) -> None:
        """Takes orders one by one."""
        while not isinstance(order := self._inbox.next(), wire.Close):
            if isinstance(order, wire.Submit):
                self._run(order)
            elif isinstance(order, wire.Preload):
                self._preload(order.model)
            elif self._is_ready:
                self._runner.unload()
            self._report_status()

    def _run(self, order: wire.Submit) -> None:
        """Runs one job; whatever it raises becomes its last event."""
        job_id = order.job_id
        desk = Desk(
            job_id,
            send=self._outlet.send,
            is_cancelled=lambda: self._inbox.is_cancelled(job_id),
        )
        desk.send(Started(job_id=job_id))
        begun = time.monotonic()
        try:
            desk.check()
            if not self._is_ready:
                desk.phase(Phase.STARTING)
                self._outlet.send(wire.StatusReport(status=self._runner.status()))
            digest = self._runner.run(order.request, order.attachments, desk)
            seconds = time.monotonic() - begun
            desk.send(Finished(job_id=job_id, seconds=seconds, model_digest=digest))
        except JobStopped:
            desk.send(Cancelled(job_id=job_id))
        except KnownError as error:
            report = ErrorReport(message=error.message, details=error.details)
            desk.send(Failed(job_id=job_id, error=report))
        except Exception as error:
            _log.exception("job %s failed", job_id)
            desk.send(Failed(job_id=job_id, error=_bug(error)))
        finally:
            self._inbox.forget(job_id)

    def _preload(self, model_id: str) -> None:
        """Loads a model ahead of its first job, which will tell what is wrong with it."""
        desk = Desk("", self._report_loading, is_cancelled=lambda: self._inbox.is_cancelled(""))
        try:
            runner = self._runner
            self._report_status()
            runner.preload(model_id, desk)
        except JobStopped:
            pass
        except KnownError as error:
            _log.warning("%s", error.message)
        except Exception:
            _log.exception("the model %s could not be loaded", model_id)

    def _report_loading(self, event: EngineEvent) -> None:
        """Tells in the status how far a model is loaded that no job has asked for yet."""
        if isinstance(event, Progress):
            loading = Loading(done=event.step, total=event.total)
            status = msgspec.structs.replace(self._runner.status(), loading=loading)
            self._outlet.send(wire.StatusReport(status=status))

    def _report_status(self) -> None:
        status = self._runner.status() if self._is_ready else EngineStatus()
        self._outlet.send(wire.StatusReport(status=status))


def main() -> None:
    """Reads the setup from standard input, accepts its parent, and serves it."""
    faulthandler.enable()
    if sys.platform != "win32":  # says where it hangs, to be read in the log
        faulthandler.register(signal.SIGUSR1)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    setup = msgspec.json.decode(sys.stdin.buffer.read(), type=wire.Setup)
    _step_back()
    threading.Thread(target=_watch_parent, args=(setup.parent,), daemon=True).start()
    connection = _accept(setup)
    outlet = Outlet(connection)
    worker = Worker(outlet, Inbox(connection, outlet), functools.partial(_make_runner, setup))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.serve()
    os._exit(0)  # torch takes seconds to be taken down, and nothing here is left to be saved


def _accept(setup: wire.Setup) -> Connection:
    listener = Listener(setup.address, authkey=setup.authkey)
    connection = listener.accept()
    with contextlib.suppress(FileNotFoundError):
        listener.close()
    return connection


def _make_runner(setup: wire.Setup) -> Runner:
    from studio.engine.diffusion.runner import Runner

    def catalog() -> Catalog:
        return load_catalog(
            Path(setup.models_file), Path(setup.resources), Path(setup.config), Path(setup.data)
        )

    def tuning() -> Tuning:
        return setup.tuning or load_tuning(Path(setup.config))

    return Runner(catalog, setup.spare_cores, tuning)


def _step_back() -> None:
    """Gives way to everything that somebody waits for, above all the window."""
    lower = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else _NICE
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process().nice(lower)


def _watch_parent(parent: int) -> None:
    """Ends this process soon after its parent, should the connection not tell.

    A killed parent whose connection is held open by another process is such a case.
    """
    try:
        process = psutil.Process(parent)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(_WATCH_SECONDS)
    except psutil.NoSuchProcess:
        pass
    os._exit(0)


def _bug(error: Exception) -> ErrorReport:
    return ErrorReport(
        message=f"The engine made a mistake ({type(error).__name__}): please report it.",
        details="".join(traceback.format_exception(error)),
        is_bug=True,
    )


if __name__ == "__main__":
    main()
