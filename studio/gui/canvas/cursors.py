"""How the pointer looks over a view that may be turned or mirrored."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt

from studio.gui.canvas.viewport import Viewport
from studio.tools import Cursor

CURSORS = {
    Cursor.ARROW: Qt.CursorShape.ArrowCursor,
    Cursor.HIDDEN: Qt.CursorShape.BlankCursor,
    Cursor.CROSS: Qt.CursorShape.CrossCursor,
    Cursor.MOVE: Qt.CursorShape.SizeAllCursor,
    Cursor.SIZE_HORIZONTAL: Qt.CursorShape.SizeHorCursor,
    Cursor.SIZE_VERTICAL: Qt.CursorShape.SizeVerCursor,
    Cursor.SIZE_FALLING: Qt.CursorShape.SizeFDiagCursor,
    Cursor.SIZE_RISING: Qt.CursorShape.SizeBDiagCursor,
    Cursor.PICK: Qt.CursorShape.CrossCursor,
    Cursor.TURN: Qt.CursorShape.PointingHandCursor,
    Cursor.TEXT: Qt.CursorShape.IBeamCursor,
}
"""How Qt calls what tools ask for."""
_AROUND = (
    Cursor.SIZE_HORIZONTAL,
    Cursor.SIZE_FALLING,
    Cursor.SIZE_VERTICAL,
    Cursor.SIZE_RISING,
)
"""The arrows, each an eighth of a turn clockwise from the one before."""


def shape_of(cursor: Cursor, viewport: Viewport) -> Qt.CursorShape:
    """The shape of a cursor that tools ask for on the canvas; arrows turn with the view."""
    if cursor in _AROUND:
        angle = math.radians(45.0 * _AROUND.index(cursor))
        shown = viewport.vector_to_widget(QPointF(math.cos(angle), math.sin(angle)))
        eighths = round(math.degrees(math.atan2(shown.y(), shown.x())) / 45.0)
        cursor = _AROUND[eighths % len(_AROUND)]
    return CURSORS[cursor]
