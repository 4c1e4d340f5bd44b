"""What goes wrong around the window costs one job and nothing else, with the real engine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from studio.app import open_gallery
from studio.files.pictures import read_picture
from studio.gallery.entry import Entry
from tests.helpers.probe import ProbedApp
from tests.journeys.conftest import PICTURES

pytestmark = [pytest.mark.journey, pytest.mark.engine, pytest.mark.timeout(300)]

SAMPLE = "a red boat on the sea"
KILLED = (
    "The engine was killed, perhaps because the memory ran out: close other programs or make a "
    "smaller picture, then try again."
)
PAINTING_SECONDS = 120


def candidates(app: ProbedApp) -> int:
    """How many are staged."""
    return int(app.ask("document")["candidates"])


def stored() -> list[Entry]:
    """What the gallery holds."""
    gallery = open_gallery()
    try:
        return gallery.entries()
    finally:
        gallery.close()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def begin(app: ProbedApp) -> int:
    """Starts several pictures and waits for the first of them; returns the worker's process."""
    app.click(SAMPLE)
    app.wait_for(lambda: candidates(app), "the first candidate", PAINTING_SECONDS)
    app.where("Cancel")
    return int(app.ask("worker"))


def test_a_worker_killed_mid_step_is_reported_and_the_next_generate_works(app: ProbedApp) -> None:
    worker = begin(app)
    os.kill(worker, signal.SIGKILL)
    app.where(KILLED)
    app.where("Generate")
    app.screen.save(PICTURES / "8-killed.png")
    left = candidates(app)
    assert left == len(stored()) > 0
    app.screen.press("ctrl+Return")
    app.wait_for(lambda: candidates(app) > left, "a candidate of the next job", PAINTING_SECONDS)
    assert app.ask("worker") != worker
    assert len(stored()) > left


def test_a_window_closed_mid_job_ends_in_order_and_keeps_what_is_finished(
    app: ProbedApp, home: Path
) -> None:
    worker = begin(app)
    finished = candidates(app)
    app.screen.press("ctrl+q")
    assert app.close() == 0
    assert not is_running(worker)
    kept = stored()
    assert len(kept) >= finished
    assert {read_picture(entry.path).digest for entry in kept} == {entry.digest for entry in kept}
    assert not list(home.rglob("*.tmp"))
