from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.protocol import Candidate
from studio.gui.docks.variations import CellAction, VariationsPanel
from studio.gui.engine_thread import StoredCandidate
from studio.gui.images import to_image
from studio.gui.models.variations import VariationsModel
from studio.gui.widgets.enlarged import Enlarged
from studio.gui.workspace import Workspace
from tests.helpers.pictures import noise


def stored(index: int) -> StoredCandidate:
    picture = noise(16, 16, seed=index)
    candidate = Candidate(job_id="a", index=index, seed=index, picture=picture, score=0.3)
    return StoredCandidate("a", candidate, None, to_image(picture))


@pytest.fixture
def model() -> VariationsModel:
    return VariationsModel()


@pytest.fixture
def panel(qtbot: QtBot, model: VariationsModel) -> VariationsPanel:
    panel = VariationsPanel(Workspace(), model)
    qtbot.addWidget(panel)
    panel.resize(280, 500)
    panel.show()
    model.begin("a", 3)
    model.add(stored(0))
    model.add(stored(1))
    model.show_preview("a", 2, to_image(noise(4, 4)))
    return panel


def choose(panel: VariationsPanel, row: int) -> None:
    panel.grid.setCurrentIndex(panel.grid.model().index(row, 0))


def test_cells_are_square_and_stand_side_by_side(panel: VariationsPanel) -> None:
    grid = panel.grid
    first, second = (grid.visualRect(grid.model().index(row, 0)) for row in (0, 1))
    assert first.width() == first.height()
    assert second.left() >= first.right()
    assert second.top() == first.top()


def test_enter_puts_a_result_on_the_canvas(qtbot: QtBot, panel: VariationsPanel) -> None:
    choose(panel, 1)
    with qtbot.waitSignal(panel.use_requested) as used:
        QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    assert used.args is not None
    assert used.args[0].candidate.seed == 1


def test_what_is_not_finished_cannot_be_used(qtbot: QtBot, panel: VariationsPanel) -> None:
    choose(panel, 2)
    with qtbot.assertNotEmitted(panel.use_requested):
        QTest.keyClick(panel.grid, Qt.Key.Key_Return)


def test_p_pins(panel: VariationsPanel, model: VariationsModel) -> None:
    choose(panel, 0)
    QTest.keyClick(panel.grid, Qt.Key.Key_P)
    assert model.cells[0].pinned


def test_space_enlarges_and_two_are_compared(panel: VariationsPanel) -> None:
    choose(panel, 0)
    QTest.keyClick(panel.grid, Qt.Key.Key_Space)
    (dialog,) = panel.findChildren(Enlarged)
    assert dialog.accessibleName() == "Enlarged picture"
    dialog.close()
    dialog.setParent(None)
    panel.grid.selectAll()
    QTest.keyClick(panel.grid, Qt.Key.Key_Space)
    (dialog,) = panel.findChildren(Enlarged)
    assert dialog.accessibleName() == "Two pictures compared"
    dialog.close()


def test_more_like_one_is_in_the_menu(qtbot: QtBot, panel: VariationsPanel) -> None:
    choose(panel, 0)
    texts = {action.text(): action for action in panel.grid.menu().actions()}
    with qtbot.waitSignal(panel.more_requested) as more:
        texts[CellAction.MORE.value[0]].trigger()
    assert more.args is not None
    assert more.args[0].candidate.seed == 0


def test_the_slider_says_how_alike_they_shall_be(qtbot: QtBot, model: VariationsModel) -> None:
    workspace = Workspace()
    panel = VariationsPanel(workspace, model)
    qtbot.addWidget(panel)
    panel.likeness.changed.emit(0.9)
    assert workspace.prompt.likeness == 0.9


def test_cells_are_drawn_with_score_and_pin(panel: VariationsPanel, model: VariationsModel) -> None:
    before = panel.grid.grab().toImage()
    model.toggle_pin(0)
    assert panel.grid.grab().toImage() != before
