"""The worker process, from outside: started, connected to, watched, ended.

The worker is started with the same Python and listens on a local socket; the secret with which
both sides prove themselves goes over its standard input. Whatever it prints ends in a log file.
"""

from __future__ import annotations

import contextlib
import multiprocessing.connection
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Final

import msgspec

import studio
from studio.core.errors import EngineError
from studio.engine import wire
from studio.generation.jobs import ErrorReport

LOG_NAME: Final = "worker.log"

_LOG_BYTES: Final = 1_000_000
_LOGS_KEPT: Final = 3
_TAIL_BYTES: Final = 4_000
_POLL_SECONDS: Final = 0.01
_GRACE_SECONDS: Final = 3.0

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

_PATIENT: Final = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for each other sleep. Where others use the cores too they would else spin
through whole time slices: on two busy cores a picture took forty times as long."""


class WorkerProcess:
    """One worker. It is started by the constructor and can be connected to once.

    Raises:
        EngineError: if the process cannot be started at all.
    """

    def __init__(self, places: wire.Places, python: str, spare_cores: int) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="sfumato-", ignore_cleanup_errors=True)
        self._setup = _setup(places, Path(self._room.name), spare_cores)
        self._log = places.logs / LOG_NAME
        self._connection: multiprocessing.connection.Connection | None = None
        self._sending = threading.Lock()
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
        """Waits for the worker to listen, at most ``limit`` seconds, and connects.

        Raises:
            EngineError: if it ends or does not answer in time; it is killed then.
        """
        watch = threading.Timer(limit, self._process.kill)
        watch.daemon = True
        watch.start()
        try:
            self._connection = self._connected()
        finally:
            watch.cancel()
            self._room.cleanup()

    def send(self, order: wire.Order) -> None:
        """Sends an order; nothing happens if the worker is gone, which `receive` will tell."""
        with self._sending, contextlib.suppress(OSError):
            if self._connection is not None:
                wire.send(self._connection, order)

    def receive(self) -> wire.Answer:
        """Waits for the worker to say something.

        Raises:
            EOFError, OSError: if it is gone.
        """
        if self._connection is None:
            raise EOFError
        return wire.receive_answer(self._connection)

    def obituary(self) -> ErrorReport:
        """Why the worker ended, once its connection is lost."""
        try:
            code = self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return ErrorReport(message=_cause(code), details=f"exit code {code}\n{self._log_tail()}")

    def end(self) -> None:
        """Asks the worker to end, kills it where it does not, and frees what it held here."""
        self.send(wire.Close())
        try:
            self._process.wait(_GRACE_SECONDS if self._connection else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._room.cleanup()

    def release(self) -> None:
        """Closes the connection, when nobody reads from it any more."""
        if self._connection is not None:
            self._connection.close()

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
        self._process.kill()
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


def _setup(places: wire.Places, room: Path, spare_cores: int) -> wire.Setup:
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


def _cause(code: int) -> str:
    """One sentence on an exit code, as `subprocess.Popen.returncode` has it."""
    if code == -9:
        return (
            "The engine was killed, perhaps because the memory ran out: close other programs or "
            "make a smaller picture, then try again."
        )
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"The engine crashed ({name}): try again; if it happens again, report it."
    return f"The engine ended unexpectedly (exit code {code}): try again."
