import os
import signal
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from studio.core.errors import EngineError
from studio.engine import process
from studio.engine.process import LOG_NAME, WorkerProcess
from studio.engine.wire import Places


def places_in(folder: Path) -> Places:
    return Places(
        folder / "models.toml",
        folder / "resources",
        folder / "config",
        folder / "data",
        folder / "logs",
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "killed, perhaps because the memory ran out"),
        (-int(signal.SIGSEGV), r"crashed \(SIGSEGV\)"),
        (3, r"ended unexpectedly \(exit code 3\)"),
    ],
)
def test_an_exit_code_becomes_a_sentence(code: int, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        raise EngineError(process._cause(code))


def test_an_interpreter_that_is_not_there_is_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="could not be started with /nowhere/python"):
        WorkerProcess(places_in(tmp_path), "/nowhere/python", 0)


def fake_python(folder: Path, script: str) -> str:
    """An interpreter that runs a shell script instead of the worker."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script")
def test_a_worker_that_ends_at_once_is_reported_with_what_it_printed(tmp_path: Path) -> None:
    worker = WorkerProcess(places_in(tmp_path), fake_python(tmp_path, "echo broken >&2; exit 1"), 0)
    with pytest.raises(EngineError, match="could not be started") as caught:
        worker.connect(60)
    assert "broken" in caught.value.details
    worker.end()


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script")
def test_a_worker_that_hangs_at_its_start_is_killed_after_the_limit(tmp_path: Path) -> None:
    worker = WorkerProcess(places_in(tmp_path), fake_python(tmp_path, "exec sleep 600"), 0)
    with pytest.raises(EngineError, match="could not be started"):
        worker.connect(0.2)
    assert "exit code -9" in worker.obituary().details
    worker.end()


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script")
def test_a_worker_starts_without_a_log_where_none_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    worker = WorkerProcess(places_in(tmp_path), fake_python(tmp_path, "exit 3"), 0)
    assert worker.obituary().details == "exit code 3\n"
    worker.end()


def test_a_log_that_has_grown_large_is_moved_away_and_few_old_ones_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LOG_BYTES", 10)
    log = tmp_path / LOG_NAME
    for generation in range(6):
        log.write_text(f"generation {generation}")
        process._rotate(log)
        assert not log.exists()
    kept = sorted(path.read_text() for path in tmp_path.iterdir())
    assert kept == ["generation 3", "generation 4", "generation 5"]


def test_a_small_log_goes_on(tmp_path: Path) -> None:
    log = tmp_path / LOG_NAME
    log.write_text("short")
    process._rotate(log)
    assert log.read_text() == "short"


@pytest.mark.skipif(sys.platform == "win32", reason="uses signals and a shell script")
def test_the_vitals_of_a_worker_tell_whether_the_system_lets_it_run(tmp_path: Path) -> None:
    worker = WorkerProcess(places_in(tmp_path), fake_python(tmp_path, "exec sleep 600"), 0)
    running = worker.vitals()
    assert running is not None and not running.stopped
    os.kill(worker.pid, signal.SIGSTOP)
    deadline = time.monotonic() + 60
    while not (now := worker.vitals()) or not now.stopped:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    worker.end(at_once=True)
    assert worker.vitals() is None


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script")
def test_who_kills_a_worker_says_why(tmp_path: Path) -> None:
    worker = WorkerProcess(places_in(tmp_path), fake_python(tmp_path, "exec sleep 600"), 0)
    worker.kill("It was in the way.")
    assert worker.obituary().message == "It was in the way."
    worker.end()


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script")
def test_what_a_worker_started_is_ended_with_it(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child; wait"
    worker = WorkerProcess(places_in(tmp_path), fake_python(tmp_path, script), 0)
    noted = tmp_path / "child"
    deadline = time.monotonic() + 60
    while not (noted.is_file() and noted.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child = psutil.Process(int(noted.read_text()))
    worker.end(at_once=True)
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
