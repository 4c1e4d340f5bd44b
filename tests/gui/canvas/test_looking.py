"""The view is panned, turned and zoomed by hand, and the picture stays as it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import ToolId, Workspace
from tests.gui.canvas.hand import MIDDLE, Hand

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
RIGHT_OF, BELOW = (500.0, 250.0), (300.0, 450.0)
"""Of the middle of the view: a quarter of a turn from one to the other."""
MIDDLE_PLACE = QPointF(300, 250)


def test_the_turning_tool_turns_the_view_about_its_middle(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.set_tool(ToolId.TURN)
    held = view.viewport.to_canvas(MIDDLE_PLACE)
    hand.drag(RIGHT_OF, BELOW)
    assert view.viewport.rotation == 90.0
    now = view.viewport.to_widget(held)
    assert (now.x(), now.y()) == pytest.approx((300, 250), abs=1e-3)
    assert len(painted.stack.entries) == 1


@pytest.mark.parametrize(
    ("down", "expected"), [(20.0, 5.711), (50.0, 15.0), (35.0, 9.926), (60.0, 15.0)]
)
def test_a_turn_clings_to_steps(
    workspace: Workspace, view: CanvasView, hand: Hand, down: float, expected: float
) -> None:
    workspace.set_tool(ToolId.TURN)
    hand.drag(RIGHT_OF, (500.0, 250.0 + down))
    assert view.viewport.rotation == pytest.approx(expected, abs=1e-3)


def test_with_control_a_turn_keeps_to_steps(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.set_tool(ToolId.TURN)
    hand.drag(RIGHT_OF, (500.0, 280.0), modifiers=CONTROL)
    assert view.viewport.rotation == 15.0


def test_shift_and_space_turn_with_any_tool(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    QTest.keyPress(view, Qt.Key.Key_Space)
    hand.drag(RIGHT_OF, BELOW, modifiers=SHIFT)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert view.viewport.rotation == 90.0
    assert painted.tool_id is ToolId.BRUSH and len(painted.stack.entries) == 1


def test_r_turns_while_it_is_held(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    QTest.keyPress(view, Qt.Key.Key_R)
    hand.drag(RIGHT_OF, BELOW)
    QTest.keyRelease(view, Qt.Key.Key_R)
    assert view.viewport.rotation == 90.0
    assert painted.tool_id is ToolId.BRUSH


def test_r_pressed_and_let_go_takes_the_turning_tool(painted: Workspace, view: CanvasView) -> None:
    QTest.keyPress(view, Qt.Key.Key_R)
    QTest.keyRelease(view, Qt.Key.Key_R)
    assert painted.tool_id is ToolId.TURN


def test_a_turn_that_is_given_up_is_turned_back(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.set_tool(ToolId.TURN)
    hand.drag(RIGHT_OF, BELOW, let_go=False)
    QTest.keyPress(view, Qt.Key.Key_Escape)
    assert view.viewport.rotation == 0.0


def test_the_zoom_tool_zooms_where_it_clicks(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.set_tool(ToolId.ZOOM)
    held = view.viewport.to_canvas(QPointF(150, 130))
    hand.drag((150, 130), (150, 130))
    assert view.zoom == 1.5
    now = view.viewport.to_widget(held)
    assert (now.x(), now.y()) == pytest.approx((150, 130), abs=1e-3)
    hand.drag((150, 130), (150, 130), modifiers=ALT)
    assert view.zoom == 1.0


def test_dragging_the_zoom_tool_sideways_zooms_smoothly(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.set_tool(ToolId.ZOOM)
    hand.drag((200, 200), (320, 200))
    assert view.zoom == pytest.approx(2.0)
    hand.drag((320, 200), (80, 260))
    assert view.zoom == pytest.approx(0.5)


def test_panning_a_turned_view_follows_the_hand(view: CanvasView, hand: Hand) -> None:
    view.navigator.turn_by(37.0)
    held = view.viewport.to_canvas(QPointF(300, 300))
    hand.drag((300, 300), (340, 280), button=MIDDLE)
    now = view.viewport.to_widget(held)
    assert (now.x(), now.y()) == pytest.approx((340, 280), abs=1e-3)
