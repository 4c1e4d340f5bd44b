"""Arrows point where an edge goes on the screen, however the view is turned."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from studio.gui.canvas.cursors import CURSORS, shape_of
from studio.gui.canvas.viewport import Viewport
from studio.tools import Cursor

Shape = Qt.CursorShape


def test_every_cursor_that_tools_ask_for_is_known() -> None:
    assert set(CURSORS) == set(Cursor)


@pytest.mark.parametrize("cursor", list(Cursor))
def test_an_upright_view_shows_what_the_tool_asks_for(cursor: Cursor) -> None:
    assert shape_of(cursor, Viewport(zoom=3.0, x=40)) is CURSORS[cursor]


@pytest.mark.parametrize(
    ("viewport", "shown"),
    [
        (Viewport(rotation=90.0), Shape.SizeVerCursor),
        (Viewport(rotation=45.0), Shape.SizeFDiagCursor),
        (Viewport(rotation=170.0), Shape.SizeHorCursor),
        (Viewport(mirrored=True), Shape.SizeHorCursor),
    ],
)
def test_arrows_turn_with_the_view(viewport: Viewport, shown: Shape) -> None:
    assert shape_of(Cursor.SIZE_HORIZONTAL, viewport) is shown


def test_a_mirror_makes_falling_arrows_rise() -> None:
    mirrored = Viewport(mirrored=True)
    assert shape_of(Cursor.SIZE_FALLING, mirrored) is Shape.SizeBDiagCursor
    assert shape_of(Cursor.CROSS, mirrored) is Shape.CrossCursor
