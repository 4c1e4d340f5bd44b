"""Lost drawings are found after the start, and become what the person says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.errors import PictureError
from studio.core.restoring import restored
from studio.gui.background import Background
from studio.gui.journalling import Journalling
from studio.gui.recovery import Found, Recovery
from studio.gui.workspace import Workspace
from studio.journal import About, Journal, lost_drawings
from studio.journal.recovery import read_journal
from tests.helpers.states import digest
from tests.helpers.trees import document_with_everything


class Start:
    """The program right after its start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace()
        self.background = Background()
        self.journalling = Journalling(self.workspace, folder)
        self.recovery = Recovery(self.workspace, self.journalling, self.background, folder)

    def found(self, qtbot: QtBot) -> tuple[Found, ...]:
        with qtbot.waitSignal(self.recovery.found, timeout=20_000) as caught:
            self.recovery.look()
        assert caught.args is not None
        drawings: tuple[Found, ...] = caught.args[0]
        return drawings

    def end(self) -> None:
        self.background.close()
        self.recovery.close()
        self.journalling.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


@pytest.fixture
def start(qtbot: QtBot, folder: Path) -> Iterator[Start]:
    program = Start(folder)
    yield program
    program.end()


def left(folder: Path, name: str, path: str = "", time: float = 1.0) -> str:
    """Leaves a journal behind as a crash does; the digest of what is in it."""
    document = document_with_everything()
    document.layers[0].name = name
    journal = Journal.start(folder)
    journal.record(document.snapshot(), About(name=name, path=path, time=time))
    journal.leave()
    return digest(document)


def test_drawings_are_found_the_latest_first(qtbot: QtBot, folder: Path, start: Start) -> None:
    left(folder, "old", time=1.0)
    left(folder, "new", time=2.0)
    found = start.found(qtbot)
    assert [drawing.lost.about.name for drawing in found] == ["new", "old"]
    assert all(not drawing.thumbnail.isNull() for drawing in found)


def test_where_nothing_is_lost_nothing_is_said(qtbot: QtBot, start: Start) -> None:
    with qtbot.assertNotEmitted(start.recovery.found):
        start.recovery.look()
        qtbot.waitUntil(lambda: start.background.is_idle)


def test_an_opened_drawing_is_as_it_was_and_not_saved(
    qtbot: QtBot, folder: Path, start: Start, tmp_path: Path
) -> None:
    before = left(folder, "lake.ora", str(tmp_path / "lake.ora"))
    (drawing,) = start.found(qtbot)
    start.recovery.open(drawing)
    qtbot.waitUntil(lambda: not start.workspace.is_pristine, timeout=20_000)
    assert digest(start.workspace.document) == before
    assert start.workspace.path == tmp_path / "lake.ora"
    assert start.workspace.title == "lake.ora*"


def test_an_opened_drawing_is_never_without_a_journal(
    qtbot: QtBot, folder: Path, start: Start
) -> None:
    before = left(folder, "lake")
    (drawing,) = start.found(qtbot)
    start.recovery.open(drawing)
    assert drawing.lost.claim.folder.is_dir()
    qtbot.waitUntil(lambda: not drawing.lost.claim.folder.exists(), timeout=20_000)
    (journal,) = [path for path in folder.iterdir() if path.is_dir()]
    found = read_journal(journal)
    assert found is not None
    assert digest(restored(found[1])) == before
    assert not found[0].is_saved


def test_a_drawing_that_cannot_be_opened_stays(qtbot: QtBot, folder: Path, start: Start) -> None:
    left(folder, "lake")
    (drawing,) = start.found(qtbot)
    for log in drawing.lost.claim.folder.iterdir():
        log.rename(log.with_suffix(".away"))
    with qtbot.captureExceptions() as errors:
        start.recovery.open(drawing)
        qtbot.waitUntil(lambda: bool(errors), timeout=20_000)
    assert isinstance(errors[0][1], PictureError)
    assert drawing.lost.claim.folder.is_dir()


def test_a_discarded_drawing_is_gone(qtbot: QtBot, folder: Path, start: Start) -> None:
    left(folder, "lake")
    (drawing,) = start.found(qtbot)
    start.recovery.discard(drawing)
    qtbot.waitUntil(lambda: not drawing.lost.claim.folder.exists(), timeout=20_000)
    assert start.workspace.is_pristine


@pytest.mark.parametrize("how", ["said", "unsaid"])
def test_a_drawing_kept_for_later_is_found_again(
    qtbot: QtBot, folder: Path, start: Start, how: str
) -> None:
    left(folder, "lake")
    (drawing,) = start.found(qtbot)
    if how == "said":
        start.recovery.keep(drawing)
    start.recovery.close()
    (again,) = lost_drawings(folder)
    assert again.about.name == "lake"
    again.keep()
