"""A save that fails leaves the old file as it was, and the document open with its changes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.layers import RasterLayer
from studio.files.openraster import load_openraster
from studio.gui.background import Background
from studio.gui.document_files import DocumentFiles
from studio.gui.errands import Errands
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace
from tests.helpers.answers import Answers
from tests.helpers.disks import full_disk, read_only
from tests.helpers.pictures import noise


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    return Workspace()


@pytest.fixture
def told() -> list[tuple[str, Tone]]:
    return []


@pytest.fixture
def files(workspace: Workspace, told: list[tuple[str, Tone]]) -> Iterator[DocumentFiles]:
    background = Background()
    files = DocumentFiles(workspace, Errands(background), Path.home())
    files.message.connect(lambda words, tone, _: told.append((words, tone)))
    yield files
    background.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def lake(qtbot: QtBot, files: DocumentFiles, workspace: Workspace, folder: Path) -> Path:
    """The file of the open document, which was painted on since it was saved."""
    path = folder / "lake.ora"
    paint(workspace)
    files.questions = Answers(target=path)
    files.save()
    qtbot.waitUntil(lambda: not workspace.has_unsaved_changes, timeout=20_000)
    paint(workspace)
    return path


def paint(workspace: Workspace) -> None:
    workspace.stack.push(AddLayer(RasterLayer.from_picture("noise", noise(200, 200))))


def save_and_fail(
    qtbot: QtBot,
    save: Callable[[], None],
    told: list[tuple[str, Tone]],
    trouble: AbstractContextManager[None],
) -> str:
    """What the person is told."""
    told.clear()
    with trouble:
        save()
        qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    ((words, tone),) = told
    assert tone is Tone.FAILURE
    return words


def check_nothing_happened(workspace: Workspace, lake: Path, before: bytes) -> None:
    assert lake.read_bytes() == before
    assert list(lake.parent.iterdir()) == [lake]
    assert workspace.path == lake
    assert workspace.has_unsaved_changes
    assert len(workspace.document.layers) == 2
    assert workspace.stack.can_undo


@pytest.mark.parametrize("trouble", ["full disk", "read-only folder"])
def test_a_save_over_the_old_file_that_fails_leaves_it(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    lake: Path,
    told: list[tuple[str, Tone]],
    trouble: str,
) -> None:
    before = lake.read_bytes()
    hindered = full_disk() if trouble == "full disk" else read_only(lake.parent)
    words = save_and_fail(qtbot, files.save, told, hindered)
    assert str(lake) in words
    check_nothing_happened(workspace, lake, before)
    files.save()
    qtbot.waitUntil(lambda: not workspace.has_unsaved_changes, timeout=20_000)
    assert len(load_openraster(lake).layers) == 2


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("x" * 300 + ".ora", "the name is too long"),
        ("missing/lake.ora", "the folder does not exist"),
        ("lake.ora/lake.ora", "a part of the path is not a folder"),
    ],
)
def test_a_save_under_a_name_that_cannot_be_leaves_all_as_it_was(
    qtbot: QtBot,
    files: DocumentFiles,
    workspace: Workspace,
    lake: Path,
    told: list[tuple[str, Tone]],
    name: str,
    why: str,
) -> None:
    before = lake.read_bytes()
    files.questions = Answers(target=lake.parent / name)
    words = save_and_fail(qtbot, files.save_as, told, nullcontext())
    assert why in words
    check_nothing_happened(workspace, lake, before)
