"""How a model or adapter is drawn in a list: its title, what it is, how far work on it is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.icons import icon
from studio.gui.models.catalogue import FRACTION_ROLE, SIGN_ROLE, STATE_ROLE, Index
from studio.gui.theme import UNIT

_BAR_HEIGHT = 3
_SIGN = 16


class CatalogueRow(QStyledItemDelegate):
    """Two lines of text, a sign for what is installed, and a bar below what is under way."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines and room around them."""
        return QSize(200, 2 * option.fontMetrics.lineSpacing() + 2 * UNIT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one row."""
        self.initStyleOption(option, index)
        palette, chosen = option.palette, bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        ink = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        faint = ink if chosen else QPalette.ColorRole.PlaceholderText
        place = option.rect.adjusted(UNIT, UNIT // 2, -UNIT, -UNIT // 2)
        if sign := index.data(SIGN_ROLE):
            _paint_sign(painter, place, sign, ink)
        words = place.adjusted(0, 0, -_SIGN - UNIT, 0)
        half = words.height() // 2
        above, below = words.adjusted(0, 0, 0, -half), words.adjusted(0, half, 0, 0)
        _write(painter, option, above, str(index.data()), palette.color(ink))
        _write(painter, option, below, str(index.data(STATE_ROLE)), palette.color(faint))
        if (fraction := index.data(FRACTION_ROLE)) is not None:
            _paint_bar(painter, option.rect, fraction, palette)


def _write(
    painter: QPainter, option: QStyleOptionViewItem, place: QRect, text: str, colour: QColor
) -> None:
    painter.setPen(colour)
    elided = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)


def _paint_sign(painter: QPainter, place: QRect, name: str, role: QPalette.ColorRole) -> None:
    sign = QRect(place.right() - _SIGN, place.top(), _SIGN, place.height())
    icon(name, role).paint(painter, sign)


def _paint_bar(painter: QPainter, row: QRect, fraction: float, palette: QPalette) -> None:
    bar = QRect(row.left(), row.bottom() - _BAR_HEIGHT + 1, row.width(), _BAR_HEIGHT)
    painter.fillRect(bar, palette.color(QPalette.ColorRole.Mid))
    bar.setWidth(round(row.width() * fraction))
    painter.fillRect(bar, palette.color(QPalette.ColorRole.Accent))
