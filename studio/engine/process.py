"""The worker process, from outside: started, connected to, looked at, ended.

The worker is started with the same Python and listens on a local socket; the secret with which
both sides prove themselves goes over its standard input. Whatever it prints ends in a log file.
Orders go out on a thread of their own: a worker that reads nothing holds nobody up.
"""

from __future__ import annotations

import contextlib
import multiprocessing.connection
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

import studio
from studio.core.errors import EngineError
from studio.engine import wire
from studio.engine.tuning import Tuning
from studio.engine.watchdog import Vitals
from studio.generation.jobs import ErrorReport

if TYPE_CHECKING:
    import psutil  # type: ignore[import-untyped]

LOG_NAME: Final = "worker.log"

_LOG_BYTES: Final = 1_000_000
_LOGS_KEPT: Final = 3
_TAIL_BYTES: Final = 4_000
_POLL_SECONDS: Final = 0.01
_GRACE_SECONDS: Final = 3.0
_TRACE_SECONDS: Final = 0.4

_OFFLINE: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "PYTHONFAULTHANDLER": "1",
}

# Threads that wait for each other sleep instead of spinning: on a busy machine spinning makes the
# worker many times slower, and takes the cores from the window.
_POLITE: Final = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}


class WorkerProcess:
    """One worker. It is started by the constructor and can be connected to once.

    Attributes:
        ended: set when nothing more is to be expected of it.

    Raises:
        EngineError: if the process cannot be started at all.
    """

    def __init__(
        self,
        places: wire.Places,
        python: str,
        spare_cores: int,
        tuning: Tuning | None = None,
    ) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="sfumato-", ignore_cleanup_errors=True)
        self._setup = _setup(places, Path(self._room.name), spare_cores, tuning)
        self._log = places.logs / LOG_NAME
        self._connection: multiprocessing.connection.Connection | None = None
        self._orders: queue.SimpleQueue[wire.Order | None] = queue.SimpleQueue()
        self._sentence = ""
        self.ended = threading.Event()
        try:
            with contextlib.ExitStack() as stack:
                output = _open_log(self._log, stack)
                self._log_start = self._log.stat().st_size if self._log.is_file() else 0
                self._process = _spawn(python, output)
        except EngineError:
            self._room.cleanup()
            raise
        self._hand_over_setup()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def connect(self, limit: float) -> None:
        """Waits for the worker to listen, connects, and sends what it was ordered meanwhile.

        Args:
            limit: seconds in which it may do nothing at all; a busy computer takes its time.

        Raises:
            EngineError: if it ends or stands still; it is killed then.
        """
        connected = threading.Event()
        watch = threading.Thread(target=self._watch_start, args=(limit, connected), daemon=True)
        watch.start()
        try:
            connection = self._connected()
        finally:
            connected.set()
            self._room.cleanup()
        self._sender = threading.Thread(
            target=self._send_orders, args=(connection,), name="engine-orders", daemon=True
        )
        self._sender.start()
        self._connection = connection

    def send(self, order: wire.Order) -> None:
        """Sends an order, once the worker listens; returns at once.

        Nothing happens if the worker is gone, which `receive` will tell.
        """
        self._orders.put(order)

    def receive(self) -> wire.Answer:
        """Waits for the worker to say something.

        Raises:
            EOFError, OSError: if it is gone.
        """
        if self._connection is None:
            raise EOFError
        return wire.receive_answer(self._connection)

    def vitals(self) -> Vitals | None:
        """What the process has done so far; None where the system does not tell."""
        import psutil  # the window opens without it

        try:
            process = psutil.Process(self.pid)
            with process.oneshot():
                times = process.cpu_times()
                traffic = _traffic(process)
                stopped = process.status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return None
        return Vitals(times.user + times.system, traffic, stopped)

    def kill(self, sentence: str = "") -> None:
        """Ends the worker at once, whatever it does; its log tells what that was.

        Args:
            sentence: why, as the person is told.
        """
        self._sentence = sentence
        if sys.platform != "win32":
            self._process.send_signal(signal.SIGUSR1)
            time.sleep(_TRACE_SECONDS)
        self._kill()

    def obituary(self) -> ErrorReport:
        """Why the worker ended, once its connection is lost."""
        code = self._wait()
        return ErrorReport(
            message=self._sentence or _cause(code), details=f"exit code {code}\n{self._log_tail()}"
        )

    def end(self, *, at_once: bool = False) -> None:
        """Asks the worker to end, kills it where it does not, and frees what it held here.

        Args:
            at_once: it is killed without being asked.
        """
        self.send(wire.Close())
        if at_once or self._connection is None:
            self._kill()
        self._wait()
        self._room.cleanup()

    def release(self) -> None:
        """Closes the connection; for whoever reads from it, when nothing more is to be read."""
        self.ended.set()
        self._orders.put(None)
        if self._connection is not None:
            self._sender.join(_GRACE_SECONDS)
            self._connection.close()

    def _kill(self) -> None:
        """Ends the process, and what it has started itself, which is of its process group."""
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _wait(self) -> int | None:
        """The exit code of a worker that ends or is killed; None where not even that helps."""
        for _ in range(2):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(_GRACE_SECONDS)
            self._kill()
        return None

    def _watch_start(self, limit: float, connected: threading.Event) -> None:
        """Kills a worker that has not connected and stands still."""
        before = self.vitals()
        while not connected.wait(limit):
            vitals = self.vitals()
            if vitals is None or vitals == before:
                self._kill()
                return
            before = vitals

    def _send_orders(self, connection: multiprocessing.connection.Connection) -> None:
        with contextlib.suppress(OSError):
            while (order := self._orders.get()) is not None:
                wire.send(connection, order)

    def _hand_over_setup(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as pipe:
            pipe.write(msgspec.json.encode(self._setup))

    def _connected(self) -> multiprocessing.connection.Connection:
        address, authkey = self._setup.address, self._setup.authkey
        while self._process.poll() is None:
            try:
                return multiprocessing.connection.Client(address, authkey=authkey)
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(_POLL_SECONDS)
            except (EOFError, OSError, multiprocessing.AuthenticationError):
                break
        self._kill()
        raise EngineError(
            f"The engine could not be started: see {self._log}, or install Sfumato again.",
            details=self._log_tail(),
        )

    def _log_tail(self) -> str:
        """The last lines that this worker wrote."""
        try:
            with self._log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(self._log_start, size - _TAIL_BYTES))
                return log.read().decode(errors="replace")
        except OSError:
            return ""


def _setup(places: wire.Places, room: Path, spare_cores: int, tuning: Tuning | None) -> wire.Setup:
    name = rf"\\.\pipe\{room.name}" if sys.platform == "win32" else str(room / "engine")
    return wire.Setup(
        address=name,
        authkey=secrets.token_bytes(32),
        parent=os.getpid(),
        spare_cores=spare_cores,
        models_file=str(places.models_file),
        resources=str(places.resources),
        config=str(places.config),
        data=str(places.data),
        tuning=tuning,
    )


def _spawn(python: str, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """Starts the worker apart from the terminal, whose Ctrl+C is the parent's to handle.

    ``-P`` keeps the present folder out of the worker's imports.
    """
    root = str(Path(studio.__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    modules = os.pathsep.join([root, inherited] if inherited else [root])
    command = [python, "-P", "-m", "studio.engine.worker"]
    environment = os.environ | _OFFLINE | _POLITE | {"PYTHONPATH": modules}
    try:
        if sys.platform == "win32":
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW,
            )
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
            process_group=0,
        )
    except OSError as error:
        raise EngineError(
            f"The engine could not be started with {python}: {error.strerror}."
        ) from error


def _open_log(path: Path, stack: contextlib.ExitStack) -> IO[bytes] | int:
    """The log file to be appended to; nowhere if the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _rotate(path)
        return stack.enter_context(path.open("ab"))
    except OSError:
        return subprocess.DEVNULL


def _rotate(path: Path) -> None:
    """Moves a log that has grown large out of the way; a few old ones are kept."""
    if not path.is_file() or path.stat().st_size < _LOG_BYTES:
        return
    for age in range(_LOGS_KEPT, 0, -1):
        older = path.with_suffix(f".{age}.log")
        newer = path.with_suffix(f".{age - 1}.log") if age > 1 else path
        if newer.is_file():
            newer.replace(older)


def _traffic(process: psutil.Process) -> int:
    """Bytes read from disks and written to them; 0 where the system does not count, or tell."""
    import psutil

    with contextlib.suppress(psutil.AccessDenied, AttributeError, NotImplementedError):
        counters = process.io_counters()
        return int(counters.read_bytes + counters.write_bytes)
    return 0


def _cause(code: int | None) -> str:
    """One sentence on an exit code, as `subprocess.Popen.returncode` has it."""
    if code is None:
        return (
            "The engine hangs in the system and cannot be ended: try again; if it stays so, "
            "restart the computer."
        )
    if code == -9:
        return (
            "The engine was killed, perhaps because the memory ran out: close other programs or "
            "make a smaller picture, then try again."
        )
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"The engine crashed ({name}): try again; if it happens again, report it."
    return f"The engine ended unexpectedly (exit code {code}): try again."
