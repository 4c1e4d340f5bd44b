"""What is read from a journal is what was recorded last."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path
from random import Random

import pytest

from studio.core.claims import Claim
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.restoring import restored
from studio.journal.journal import SUFFIX, Journal
from studio.journal.log import Log
from studio.journal.records import About
from studio.journal.recovery import read_journal
from tests.helpers.documents import rgba_noise
from tests.helpers.states import digest
from tests.helpers.trees import change_somehow, document_with_everything

LAKE = About(name="lake.ora", path="/pictures/lake.ora", time=5.0)


def kept(journal: Journal) -> str | None:
    """The digest of what would come back after a crash now."""
    found = read_journal(journal.folder)
    return None if found is None else digest(restored(found[1]))


def logs(journal: Journal) -> list[Path]:
    return sorted(journal.folder.glob(f"*{SUFFIX}"))


def test_a_document_with_everything_comes_back(tmp_path: Path) -> None:
    document = document_with_everything()
    journal = Journal.start(tmp_path)
    journal.record(document.snapshot(), LAKE)
    found = read_journal(journal.folder)
    assert found is not None
    about, snapshot = found
    assert about == LAKE
    assert digest(restored(snapshot)) == digest(document)
    assert snapshot.flatten() == document.flatten()
    journal.discard()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_the_last_state_comes_back(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    document = document_with_everything()
    # So small that the log is written anew all the time, in several steps.
    journal = Journal(Claim.make(tmp_path), slack_bytes=400_000, step_bytes=300_000)
    for _ in range(12):
        change_somehow(document, chance)
        journal.record(document.snapshot(), LAKE)
        assert kept(journal) == digest(document)
    journal.discard()


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    document = Document(Bounds(0, 0, 2048, 2048))
    layer = RasterLayer("paint")
    layer.surface.write(document.canvas, rgba_noise(document.canvas, 0))
    document.layers.insert(0, layer)
    journal = Journal.start(tmp_path)
    journal.record(document.snapshot(), LAKE)
    whole = journal.size
    layer.surface.write(Bounds(300, 300, 9, 9), rgba_noise(Bounds(0, 0, 9, 9), 1))
    journal.record(document.snapshot(), LAKE)
    one_tile = journal.size - whole
    journal.record(document.snapshot(), LAKE)
    assert whole > 60 * one_tile
    assert journal.size - whole - one_tile < 1000
    journal.discard()


def test_a_log_never_grows_far_beyond_what_is_needed(tmp_path: Path) -> None:
    document = Document(Bounds(0, 0, 256, 256))
    layer = RasterLayer("paint")
    document.layers.insert(0, layer)
    slack, tile = 1_000_000, 256 * 1024
    journal = Journal(Claim.make(tmp_path), slack_bytes=slack)
    for seed in range(40):
        layer.surface.write(document.canvas, rgba_noise(document.canvas, seed))
        journal.record(document.snapshot(), LAKE)
        assert journal.size < 2 * tile + slack + 2 * tile
        assert len(logs(journal)) == 1
    assert kept(journal) == digest(document)
    journal.discard()


def test_while_a_log_is_written_anew_the_old_one_counts(tmp_path: Path) -> None:
    canvas = Bounds(0, 0, 1024, 512)
    document = Document(canvas)
    layer = RasterLayer("paint")
    layer.surface.write(canvas, rgba_noise(canvas, 0))
    document.layers.insert(0, layer)
    journal = Journal(Claim.make(tmp_path), slack_bytes=0, step_bytes=0)
    seen = []
    for column in range(40):
        place = Bounds(column * 24, column, 9, 9)
        layer.surface.write(place, rgba_noise(place, column))
        journal.record(document.snapshot(), LAKE)
        seen.append(len(logs(journal)))
        assert kept(journal) == digest(document)
    journal.discard()
    assert [count for count, _ in itertools.groupby(seen)][:3] == [1, 2, 1]


class FullDisk:
    """Refuses to append from some record on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._room: int | None = None
        write = Log._write

        def refusing(log: Log, data: bytes) -> int:
            if self._room is None or len(data) <= self._room:
                return write(log, data)
            write(log, data[: self._room])
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Log, "_write", refusing)

    def leave(self, room: int | None) -> None:
        """So many bytes of the next record that does not fit are written; None: all fit."""
        self._room = room


@pytest.mark.parametrize("room", [0, 3, 100, 5000])
def test_a_full_disk_keeps_the_state_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    disk = FullDisk(monkeypatch)
    document = document_with_everything()
    journal = Journal.start(tmp_path)
    journal.record(document.snapshot(), LAKE)
    before = digest(document)
    change_somehow(document, Random(3))
    layer = next(layer for layer in document.walk() if isinstance(layer, RasterLayer))
    layer.surface.write(Bounds(0, 0, 80, 80), rgba_noise(Bounds(0, 0, 80, 80), 77))
    disk.leave(room)
    with pytest.raises(OSError, match="No space"):
        journal.record(document.snapshot(), LAKE)
    assert kept(journal) == before
    disk.leave(None)
    journal.record(document.snapshot(), LAKE)
    assert kept(journal) == digest(document)
    journal.discard()


def test_a_full_disk_while_a_log_is_written_anew_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = document_with_everything()
    journal = Journal(Claim.make(tmp_path), slack_bytes=0)

    def refused(path: Path) -> Log:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("studio.journal.journal.Log", refused)
    chance = Random(5)
    for _ in range(10):
        change_somehow(document, chance)
        journal.record(document.snapshot(), LAKE)
        assert kept(journal) == digest(document)
    assert len(logs(journal)) == 1
    journal.discard()
