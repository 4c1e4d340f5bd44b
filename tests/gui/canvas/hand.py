"""A hand that sends a widget what mouse, pen and wheel would, at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

Place = tuple[float, float]

LEFT = Qt.MouseButton.LeftButton
MIDDLE = Qt.MouseButton.MiddleButton
RIGHT = Qt.MouseButton.RightButton
NOTHING = Qt.KeyboardModifier.NoModifier


def _pen(number: int, kind: QPointingDevice.PointerType) -> QPointingDevice:
    capabilities = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    device = QInputDevice.DeviceType.Stylus
    return QPointingDevice("pen", number, device, kind, capabilities, 1, 3)


PEN = _pen(71, QPointingDevice.PointerType.Pen)
ERASER = _pen(72, QPointingDevice.PointerType.Eraser)


class Hand:
    """Acts on one widget, in its coordinates."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._held = Qt.MouseButton.NoButton

    def move(self, place: Place, modifiers: Qt.KeyboardModifier = NOTHING) -> None:
        self._send(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, modifiers)

    def press(
        self,
        place: Place,
        button: Qt.MouseButton = LEFT,
        modifiers: Qt.KeyboardModifier = NOTHING,
    ) -> None:
        self._held = button
        self._send(QEvent.Type.MouseButtonPress, place, button, modifiers)

    def release(
        self,
        place: Place,
        button: Qt.MouseButton = LEFT,
        modifiers: Qt.KeyboardModifier = NOTHING,
    ) -> None:
        self._held = Qt.MouseButton.NoButton
        self._send(QEvent.Type.MouseButtonRelease, place, button, modifiers)

    def drag(
        self,
        *places: Place,
        button: Qt.MouseButton = LEFT,
        modifiers: Qt.KeyboardModifier = NOTHING,
        steps: int = 6,
        let_go: bool = True,
    ) -> None:
        """Presses at the first place, goes through the others in small steps, and lets go."""
        self.move(places[0], modifiers)
        self.press(places[0], button, modifiers)
        for start, end in zip(places, places[1:], strict=False):
            for step in range(1, steps + 1):
                x = start[0] + (end[0] - start[0]) * step / steps
                y = start[1] + (end[1] - start[1]) * step / steps
                self.move((x, y), modifiers)
        if let_go:
            self.release(places[-1], button, modifiers)

    def wheel(
        self,
        place: Place,
        notches: float = 0.0,
        modifiers: Qt.KeyboardModifier = NOTHING,
        pixels: tuple[int, int] = (0, 0),
    ) -> None:
        """Turns the wheel; with ``pixels`` it is a trackpad that scrolls."""
        is_trackpad = pixels != (0, 0)
        phase = Qt.ScrollPhase.ScrollUpdate if is_trackpad else Qt.ScrollPhase.NoScrollPhase
        at = QPointF(*place)
        event = QWheelEvent(
            at,
            self._widget.mapToGlobal(at),
            QPoint(*pixels),
            QPoint(pixels[0], round(notches * 120) or pixels[1]),
            self._held,
            modifiers,
            phase,
            False,
        )
        QApplication.sendEvent(self._widget, event)

    def pen(
        self,
        kind: QEvent.Type,
        place: Place,
        pressure: float,
        *,
        eraser: bool = False,
        tilt: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        at = QPointF(*place)
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.TabletMove else LEFT
        event = QTabletEvent(
            kind,
            ERASER if eraser else PEN,
            at,
            self._widget.mapToGlobal(at),
            pressure,
            *tilt,
            0.0,
            0.0,
            0.0,
            NOTHING,
            button,
            LEFT,
        )
        QApplication.sendEvent(self._widget, event)

    def _send(
        self,
        kind: QEvent.Type,
        place: Place,
        button: Qt.MouseButton,
        modifiers: Qt.KeyboardModifier,
    ) -> None:
        at = QPointF(*place)
        event = QMouseEvent(kind, at, self._widget.mapToGlobal(at), button, self._held, modifiers)
        QApplication.sendEvent(self._widget, event)
