"""How pictures are drawn in grids and strips."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from studio.gui.icons import icon

RADIUS = 4.0
GAP = 3
_BADGE_GROUND = QColor(0, 0, 0, 170)
_BADGE_INK = QColor(255, 255, 255)


def cell_rect(option: QStyleOptionViewItem) -> QRect:
    """The part of a cell that holds its picture."""
    return option.rect.adjusted(GAP, GAP, -GAP, -GAP)


def paint_picture(painter: QPainter, rect: QRect, image: QImage | None, palette: QPalette) -> None:
    """The picture, filling the cell as far as its shape allows, or an empty place."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(rect), RADIUS, RADIUS)
    painter.fillPath(path, palette.color(QPalette.ColorRole.Base))
    if image is None or image.isNull():
        return
    size = image.size().scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(rect.topLeft(), size)
    place.moveCenter(rect.center())
    painter.save()
    painter.setClipPath(path)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image)
    painter.restore()


def paint_frame(painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
    """A line around a cell that is chosen, has the keyboard, or is under the pointer."""
    state = option.state
    palette = option.palette
    flags, roles = QStyle.StateFlag, QPalette.ColorRole
    chosen = bool(state & flags.State_Selected)
    if not state & (flags.State_Selected | flags.State_HasFocus | flags.State_MouseOver):
        return
    idle = roles.Link if state & flags.State_HasFocus else roles.PlaceholderText
    role = roles.Highlight if chosen else idle
    painter.setPen(QPen(palette.color(QPalette.ColorGroup.Active, role), 2.0 if chosen else 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def paint_badge(painter: QPainter, rect: QRect, words: str) -> None:
    """A few words in the lower right corner, readable over any picture."""
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(words) + 10, metrics.height() + 2
    place = QRect(rect.right() - width - 3, rect.bottom() - height - 3, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BADGE_GROUND)
    painter.drawRoundedRect(QRectF(place), RADIUS, RADIUS)
    painter.setPen(_BADGE_INK)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


def paint_sign(painter: QPainter, rect: QRect, icon_name: str) -> None:
    """A small icon in the upper right corner, readable over any picture."""
    place = QRect(rect.right() - 25, rect.top() + 4, 22, 22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BADGE_GROUND)
    painter.drawEllipse(place)
    icon(icon_name, QPalette.ColorRole.Highlight).paint(painter, place.adjusted(4, 4, -4, -4))
