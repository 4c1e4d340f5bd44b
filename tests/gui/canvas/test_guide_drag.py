"""Guides are laid out of rulers, moved with the move tool, and dragged away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.commands.canvas import SetGuides
from studio.core.guides import Guide, Orientation
from studio.core.snapping import SnapSettings
from studio.gui.canvas.aids import AidSettings
from studio.gui.canvas.page import CanvasPage
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import ToolId, Workspace
from tests.gui.canvas.hand import Hand

ACROSS, DOWN = Orientation.HORIZONTAL, Orientation.VERTICAL


@pytest.fixture
def page(workspace: Workspace, view: CanvasView, qtbot: QtBot) -> CanvasPage:
    """The canvas with rulers, nothing snapping, the document's corner at (100, 100)."""
    workspace.tool_settings.change(AidSettings, rulers=True)
    workspace.tool_settings.change(SnapSettings, enabled=False)
    page = CanvasPage(workspace, view)
    qtbot.addWidget(page)
    page.resize(620, 520)
    page.show()
    view.show_actual()
    view.navigator.pan_by(100 - view.viewport.x, 100 - view.viewport.y)
    return page


def pull(page: CanvasPage, view: CanvasView, ruler: int, place: tuple[float, float]) -> None:
    """Drags from a ruler to a place of the view."""
    source = page.rulers[ruler]
    end = source.mapFromGlobal(view.mapToGlobal(QPointF(*place)))
    hand = Hand(source)
    hand.drag((10.0, 10.0), (end.x(), end.y()))


def test_the_top_ruler_lays_guides_across_and_the_side_ruler_down(
    page: CanvasPage, view: CanvasView, workspace: Workspace
) -> None:
    pull(page, view, 0, (300, 150))
    pull(page, view, 1, (130, 200))
    assert workspace.document.guides == (Guide(ACROSS, 50), Guide(DOWN, 30))
    assert [entry.name for entry in workspace.stack.entries][-2:] == ["Add guide", "Add guide"]


def test_in_a_view_on_its_side_rulers_lay_what_runs_along_them(
    page: CanvasPage, view: CanvasView, workspace: Workspace
) -> None:
    view.navigator.turn_to(90.0)
    pull(page, view, 0, (300, 150))
    (guide,) = workspace.document.guides
    assert guide.orientation is DOWN
    on_it = view.viewport.to_widget(QPointF(guide.position, 0))
    assert on_it.y() == pytest.approx(150, abs=0.6)


def test_a_guide_let_go_on_the_ruler_is_none(
    page: CanvasPage, view: CanvasView, workspace: Workspace
) -> None:
    pull(page, view, 0, (300, -5))
    assert workspace.document.guides == () and not workspace.stack.can_undo


def test_the_move_tool_moves_a_guide_as_one_step(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.tool_settings.change(SnapSettings, enabled=False)
    workspace.stack.push(SetGuides((Guide(ACROSS, 40),)))
    workspace.stack.seal()
    workspace.set_tool(ToolId.MOVE)
    hand.move((300, 140))
    assert view.cursor().shape() is Qt.CursorShape.SplitVCursor
    hand.drag((300, 140), (320, 190))
    assert workspace.document.guides == (Guide(ACROSS, 90),)
    workspace.stack.undo()
    assert workspace.document.guides == (Guide(ACROSS, 40),)


def test_a_guide_dragged_out_of_the_view_is_gone(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.stack.push(SetGuides((Guide(DOWN, 40),)))
    workspace.set_tool(ToolId.MOVE)
    hand.drag((140, 300), (-8, 300))
    assert workspace.document.guides == ()
    assert workspace.stack.undo_name == "Remove guide"


def test_a_drag_that_is_given_up_leaves_the_guide(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.stack.push(SetGuides((Guide(DOWN, 40),)))
    workspace.set_tool(ToolId.MOVE)
    hand.drag((140, 300), (240, 300), let_go=False)
    assert workspace.document.guides != (Guide(DOWN, 40),)
    QTest.keyPress(view, Qt.Key.Key_Escape)
    assert workspace.document.guides == (Guide(DOWN, 40),)


@pytest.mark.parametrize("changes", [{"guides_locked": True}, {"guides": False}])
def test_locked_and_hidden_guides_stay(
    workspace: Workspace, view: CanvasView, hand: Hand, changes: dict[str, bool]
) -> None:
    workspace.stack.push(SetGuides((Guide(DOWN, 40),)))
    workspace.tool_settings.change(AidSettings, **changes)
    workspace.set_tool(ToolId.MOVE)
    hand.move((140, 300))
    assert view.cursor().shape() is not Qt.CursorShape.SplitHCursor


def test_a_guide_is_drawn_to_the_middle_of_the_canvas(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.tool_settings.change(SnapSettings, frame=False)
    workspace.stack.push(SetGuides((Guide(DOWN, 40),)))
    workspace.set_tool(ToolId.MOVE)
    hand.drag((140, 300), (303, 300))
    assert workspace.document.guides == (Guide(DOWN, 200),)
