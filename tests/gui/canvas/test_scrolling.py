"""Wheel, trackpad and fingers move the view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication, QPinchGesture
from pytestqt.qtbot import QtBot

from studio.gui.canvas.scrolling import pinch
from studio.gui.canvas.view import CanvasView
from tests.gui.canvas.hand import Hand

SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_shift_and_wheel_pan_sideways(view: CanvasView, hand: Hand) -> None:
    before = view.viewport
    hand.wheel((300, 200), notches=1, modifiers=SHIFT)
    assert view.viewport.y == before.y and view.viewport.x != before.x
    assert view.zoom == 1.0


def test_two_fingers_zoom_what_is_between_them(view: CanvasView) -> None:
    at = view.mapToGlobal(QPoint(300, 200)).toPointF()
    gesture = QPinchGesture()
    gesture.setCenterPoint(at)
    gesture.setLastCenterPoint(at)
    gesture.setScaleFactor(1.5)
    held = view.viewport.to_canvas(QPointF(300, 200))
    pinch(view.navigator, gesture, view)
    assert view.zoom == pytest.approx(1.5)
    now = view.viewport.to_widget(held)
    assert (now.x(), now.y()) == pytest.approx((300, 200), abs=1e-3)


def test_two_fingers_turn_the_view_once_they_mean_it(view: CanvasView) -> None:
    gesture = QPinchGesture()
    gesture.setScaleFactor(1.0)
    gesture.setRotationAngle(5.0)
    gesture.setTotalRotationAngle(5.0)
    pinch(view.navigator, gesture, view)
    assert view.viewport.rotation == 0.0
    gesture.setLastRotationAngle(12.0)
    gesture.setRotationAngle(20.0)
    gesture.setTotalRotationAngle(20.0)
    pinch(view.navigator, gesture, view)
    assert view.viewport.rotation == pytest.approx(8.0)


def test_two_fingers_move_the_view(view: CanvasView) -> None:
    gesture = QPinchGesture()
    gesture.setLastCenterPoint(QPointF(100, 100))
    gesture.setCenterPoint(QPointF(130, 90))
    gesture.setScaleFactor(1.0)
    pinch(view.navigator, gesture, view)
    moved = (view.viewport.x - 100, view.viewport.y - 100)
    assert moved == pytest.approx((30, -10), abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "zoom"),
    [
        (Qt.NativeGestureType.ZoomNativeGesture, 1.25),
        (Qt.NativeGestureType.SmartZoomNativeGesture, 1.0),
    ],
)
def test_a_trackpads_own_pinch_zooms(
    view: CanvasView, qtbot: QtBot, kind: Qt.NativeGestureType, zoom: float
) -> None:
    at = QPointF(300, 200)
    event = QNativeGestureEvent(
        kind,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        view.mapToGlobal(at),
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(view, event)
    assert view.zoom == pytest.approx(zoom)
