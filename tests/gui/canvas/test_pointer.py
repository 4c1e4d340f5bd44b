"""What pointer and keys do on the canvas, tool by tool."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.brush import Dynamic, Source, Target
from studio.core.colour import Colour
from studio.core.geometry import Bounds, Point
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.tool_overlay import extent_of
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import ToolId, Workspace
from tests.gui.canvas.conftest import CANVAS
from tests.gui.canvas.hand import RIGHT, Hand
from tests.gui.canvas.looks import Repaints, look, pixel, shown

BLUE = Colour(0, 0, 255)
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_stroke_paints_and_is_undone_in_one_step(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.set_brush(size=30.0, colour=BLUE)
    hand.drag((150, 150), (250, 150))
    assert pixel(painted, 100, 50) == (0, 0, 255, 255)
    assert shown(view, 200, 150) == QColor(0, 0, 255)
    assert painted.stack.undo_name == "Paint stroke"
    painted.stack.undo()
    assert pixel(painted, 100, 50) == (200, 40, 40, 255)


def test_a_stroke_may_leave_the_canvas_and_come_back(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.set_brush(size=20.0, colour=BLUE)
    hand.drag((150, 130), (-30, 130), (-30, 250), (150, 250))
    assert pixel(painted, 20, 30) == (0, 0, 255, 255)
    assert pixel(painted, 20, 150) == (0, 0, 255, 255)
    assert len(painted.stack.entries) == 2


def test_escape_gives_a_stroke_up(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    painted.set_brush(size=30.0, colour=BLUE)
    hand.drag((150, 150), (250, 150), let_go=False)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert pixel(painted, 100, 50) == (200, 40, 40, 255)
    hand.move((300, 180))
    hand.release((300, 180))
    assert len(painted.stack.entries) == 1


def test_a_stroke_ends_where_the_system_takes_the_pointer_away(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.set_brush(size=30.0, colour=BLUE)
    hand.drag((150, 150), (250, 150), let_go=False)
    QApplication.sendEvent(view, QEvent(QEvent.Type.WindowDeactivate))
    assert painted.stack.undo_name == "Paint stroke"
    hand.move((280, 290))
    assert pixel(painted, 180, 190) == (200, 40, 40, 255)


def test_mask_brush_and_eraser_change_the_mask_alone(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    before = painted.document.flatten()
    painted.set_brush(size=40.0, hardness=1.0)
    painted.set_tool(ToolId.MASK)
    hand.drag((180, 180), (260, 180))
    assert painted.document.mask.read(Bounds(120, 80, 1, 1))[0, 0] == 255
    painted.set_tool(ToolId.MASK_ERASER)
    hand.drag((180, 180), (260, 180))
    assert painted.document.mask.read(Bounds(120, 80, 1, 1))[0, 0] == 0
    assert painted.document.flatten() == before


def test_a_pen_paints_with_its_pressure(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    painted.set_brush(size=60.0, hardness=1.0, colour=BLUE)
    hand.pen(QEvent.Type.TabletPress, (150, 150), 0.25)
    hand.pen(QEvent.Type.TabletMove, (200, 150), 0.25)
    hand.pen(QEvent.Type.TabletMove, (250, 150), 0.25)
    hand.pen(QEvent.Type.TabletRelease, (250, 150), 0.0)
    assert pixel(painted, 100, 50) == (0, 0, 255, 255)
    assert pixel(painted, 100, 62) == (200, 40, 40, 255)


def test_a_pen_that_leans_turns_a_flat_tip(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    leaning = Dynamic(Source.LEAN, Target.ANGLE)
    painted.set_brush(size=60.0, hardness=1.0, roundness=0.1, colour=BLUE, dynamics=(leaning,))
    hand.pen(QEvent.Type.TabletPress, (150, 150), 1.0, tilt=(0.0, 40.0))
    hand.pen(QEvent.Type.TabletRelease, (150, 150), 0.0, tilt=(0.0, 40.0))
    assert pixel(painted, 50, 70) == (0, 0, 255, 255)
    assert pixel(painted, 70, 50) == (200, 40, 40, 255)


def test_the_other_end_of_the_pen_erases(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    painted.set_brush(size=40.0, hardness=1.0)
    hand.pen(QEvent.Type.TabletMove, (150, 150), 0.0, eraser=True)
    tools = [painted.tool_id]
    hand.pen(QEvent.Type.TabletPress, (150, 150), 1.0, eraser=True)
    hand.pen(QEvent.Type.TabletMove, (250, 150), 1.0, eraser=True)
    hand.pen(QEvent.Type.TabletRelease, (250, 150), 0.0, eraser=True)
    assert pixel(painted, 100, 50)[3] == 0
    hand.pen(QEvent.Type.TabletMove, (250, 150), 0.0)
    assert [*tools, painted.tool_id] == [ToolId.ERASER, ToolId.BRUSH]


def test_what_a_tool_refuses_is_said(workspace: Workspace, view: CanvasView, hand: Hand) -> None:
    said: list[str] = []
    view.refused.connect(said.append)
    hand.drag((350, 390), (380, 390))
    assert said and "layer" in said[0]
    assert not workspace.stack.can_undo


def test_alt_lends_the_colour_picker(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    alt = Qt.KeyboardModifier.AltModifier
    hand.drag((150, 150), (152, 150), modifiers=alt)
    assert painted.brush.colour == Colour(200, 40, 40)
    assert len(painted.stack.entries) == 1
    assert painted.tool_id is ToolId.BRUSH


def test_the_right_button_sizes_the_brush_and_with_control_its_hardness(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.set_brush(size=40.0, hardness=0.5)
    hand.drag((250, 250), (370, 250), button=RIGHT)
    assert painted.brush.size == pytest.approx(80.0)
    hand.drag((250, 250), (210, 250), button=RIGHT, modifiers=CONTROL)
    assert painted.brush.hardness == pytest.approx(0.3)
    assert len(painted.stack.entries) == 1


def test_escape_brings_the_brush_back(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    painted.set_brush(size=40.0)
    hand.drag((250, 250), (370, 250), button=RIGHT, let_go=False)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert painted.brush.size == 40.0


def test_the_brush_is_shown_at_its_true_size(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.set_brush(size=60.0)
    hand.move((5, 5))
    bare = look(view)
    hand.move((300, 250))
    ringed = look(view)
    differing = [x for x in range(600) if bare.pixel(x, 250) != ringed.pixel(x, 250)]
    assert min(differing) == pytest.approx(270, abs=2)
    assert max(differing) == pytest.approx(330, abs=2)


def test_moving_the_brush_repaints_its_surroundings_alone(
    painted: Workspace, view: CanvasView, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted.set_brush(size=30.0)
    hand.move((250, 250))
    repaints = Repaints(view, monkeypatch)
    hand.move((260, 250))
    rect = repaints.rect()
    assert rect.isValid() and rect.width() < 80 and rect.height() < 70


@pytest.mark.parametrize("move", [Navigator.mirror, lambda seen: seen.step(1)])
def test_the_brush_stays_under_the_pointer_when_the_view_moves(
    painted: Workspace, view: CanvasView, hand: Hand, move: Callable[[Navigator], None]
) -> None:
    painted.set_brush(size=30.0)
    hand.move((220, 180))
    move(view.navigator)
    moved = look(view)
    hand.move((220, 181))
    hand.move((220, 180))
    assert look(view) == moved


def test_nothing_is_left_of_the_brush_where_it_was_when_the_view_moved(
    painted: Workspace, view: CanvasView, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted.set_brush(size=30.0)
    hand.drag((220, 180), (222, 180), let_go=False)
    view.navigator.mirror()
    assert painted.tool is not None
    drawn = extent_of(painted.tool.overlay(), view.viewport).toAlignedRect()
    repaints = Repaints(view, monkeypatch)
    hand.move((300, 250))
    assert repaints.rect().contains(drawn)


def test_near_an_edge_a_handle_appears_beside_it(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    hand.move((300, 250))
    assert shown(view, 512, 250) == shown(view, 20, 20)
    hand.move((485, 170))
    assert shown(view, 512, 250) != shown(view, 20, 20)


def test_dragging_the_handle_asks_for_a_wider_canvas(
    painted: Workspace, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.extend_requested) as signal:
        hand.drag((512, 250), (580, 250), modifiers=CONTROL)
    assert signal.args == [Bounds(0, 0, 468, 300)]
    assert painted.document.canvas == CANVAS
    assert len(painted.stack.entries) == 1


def test_dragging_a_corner_extends_both_ways(
    painted: Workspace, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.extend_requested) as signal:
        hand.drag((88, 88), (48, 28), modifiers=CONTROL)
    assert signal.args == [Bounds(-40, -60, 440, 360)]


def test_the_extend_tool_takes_hold_of_the_edge_itself(
    painted: Workspace, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    painted.set_tool(ToolId.EXTEND)
    with qtbot.waitSignal(view.extend_requested) as signal:
        hand.drag((300, 400), (300, 450), modifiers=CONTROL)
    assert signal.args == [Bounds(0, 0, 400, 350)]


def test_the_new_area_is_shown_while_dragging_and_escape_ends_it(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    asked: list[Bounds] = []
    view.extend_requested.connect(asked.append)
    bare = shown(view, 550, 120)
    hand.drag((512, 250), (590, 250), let_go=False)
    hatched = look(view)
    assert any(hatched.pixelColor(x, 120) != bare for x in range(520, 560))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    hand.release((590, 250))
    assert shown(view, 550, 120) == bare
    assert not asked


def test_the_pixel_under_the_pointer_is_told_with_its_colour(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    told: list[tuple[object, object]] = []
    view.pointer_moved.connect(lambda place, colour: told.append((place, colour)))
    hand.move((110, 120))
    hand.move((20, 20))
    assert told == [(Point(10, 20), Colour(200, 40, 40)), (None, None)]


def test_what_is_under_a_pointer_at_rest_is_told_again_after_a_change(
    qtbot: QtBot, painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    told: list[tuple[object, object]] = []
    hand.move((110, 120))
    view.pointer_moved.connect(lambda place, colour: told.append((place, colour)))
    painted.stack.undo()
    qtbot.waitUntil(lambda: told == [(Point(10, 20), None)])
    painted.stack.redo()
    qtbot.waitUntil(lambda: told[1:] == [(Point(10, 20), Colour(200, 40, 40))])
    view.navigator.pan_by(10, 0)
    qtbot.waitUntil(lambda: told[2:] == [(Point(0, 20), Colour(200, 40, 40))])
    painted.document.canvas = Bounds(50, 50, 100, 100)
    qtbot.waitUntil(lambda: told[3:] == [(None, None)])


def test_nothing_is_told_of_a_pointer_that_left(
    qtbot: QtBot, painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    told: list[object] = []
    hand.move((110, 120))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    view.pointer_moved.connect(lambda place, _: told.append(place))
    painted.stack.undo()
    QApplication.processEvents()
    assert not told


def test_why_a_key_does_nothing_is_said(painted: Workspace, view: CanvasView) -> None:
    said: list[str] = []
    view.refused.connect(said.append)
    painted.document.layers[0].locked = True
    painted.set_tool(ToolId.MOVE)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert len(said) == 1
    assert "locked" in said[0]
