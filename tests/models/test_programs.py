"""Installing as other programs see it: killed, doubled, and without room."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.models.hub import fetching
from tests.helpers.hub import LocalHub, Mood
from tests.models.conftest import TABLE, WEIGHTS, Place

BIG = "//unet/diffusion_pytorch_model.safetensors"
HALF = len(WEIGHTS) // 2


@contextlib.contextmanager
def installing(place: Place) -> Iterator[subprocess.Popen[str]]:
    """``sfumato models install ours`` in a process of its own."""
    (place.folder / "config").mkdir(parents=True, exist_ok=True)
    (place.folder / "config/models.toml").write_text(TABLE + place.parts, encoding="utf-8")
    environment = os.environ | {
        "SFUMATO_HOME": str(place.folder),
        "HF_ENDPOINT": place.hub.endpoint,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    command = [sys.executable, "-m", "studio", "models", "install", "ours"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def until(happened: Callable[[], bool]) -> None:
    """Waits for something that another process does."""
    while not happened():
        time.sleep(0.01)


def test_a_killed_installation_continues_where_it_was(place: Place, hub: LocalHub) -> None:
    hub.moods[BIG] = Mood(hold=True)
    with installing(place) as process:
        until(lambda: place.arrived() == HALF)
        process.kill()
    assert not place.model().installed
    assert not place.installed.exists()
    hub.let_go.set()
    assert place.install().installed
    assert [seen.range for seen in hub.fetched(BIG)] == ["", f"bytes={HALF}-"]


def test_a_second_program_is_told_to_wait(place: Place, hub: LocalHub) -> None:
    hub.moods[BIG] = Mood(hold=True)
    with installing(place) as process:
        until(lambda: place.arrived() == HALF)
        with pytest.raises(ModelError, match="by another program"):
            place.install()
        hub.let_go.set()
        out, _ = process.communicate()
    assert process.returncode == 0
    assert "Ours is installed" in out
    assert place.model().installed


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_request_to_end_keeps_what_was_fetched(
    place: Place, hub: LocalHub, number: signal.Signals, code: int
) -> None:
    hub.moods[BIG] = Mood(hold=True)
    with installing(place) as process:
        until(lambda: place.arrived() == HALF)
        process.send_signal(number)
        _, err = process.communicate()
    assert process.returncode == code
    assert "Traceback" not in err
    assert place.arrived() == HALF


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "because the disk is full"),
        (errno.EIO, "because the disk reports an error"),
        (errno.ENODEV, "because no such device"),
    ],
)
def test_a_drive_that_fails_half_way_is_said_and_the_rest_kept(
    place: Place, hub: LocalHub, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    write = fetching._Transfer._write

    def fail_later(transfer: fetching._Transfer, chunk: bytes) -> None:
        if place.arrived():
            raise OSError(number, os.strerror(number))
        write(transfer, chunk[:1000])

    with monkeypatch.context() as patch:
        patch.setattr(fetching._Transfer, "_write", fail_later)
        with pytest.raises(ModelError, match=words):
            place.install()
    assert place.arrived() == 1000
    assert not place.model().installed
    assert place.install().installed


def test_a_model_whose_drive_went_away_counts_as_not_installed(
    place: Place, tmp_path: Path
) -> None:
    place.install()
    place.models.rename(tmp_path / "elsewhere")
    assert not place.model().installed
    (tmp_path / "elsewhere").rename(place.models)
    assert place.model().installed
