"""Moves the view by wheel, trackpad and fingers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QPinchGesture, QWidget

from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.viewport import WHEEL_STEP

MEANT_TURN = 12.0
"""Two fingers that turn less, in degrees, mean to zoom."""
NOTCH = 120
"""What Qt calls one notch of a wheel."""


def scroll(navigator: Navigator, event: QWheelEvent) -> None:
    """A wheel zooms to the pointer, with Shift it pans; a trackpad pans, and zooms with Ctrl."""
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    pixels, notches = event.pixelDelta(), event.angleDelta()
    is_trackpad = event.phase() is not Qt.ScrollPhase.NoScrollPhase and not pixels.isNull()
    if is_trackpad and not control:
        navigator.pan_by(pixels.x(), pixels.y())
    elif shift and not control:
        navigator.pan_by((notches.x() or notches.y()) / 2, 0)
    else:
        turns = (notches.y() or notches.x()) / NOTCH
        navigator.zoom_by(WHEEL_STEP**turns, event.position())
    event.accept()


def pinch(navigator: Navigator, gesture: QPinchGesture, view: QWidget) -> None:
    """Two fingers move, zoom and, once they mean it, turn what is between them."""
    centre, last = gesture.centerPoint(), gesture.lastCenterPoint()
    navigator.pan_by(centre.x() - last.x(), centre.y() - last.y())
    anchor = QPointF(view.mapFromGlobal(centre.toPoint()))
    navigator.zoom_by(gesture.scaleFactor(), anchor)
    if abs(gesture.totalRotationAngle()) > MEANT_TURN:
        navigator.turn_by(gesture.rotationAngle() - gesture.lastRotationAngle(), anchor)


def native_zoom(navigator: Navigator, event: QNativeGestureEvent) -> bool:
    """A trackpad's own pinch; whether the gesture was one."""
    if event.gestureType() is not Qt.NativeGestureType.ZoomNativeGesture:
        return False
    navigator.zoom_by(1.0 + event.value(), event.position())
    return True
