"""Open documents are kept in journals while they have changes, and no longer than that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.document import Document, DocumentSnapshot
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.restoring import restored
from studio.gui import journalling
from studio.gui.journalling import Journalling
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace
from studio.journal import About, Journal
from studio.journal.recovery import read_journal
from studio.tools import Button, PointerEvent
from tests.helpers.documents import records
from tests.helpers.states import digest

CANVAS = Bounds(0, 0, 64, 48)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(Document(CANVAS))
    return workspace


@pytest.fixture
def kept(workspace: Workspace, folder: Path) -> Iterator[Journalling]:
    journals = Journalling(workspace, folder)
    yield journals
    journals.close()


def journals_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def wait_until_kept(qtbot: QtBot, journals: Journalling) -> None:
    qtbot.waitUntil(lambda: journals.is_idle, timeout=20_000)


def add_layer(workspace: Workspace) -> RasterLayer:
    layer = RasterLayer("paint")
    layer.surface.write(CANVAS, np.full((48, 64, 4), 200, np.uint8))
    workspace.stack.push(AddLayer(layer))
    return layer


def test_a_change_is_kept(
    qtbot: QtBot, workspace: Workspace, kept: Journalling, folder: Path
) -> None:
    add_layer(workspace)
    wait_until_kept(qtbot, kept)
    (journal,) = journals_in(folder)
    found = read_journal(journal)
    assert found is not None
    about, snapshot = found
    assert digest(restored(snapshot)) == digest(workspace.document)
    assert (about.name, about.path, about.is_saved) == ("untitled", "", False)


def test_a_stroke_is_kept_before_it_ends(
    qtbot: QtBot, workspace: Workspace, kept: Journalling, folder: Path
) -> None:
    add_layer(workspace)
    tool = workspace.tool
    assert tool is not None
    tool.press(PointerEvent(5, 5, button=Button.LEFT))
    tool.move(PointerEvent(40, 30))
    wait_until_kept(qtbot, kept)
    found = read_journal(journals_in(folder)[0])
    assert found is not None
    assert digest(restored(found[1])) == digest(workspace.document)
    tool.move(PointerEvent(10, 40))
    tool.release(PointerEvent(10, 40, button=Button.LEFT))
    workspace.stack.undo()
    wait_until_kept(qtbot, kept)
    found = read_journal(journals_in(folder)[0])
    assert found is not None
    assert digest(restored(found[1])) == digest(workspace.document)


def test_an_empty_canvas_is_not_kept(
    qtbot: QtBot, workspace: Workspace, kept: Journalling, folder: Path
) -> None:
    workspace.document.frame = Bounds(0, 0, 8, 8)
    wait_until_kept(qtbot, kept)
    assert not journals_in(folder)


def test_what_is_saved_is_marked_so(
    qtbot: QtBot, workspace: Workspace, kept: Journalling, folder: Path, tmp_path: Path
) -> None:
    add_layer(workspace)
    workspace.mark_saved(tmp_path / "lake.ora")
    wait_until_kept(qtbot, kept)
    found = read_journal(journals_in(folder)[0])
    assert found is not None
    assert found[0].is_saved
    assert found[0].path == str(tmp_path / "lake.ora")


def test_closing_a_document_removes_its_journal(
    qtbot: QtBot, workspace: Workspace, kept: Journalling, folder: Path
) -> None:
    add_layer(workspace)
    wait_until_kept(qtbot, kept)
    workspace.close_document(workspace.current)
    qtbot.waitUntil(lambda: not journals_in(folder), timeout=20_000)


def test_leaving_removes_all_journals(qtbot: QtBot, workspace: Workspace, folder: Path) -> None:
    journals = Journalling(workspace, folder)
    add_layer(workspace)
    workspace.new_document(Document(CANVAS))
    add_layer(workspace)
    wait_until_kept(qtbot, journals)
    assert len(journals_in(folder)) == 2
    journals.close()
    assert not journals_in(folder)


def test_a_disk_that_refuses_is_said_once_and_tried_again(
    qtbot: QtBot, workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journalling, "RETRY_MS", 20)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be")
    journals = Journalling(workspace, folder)
    told = records(journals.message)
    add_layer(workspace)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    qtbot.wait(100)
    ((words, tone, _),) = told
    assert "save the drawing" in words
    assert tone is Tone.WARNING
    folder.unlink()
    qtbot.waitUntil(lambda: bool(journals_in(folder)), timeout=20_000)
    journals.close()


def test_a_document_that_is_closed_while_it_is_written_is_not_written_again(
    qtbot: QtBot,
    workspace: Workspace,
    kept: Journalling,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journalling, "DELAY_MS", 0)
    written, go_on, record = threading.Event(), threading.Event(), Journal.record

    def slowly(journal: Journal, document: DocumentSnapshot, about: About) -> None:
        written.set()
        go_on.wait(10)
        record(journal, document, about)

    monkeypatch.setattr(Journal, "record", slowly)
    add_layer(workspace)
    qtbot.waitUntil(written.is_set)
    add_layer(workspace)
    written.clear()
    workspace.close_document(workspace.current)
    go_on.set()
    qtbot.waitUntil(lambda: not journals_in(folder), timeout=20_000)
    qtbot.wait(50)
    assert not written.is_set()
    assert not journals_in(folder)
