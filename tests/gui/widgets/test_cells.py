"""A cell of a grid shows what it is: chosen, where the keyboard is, under the pointer, or idle."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from studio.gui.theme import LIGHT, palette_of
from studio.gui.widgets.cells import paint_frame

State = QStyle.StateFlag
CELL = QRect(4, 4, 40, 40)


def line_around(state: QStyle.StateFlag) -> QColor:
    """The colour of the middle of its left edge, on black."""
    option = QStyleOptionViewItem()
    option.state = state
    option.palette = palette_of(LIGHT)
    drawn = QPixmap(48, 48)
    drawn.fill(QColor(0, 0, 0))
    painter = QPainter(drawn)
    paint_frame(painter, option, CELL)
    painter.end()
    return drawn.toImage().pixelColor(4, 24)


@pytest.mark.parametrize(
    ("state", "role"),
    [
        (State.State_Selected, QPalette.ColorRole.Highlight),
        (State.State_Selected | State.State_HasFocus, QPalette.ColorRole.Highlight),
        (State.State_HasFocus, QPalette.ColorRole.Link),
        (State.State_MouseOver, QPalette.ColorRole.PlaceholderText),
    ],
)
def test_the_line_around_a_cell(
    qapp: QApplication, state: QStyle.StateFlag, role: QPalette.ColorRole
) -> None:
    assert line_around(state) == palette_of(LIGHT).color(role)


def test_an_idle_cell_has_no_line(qapp: QApplication) -> None:
    assert line_around(State.State_Enabled) == QColor(0, 0, 0)
