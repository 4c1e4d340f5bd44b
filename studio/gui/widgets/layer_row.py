"""How a layer looks in the tree: eye, thumbnails of layer and mask, name, locks."""

from __future__ import annotations

import enum

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.core.layers import GeneratedLayer, GroupLayer, Layer, TextLayer
from studio.gui.icons import icon
from studio.gui.models.layers import LayerRole, mixing_of

HEIGHT = 48
INDENT = 22
"""How much farther to the right each group puts what lies in it."""
_SIGN = 26
_FOLD = 16
_PICTURE = 36
_ICON = 16
_GAP = 6
_CHECK = 5
_Index = QModelIndex | QPersistentModelIndex


class RowPart(enum.Enum):
    """What of a row can be clicked."""

    EYE = "eye"
    """Shows or hides the layer."""
    FOLD = "fold"
    """Folds or unfolds the group."""
    PICTURE = "picture"
    """Lets tools work on the layer; with Ctrl, selects what it shows."""
    MASK = "mask"
    """Lets tools work on the layer's mask; with Shift, switches it off and on."""
    LOCK = "lock"
    """Locks or unlocks the layer."""


class RowGeometry:
    """Where the parts of a row are.

    Args:
        row: the whole width of the list, and the row's height.
        index: of the layer.
    """

    def __init__(self, row: QRect, index: _Index) -> None:
        layer: Layer = index.data(LayerRole.LAYER)
        indent = INDENT * int(index.data(LayerRole.DEPTH))
        middle = row.center().y() - _PICTURE // 2 + 1
        self.eye = QRect(row.left() + 2, row.top(), _SIGN, row.height())
        self.lock = QRect(row.right() - _SIGN - 2, row.top(), _SIGN, row.height())
        left = self.eye.right() + 1 + indent
        self.fold = QRect()
        if isinstance(layer, GroupLayer):
            self.fold = QRect(left, row.top(), _FOLD, row.height())
            left += _FOLD
        self.clip = QRect()
        if layer.clipped:
            self.clip = QRect(left, row.top(), _FOLD, row.height())
            left += _FOLD
        self.picture = QRect(left, middle, _PICTURE, _PICTURE)
        left += _PICTURE + _GAP
        self.mask = QRect()
        if layer.mask is not None:
            self.mask = QRect(left, middle, _PICTURE, _PICTURE)
            left += _PICTURE + _GAP
        width = max(0, self.lock.left() - left - 2)
        self.words = QRect(left + 2, row.top() + 3, width, row.height() - 6)

    def part_at(self, place: QPoint) -> RowPart | None:
        """What is clicked there; None where a click only chooses the layer."""
        parts = {
            RowPart.EYE: self.eye,
            RowPart.FOLD: self.fold,
            RowPart.MASK: self.mask,
            RowPart.PICTURE: self.picture,
            RowPart.LOCK: self.lock,
        }
        return next((part for part, rect in parts.items() if rect.contains(place)), None)


class LayerRow(QStyledItemDelegate):
    """Draws a row, and hears of clicks on its parts.

    Signals:
        clicked(Layer, RowPart, Qt.KeyboardModifier): a part of a row was clicked.
    """

    clicked = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Rows are equally high."""
        return QSize(160, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draws the row in the palette's colours."""
        layer: Layer = index.data(LayerRole.LAYER)
        places = RowGeometry(option.rect, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, option)
        _paint_icon(painter, places.eye, "eye" if layer.visible else "eye-off")
        if not places.fold.isNull():
            folded = isinstance(layer, GroupLayer) and layer.collapsed
            _paint_icon(painter, places.fold, "chevron-right" if folded else "chevron-down")
        if layer.clipped:
            _paint_icon(painter, places.clip, "corner-left-down")
        self._paint_pictures(painter, option.palette, places, index)
        _paint_words(painter, option, layer, places.words)
        self._paint_lock(painter, option, layer, places.lock)
        painter.restore()

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """The name is edited where it stands."""
        words = RowGeometry(option.rect, index).words
        height = editor.sizeHint().height()
        editor.setGeometry(
            words.left() - 4, words.center().y() - height // 2, words.width() + 4, height
        )

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """A line to write the name in."""
        editor = QLineEdit(parent)
        editor.setAccessibleName("Layer name")
        return editor

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """A click on one of the parts; everything else is the list's business."""
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            part = RowGeometry(option.rect, index).part_at(event.position().toPoint())
            if part is not None:
                if event.type() is QEvent.Type.MouseButtonRelease:
                    layer = index.data(LayerRole.LAYER)
                    self.clicked.emit(layer, part, event.modifiers())
                # Pictures are handles to drag the layer by, too.
                return part not in (RowPart.PICTURE, RowPart.MASK)
        return super().editorEvent(event, model, option, index)

    def _paint_pictures(
        self, painter: QPainter, palette: QPalette, places: RowGeometry, index: _Index
    ) -> None:
        layer: Layer = index.data(LayerRole.LAYER)
        on_mask = bool(index.data(LayerRole.EDITED_MASK))
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        _paint_picture(painter, palette, places.picture, picture, edited=False)
        if places.mask.isNull():
            return
        mask = index.data(LayerRole.MASK)
        _paint_picture(painter, palette, places.mask, mask, edited=on_mask)
        if not layer.mask_enabled:
            painter.setPen(QPen(QColor(220, 60, 50), 2))
            painter.drawLine(places.mask.topLeft(), places.mask.bottomRight())
            painter.drawLine(places.mask.topRight(), places.mask.bottomLeft())

    def _paint_lock(
        self, painter: QPainter, option: QStyleOptionViewItem, layer: Layer, place: QRect
    ) -> None:
        locks = layer.locks
        if locks.pixels or locks.position or locks.alpha:
            painter.setOpacity(1.0 if locks.whole else 0.55)
            _paint_icon(painter, place, "lock")
        elif option.state & QStyle.StateFlag.State_MouseOver:
            _paint_icon(painter, place, "lock-open")


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    palette, row = option.palette, QRectF(option.rect).adjusted(2, 1, -2, -1)
    if option.state & QStyle.StateFlag.State_Selected:
        colour = QColor(palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight))
        colour.setAlpha(60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(row, 6, 6)
    if option.state & QStyle.StateFlag.State_HasFocus:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Link), 1))
        painter.drawRoundedRect(row.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


def _paint_picture(
    painter: QPainter, palette: QPalette, place: QRect, image: object, *, edited: bool
) -> None:
    """A thumbnail on squares, with a stronger line around what tools work on."""
    size = place.size()
    if isinstance(image, QImage):
        size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    picture = QRect(QPoint(0, 0), size.expandedTo(QSize(4, 4)))
    picture.moveCenter(place.center())
    paint_checks(painter, picture)
    if isinstance(image, QImage):
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(picture, image)
    role = QPalette.ColorRole.Link if edited else QPalette.ColorRole.Dark
    room = 1.5 if edited else 0.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(palette.color(role), 2 if edited else 1))
    painter.drawRect(QRectF(picture).adjusted(-room, -room, room, room))


def _paint_words(
    painter: QPainter, option: QStyleOptionViewItem, layer: Layer, place: QRect
) -> None:
    palette = option.palette
    sign = _sign_of(layer)
    if sign:
        spot = QRect(place.left(), place.center().y() - 7, 14, 14)
        icon(sign, QPalette.ColorRole.Link).paint(painter, spot)
        place = place.adjusted(20, 0, 0, 0)
    if not layer.visible:
        painter.setOpacity(0.55)
    metrics, mode = option.fontMetrics, Qt.TextElideMode.ElideRight
    lines = [(layer.name, QPalette.ColorRole.WindowText)]
    if mixing := " · ".join(mixing_of(layer)):
        lines.append((mixing, QPalette.ColorRole.PlaceholderText))
    top = place.center().y() - len(lines) * metrics.height() // 2
    for text, role in lines:
        painter.setPen(palette.color(role))
        line = QRect(place.left(), top, place.width(), metrics.height())
        elided = metrics.elidedText(text.replace("\n", " "), mode, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, elided)
        top += metrics.height()
    painter.setOpacity(1.0)


def _sign_of(layer: Layer) -> str:
    """The icon before the name: what kind of layer it is."""
    if isinstance(layer, GeneratedLayer):
        return "sparkles"
    if isinstance(layer, TextLayer):
        return "type"
    return "folder" if isinstance(layer, GroupLayer) else ""


def _paint_icon(painter: QPainter, place: QRect, name: str) -> None:
    square = QRect(0, 0, _ICON, _ICON)
    square.moveCenter(place.center())
    icon(name).paint(painter, square)


def paint_checks(painter: QPainter, place: QRect) -> None:
    """Paints the squares that stand for transparency."""
    painter.fillRect(place, QColor(200, 200, 200))
    for y in range(place.top(), place.bottom() + 1, _CHECK):
        for x in range(place.left(), place.right() + 1, _CHECK):
            if (x - place.left() + y - place.top()) // _CHECK % 2:
                check = QRect(x, y, _CHECK, _CHECK).intersected(place)
                painter.fillRect(check, QColor(160, 160, 160))
