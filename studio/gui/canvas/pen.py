"""How the pointing device is held."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QInputEvent, QTabletEvent

LIFTED = 0.05
"""The least pressure of a pen that lifts: with none the stroke would end in a thread."""


class Pen(NamedTuple):
    """How the pointing device is held; the defaults are a mouse's.

    Attributes:
        pressure: 0 to 1.
        tilt_x, tilt_y: in degrees, -60 to 60.
        time: in seconds from some moment on.
    """

    pressure: float = 1.0
    tilt_x: float = 0.0
    tilt_y: float = 0.0
    time: float = 0.0

    @classmethod
    def of(cls, event: QInputEvent) -> Pen:
        """As a tablet's or a mouse's event tells it."""
        time = event.timestamp() / 1000
        if isinstance(event, QTabletEvent):
            return cls(event.pressure(), event.xTilt(), event.yTilt(), time)
        return cls(time=time)


MOUSE = Pen()
