"""The history lists every step by its name, and goes where it is clicked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from studio.core.commands.canvas import ResizeCanvas
from studio.core.commands.layer import AddLayer, RemoveLayer
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.gui.docks.history import HistoryPanel
from studio.gui.histories import Histories
from studio.gui.settings import HistorySettings
from studio.gui.widgets.undo_room import UndoRoom
from studio.gui.workspace import Workspace
from tests.helpers.documents import records, rgba_noise

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """A document with three steps done to it."""
    workspace = Workspace()
    workspace.replace_document(Document(Bounds(0, 0, 64, 64)))
    workspace.stack.push(AddLayer(RasterLayer("one")))
    workspace.stack.push(AddLayer(RasterLayer("two")))
    workspace.stack.push(ResizeCanvas(Bounds(0, 0, 80, 64)))
    return workspace


@pytest.fixture
def histories(qtbot: QtBot, tmp_path: Path) -> Iterator[Histories]:
    found = Histories(tmp_path, HistorySettings(memory=2**29))
    yield found
    found.close()


@pytest.fixture
def panel(workspace: Workspace, histories: Histories, qtbot: QtBot) -> HistoryPanel:
    panel = HistoryPanel(workspace, histories)
    qtbot.addWidget(panel)
    panel.resize(240, 400)
    panel.show()
    return panel


@pytest.fixture
def steps(panel: HistoryPanel) -> QListView:
    found = panel.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def words(steps: QListView) -> list[str]:
    model = steps.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def click(steps: QListView, row: int) -> None:
    place = steps.visualRect(steps.model().index(row, 0)).center()
    QTest.mouseClick(
        steps.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )


def marked(steps: QListView) -> list[int]:
    """The rows with the mark of the saved state."""
    model = steps.model()
    rows = range(model.rowCount())
    return [row for row in rows if model.index(row, 0).data(Qt.ItemDataRole.DecorationRole)]


def test_every_step_has_its_name(steps: QListView) -> None:
    assert words(steps) == ["Start", "Add layer", "Add layer", "Resize canvas"]
    assert steps.currentIndex().row() == 3


def test_a_click_goes_there_and_back(steps: QListView, workspace: Workspace) -> None:
    click(steps, 1)
    assert [layer.name for layer in workspace.document.layers] == ["one"]
    assert workspace.document.canvas == Bounds(0, 0, 64, 64)
    click(steps, 3)
    assert workspace.document.canvas == Bounds(0, 0, 80, 64)
    click(steps, 0)
    assert not workspace.document.layers


def test_it_follows_undo_made_elsewhere(steps: QListView, workspace: Workspace) -> None:
    workspace.stack.undo()
    assert steps.currentIndex().row() == 2
    assert len(words(steps)) == 4


def test_undone_steps_look_different(steps: QListView, workspace: Workspace) -> None:
    last = steps.model().index(3, 0)
    assert last.data(Qt.ItemDataRole.FontRole) is None
    workspace.stack.undo()
    font = steps.model().index(3, 0).data(Qt.ItemDataRole.FontRole)
    assert font is not None and font.italic()


def test_a_new_step_replaces_the_undone_ones(steps: QListView, workspace: Workspace) -> None:
    workspace.stack.go_to(1)
    workspace.stack.push(ResizeCanvas(Bounds(0, 0, 90, 90)))
    assert words(steps) == ["Start", "Add layer", "Resize canvas"]


def test_the_step_that_is_in_the_file_is_marked(
    steps: QListView, workspace: Workspace, tmp_path: Path
) -> None:
    assert marked(steps) == []
    workspace.stack.undo()
    workspace.mark_saved(tmp_path / "lake.ora")
    assert marked(steps) == [2]
    workspace.stack.go_to(0)
    assert marked(steps) == [2]
    assert steps.model().index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Add layer, saved"
    workspace.stack.push(ResizeCanvas(Bounds(0, 0, 90, 90)))
    assert marked(steps) == []


def test_it_says_where_older_steps_are_forgotten(workspace: Workspace, steps: QListView) -> None:
    document = Document(Bounds(0, 0, 64, 64))
    stack = CommandStack(document, limit_bytes=0)
    layer = RasterLayer("one")
    layer.surface.write(document.canvas, np.full((64, 64, 4), 255, np.uint8))
    stack.push(AddLayer(layer))
    stack.push(RemoveLayer(layer))
    stack.push(ResizeCanvas(Bounds(0, 0, 80, 64)))
    workspace.current.stack = stack
    workspace.document_replaced.emit()
    assert words(steps) == ["Older steps are forgotten", "Resize canvas"]


def test_it_says_what_the_steps_take_up(
    panel: HistoryPanel, workspace: Workspace, steps: QListView
) -> None:
    room = panel.findChild(UndoRoom)
    assert isinstance(room, UndoRoom)
    assert room.words == "0 B of 512 MB in memory"
    layer = RasterLayer("big")
    layer.surface.write(Bounds(0, 0, 512, 512), rgba_noise(Bounds(0, 0, 512, 512), 1))
    workspace.stack.push(AddLayer(layer))
    workspace.stack.undo()
    assert room.words == "1 MB of 512 MB in memory"


def test_the_person_chooses_how_much_it_may_be(
    panel: HistoryPanel, histories: Histories, steps: QListView
) -> None:
    room = panel.findChild(UndoRoom)
    assert isinstance(room, UndoRoom)
    chosen = records(panel.memory_chosen)
    (choice,) = [action for action in room.choices if "4.0 GB" in action.text()]
    choice.trigger()
    assert chosen == [2**32]
    assert histories.memory == 2**32
    assert room.words == "0 B of 4.0 GB in memory"


def test_another_document_has_a_history_of_its_own(steps: QListView, workspace: Workspace) -> None:
    workspace.replace_document(Document(Bounds(0, 0, 8, 8)))
    assert words(steps) == ["Start"]
