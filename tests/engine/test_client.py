import sys
from pathlib import Path

import pytest

from studio.core.errors import EngineError
from studio.engine.client import LocalEngine
from studio.engine.protocol import Cancelled, EngineStatus, Failed
from studio.engine.watchdog import Limits
from studio.engine.wire import Places
from studio.generation.request import TextToImage

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses shell scripts")

WORDS = TextToImage(model="m", prompt="x", seed=1, width=64, height=64)


def engine_in(folder: Path, script: str) -> LocalEngine:
    """An engine whose interpreter runs a shell script instead of the worker."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    places = Places(folder, folder, folder, folder, folder / "logs")
    return LocalEngine(places, python=str(python), limits=Limits(start=60))


def test_jobs_fail_with_a_sentence_where_the_worker_cannot_start(tmp_path: Path) -> None:
    with engine_in(tmp_path, "sleep 0.2; echo no torch; exit 1") as engine:
        engine.submit("a", WORDS, {})
        engine.submit("b", WORDS, {})
        failures = [engine.next_event(60), engine.next_event(60)]
    for job_id, failed in zip("ab", failures, strict=True):
        assert isinstance(failed, Failed) and failed.job_id == job_id
        assert "could not be started" in failed.error.message
        assert "no torch" in failed.error.details


def test_a_missing_interpreter_fails_the_job_and_not_the_caller(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path, tmp_path, tmp_path, tmp_path)
    with LocalEngine(places, python="/nowhere/python") as engine:
        engine.submit("a", WORDS, {})
        failed = engine.next_event(60)
    assert isinstance(failed, Failed) and "/nowhere/python" in failed.error.message


def test_a_job_is_cancelled_before_the_worker_is_there(tmp_path: Path) -> None:
    with engine_in(tmp_path, "exec sleep 600") as engine:
        engine.submit("a", WORDS, {})
        engine.cancel("a")
        assert engine.next_event(60) == Cancelled(job_id="a")


def test_closing_ends_a_worker_that_does_not_listen_and_may_be_done_twice(tmp_path: Path) -> None:
    engine = engine_in(tmp_path, "exec sleep 600")
    engine.start()
    engine.close()
    engine.close()
    assert engine.status() == EngineStatus()
    with pytest.raises(EngineError, match="closed"):
        LocalEngine.start(engine_closed(tmp_path))


def engine_closed(folder: Path) -> LocalEngine:
    engine = engine_in(folder, "exit 0")
    engine.close()
    return engine


def test_waiting_for_an_event_ends_after_the_time_out(tmp_path: Path) -> None:
    with engine_in(tmp_path, "exit 0") as engine:
        assert engine.next_event(timeout=0.01) is None


def test_torch_is_not_imported_by_the_client() -> None:
    import subprocess

    code = (
        "import studio.engine.client, sys; print(sorted({'torch', 'diffusers'} & {*sys.modules}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root()
    )
    assert found.stdout.strip() == "[]"


def _root() -> Path:
    import studio

    return Path(studio.__file__).parent.parent
