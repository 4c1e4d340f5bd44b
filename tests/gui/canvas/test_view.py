"""The canvas shows the document, from near and far."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.commands.canvas import ResizeCanvas, SetFrame
from studio.core.commands.selection import SetMask
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace
from tests.gui.canvas.conftest import CANVAS
from tests.gui.canvas.hand import MIDDLE, Hand
from tests.gui.canvas.looks import RED, Repaints, grey, look, shown

BLUE = Colour(0, 0, 255)
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_at_100_percent_a_pixel_is_a_pixel(view: CanvasView) -> None:
    assert view.zoom == 1.0
    assert view.viewport.rect_to_widget(CANVAS) == QRect(100, 100, 400, 300).toRectF()


def test_it_shows_the_picture_on_a_checkerboard_on_a_surround(
    painted: Workspace, view: CanvasView
) -> None:
    assert shown(view, 150, 150) == RED
    surround, empty = shown(view, 20, 20), shown(view, 450, 350)
    assert surround.saturation() == 0 and empty.saturation() == 0
    checks = {shown(view, 450 + 4 * i, 350).lightness() for i in range(8)}
    assert len(checks) == 2
    assert surround.lightness() not in checks


@pytest.mark.parametrize("place", [(150.0, 120.0), (590.0, 30.0)])
def test_the_wheel_zooms_to_the_cursor(
    view: CanvasView, hand: Hand, place: tuple[float, float]
) -> None:
    held = view.viewport.to_canvas(QPointF(*place))
    hand.wheel(place, notches=4)
    assert view.zoom == pytest.approx(2.0)
    now = view.viewport.to_widget(held)
    assert (now.x(), now.y()) == pytest.approx(place, abs=1e-6)
    hand.wheel(place, notches=-8, modifiers=CONTROL)
    assert view.zoom == pytest.approx(0.5)


def test_a_trackpad_pans_and_zooms_with_control(view: CanvasView, hand: Hand) -> None:
    before = view.viewport
    hand.wheel((300, 200), pixels=(15, -40))
    assert (view.viewport.x - before.x, view.viewport.y - before.y) == (15, -40)
    hand.wheel((300, 200), pixels=(0, 120), modifiers=CONTROL)
    assert view.zoom > 1.0


def test_fit_shows_the_whole_canvas(view: CanvasView, hand: Hand) -> None:
    hand.wheel((300, 200), notches=9)
    view.fit()
    whole = view.viewport.rect_to_widget(CANVAS)
    assert view.rect().toRectF().contains(whole)
    assert whole.center().x() == pytest.approx(300)
    assert whole.width() > 500


def test_zoom_in_and_out_go_through_the_usual_row(view: CanvasView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.zoom_changed) as signal:
        view.zoom_in()
    assert signal.args == [1.5]
    view.zoom_out()
    view.zoom_out()
    assert view.zoom == pytest.approx(0.667)


def test_resizing_keeps_the_middle_in_the_middle(view: CanvasView) -> None:
    middle = view.viewport.to_canvas(QPointF(300, 250))
    view.resize(900, 640)
    assert view.viewport.to_widget(middle) == QPointF(450, 320)


@pytest.mark.parametrize("button", [MIDDLE, Qt.MouseButton.LeftButton])
def test_space_or_the_middle_button_pan(
    painted: Workspace, view: CanvasView, hand: Hand, button: Qt.MouseButton
) -> None:
    before = view.viewport
    if button is not MIDDLE:
        QTest.keyPress(view, Qt.Key.Key_Space)
    hand.drag((300, 300), (340, 280), button=button)
    moved = (view.viewport.x - before.x, view.viewport.y - before.y)
    assert moved == pytest.approx((40, -20), abs=1e-4)
    assert not painted.stack.can_redo and len(painted.stack.entries) == 1


def test_the_tool_comes_back_when_space_is_let_go(painted: Workspace, view: CanvasView) -> None:
    QTest.keyPress(view, Qt.Key.Key_Space)
    assert view.cursor().shape() is Qt.CursorShape.OpenHandCursor
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert view.cursor().shape() is not Qt.CursorShape.OpenHandCursor


def test_a_panned_picture_looks_as_if_drawn_anew(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.stack.push(SetMask.from_bounds(Bounds(50, 50, 80, 80)))
    look(view)
    hand.drag((300, 300), (263, 341), button=MIDDLE)
    hand.move((5, 5))
    panned = look(view)
    view.set_mask_shown(True)  # draws everything anew
    assert look(view) == panned


def test_above_400_percent_pixels_are_squares(painted: Workspace, view: CanvasView) -> None:
    view.navigator.zoom_to(5.0, QPointF(300, 300))  # the square's corner
    for offset in (-9, -3, -1):
        assert shown(view, 300 + offset, 300 + offset) == RED
    assert shown(view, 302, 302).saturation() == 0


def test_only_what_changed_is_painted_again(
    painted: Workspace, view: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    repaints = Repaints(view, monkeypatch)
    painted.stack.push(SetMask.from_bounds(Bounds(300, 200, 40, 30)))
    rect = repaints.rect()
    changed = painted.document.mask.bounds.intersection(CANVAS)
    assert rect.isValid()
    assert view.viewport.rect_to_widget(changed).toRect().adjusted(-3, -3, 3, 3).contains(rect)


def test_an_edit_appears_where_it_was_made(painted: Workspace, view: CanvasView) -> None:
    look(view)
    painted.stack.undo()
    assert shown(view, 150, 150).saturation() == 0
    painted.stack.redo()
    assert shown(view, 150, 150) == RED


def test_the_mask_tints_the_picture_in_a_chosen_colour(
    painted: Workspace, view: CanvasView
) -> None:
    painted.stack.push(SetMask.from_bounds(Bounds(0, 0, 100, 100)))
    masked = shown(view, 150, 150)
    assert masked != RED
    view.set_mask_colour(QColor(0, 255, 0))
    assert shown(view, 150, 150).green() > masked.green() + 80
    view.set_mask_shown(False)
    assert shown(view, 150, 150) == RED


def test_a_half_masked_pixel_is_tinted_half(painted: Workspace, view: CanvasView) -> None:
    painted.document.mask.write(Bounds(9, 9, 1, 1), grey(128))
    painted.document.mask.write(Bounds(10, 9, 1, 1), grey(255))
    painted.document.touch_mask(Bounds(9, 9, 2, 1))
    view.set_mask_colour(QColor(0, 255, 0))
    plain, half, full = 40, shown(view, 109, 109).green(), shown(view, 110, 109).green()
    assert half - plain == pytest.approx((full - plain) / 2, abs=2)


def test_a_wider_canvas_is_shown_wider(painted: Workspace, view: CanvasView) -> None:
    outside = shown(view, 95, 390)
    painted.stack.push(ResizeCanvas(Bounds(-50, 0, 450, 300)))
    assert shown(view, 95, 390) != outside
    assert shown(view, 150, 150) == RED


def test_another_document_takes_the_first_ones_place(painted: Workspace, view: CanvasView) -> None:
    first = painted.document
    painted.replace_document(Document(Bounds(0, 0, 64, 64)))
    unseen = Workspace().open_document(Document(CANVAS)).document
    gc.collect()  # what listened to either and is held by nobody
    assert len(first.changed) == len(unseen.changed)
    whole = view.viewport.rect_to_widget(Bounds(0, 0, 64, 64))
    assert view.rect().toRectF().contains(whole) and whole.height() > 350


def test_the_surround_follows_the_theme(view: CanvasView) -> None:
    dark = view.palette()
    dark.setColor(QPalette.ColorRole.Window, QColor("#2b2b2b"))
    light = view.palette()
    light.setColor(QPalette.ColorRole.Window, QColor("#f0f0f0"))
    view.setPalette(dark)
    in_dark = shown(view, 10, 10).lightness()
    view.setPalette(light)
    assert shown(view, 10, 10).lightness() > in_dark + 80


def test_a_moved_frame_is_repainted_where_it_was_and_where_it_is(
    painted: Workspace, view: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted.stack.push(SetFrame(Bounds(0, 0, 100, 100)))
    view.navigator.pan_by(7, 3)
    repaints = Repaints(view, monkeypatch)
    painted.stack.push(SetFrame(Bounds(200, 0, 100, 100)))
    both = view.viewport.rect_to_widget(Bounds(0, 0, 300, 100)).toRect()
    assert repaints.rect().contains(both)


def test_the_canvas_shows_that_the_keyboard_came_to_it(view: CanvasView, qtbot: QtBot) -> None:
    with qtbot.waitActive(view):
        view.activateWindow()
    view.setFocus()  # whatever had it when the window appeared
    view.clearFocus()
    plain = look(view)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert look(view) != plain
    view.clearFocus()
    assert look(view) == plain
