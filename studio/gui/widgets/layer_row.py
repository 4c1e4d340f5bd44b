"""How a layer looks in the list: eye, thumbnail, name, lock."""

from __future__ import annotations

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
    SignalInstance,
)
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.core.layers import GeneratedLayer, Layer
from studio.gui.icons import icon
from studio.gui.models.layers import LAYER_ROLE, mixing_of

HEIGHT = 52
_SIGN = 28
_PICTURE = 40
_ICON = 16
_GAP = 8
_CHECK = 5
_Index = QModelIndex | QPersistentModelIndex


class LayerRow(QStyledItemDelegate):
    """Draws a row, and hears of clicks on its eye and its lock.

    Signals:
        eye_clicked(Layer), lock_clicked(Layer): to be turned over.
    """

    eye_clicked = Signal(object)
    lock_clicked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Rows are equally high."""
        return QSize(160, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draws the row in the palette's colours."""
        layer: Layer = index.data(LAYER_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        _paint_icon(painter, eye_rect(option.rect), "eye" if layer.visible else "eye-off")
        self._paint_thumbnail(painter, picture_rect(option.rect), index, option.palette)
        self._paint_words(painter, option, layer)
        if layer.locked or option.state & QStyle.StateFlag.State_MouseOver:
            name = "lock" if layer.locked else "lock-open"
            _paint_icon(painter, lock_rect(option.rect), name)
        painter.restore()

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """The name is edited where it stands."""
        words = words_rect(option.rect)
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
        """A click on the eye or the lock; everything else is the list's business."""
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            signal = self._signal_at(event.position().toPoint(), option.rect)
            if signal is not None:
                if event.type() is QEvent.Type.MouseButtonRelease:
                    signal.emit(index.data(LAYER_ROLE))
                return True
        return super().editorEvent(event, model, option, index)

    def _signal_at(self, place: QPoint, row: QRect) -> SignalInstance | None:
        if eye_rect(row).contains(place):
            return self.eye_clicked
        return self.lock_clicked if lock_rect(row).contains(place) else None

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        palette, row = option.palette, QRectF(option.rect).adjusted(2, 1, -2, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            colour = QColor(palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight))
            colour.setAlpha(60)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(row, 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Link), 1))
            painter.drawRoundedRect(row.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_thumbnail(
        self, painter: QPainter, place: QRect, index: _Index, palette: QPalette
    ) -> None:
        image = index.data(Qt.ItemDataRole.DecorationRole)
        size = QSize(_PICTURE, _PICTURE)
        if isinstance(image, QImage):
            size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        picture = QRect(QPoint(0, 0), size.expandedTo(QSize(4, 4)))
        picture.moveCenter(place.center())
        _paint_checks(painter, picture)
        if isinstance(image, QImage):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(picture, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Dark), 1))
        painter.drawRect(QRectF(picture).adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_words(self, painter: QPainter, option: QStyleOptionViewItem, layer: Layer) -> None:
        palette, place = option.palette, words_rect(option.rect)
        if isinstance(layer, GeneratedLayer):
            sign = QRect(place.left(), place.center().y() - 7, 14, 14)
            icon("sparkles", QPalette.ColorRole.Link).paint(painter, sign)
            place.setLeft(sign.right() + 6)
        mixing = " · ".join(mixing_of(layer))
        if not layer.visible:
            painter.setOpacity(0.55)
        metrics, mode = option.fontMetrics, Qt.TextElideMode.ElideRight
        lines = [(layer.name, QPalette.ColorRole.WindowText)]
        if mixing:
            lines.append((mixing, QPalette.ColorRole.PlaceholderText))
        top = place.center().y() - len(lines) * metrics.height() // 2
        for text, role in lines:
            painter.setPen(palette.color(role))
            line = QRect(place.left(), top, place.width(), metrics.height())
            painter.drawText(
                line, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(text, mode, line.width())
            )
            top += metrics.height()


def eye_rect(row: QRect) -> QRect:
    """Where a click shows or hides the layer."""
    return QRect(row.left() + 4, row.top(), _SIGN, row.height())


def picture_rect(row: QRect) -> QRect:
    """The thumbnail's place."""
    return QRect(row.left() + 4 + _SIGN, row.center().y() - _PICTURE // 2, _PICTURE, _PICTURE)


def words_rect(row: QRect) -> QRect:
    """The place of the name and what is particular about the layer."""
    left = picture_rect(row).right() + _GAP + 2
    return QRect(left, row.top() + 4, lock_rect(row).left() - left, row.height() - 8)


def lock_rect(row: QRect) -> QRect:
    """Where a click locks or unlocks the layer."""
    return QRect(row.right() - _SIGN - 2, row.top(), _SIGN, row.height())


def _paint_icon(painter: QPainter, place: QRect, name: str) -> None:
    square = QRect(0, 0, _ICON, _ICON)
    square.moveCenter(place.center())
    icon(name).paint(painter, square)


def _paint_checks(painter: QPainter, place: QRect) -> None:
    painter.fillRect(place, QColor(200, 200, 200))
    for y in range(place.top(), place.bottom() + 1, _CHECK):
        for x in range(place.left(), place.right() + 1, _CHECK):
            if (x - place.left() + y - place.top()) // _CHECK % 2:
                check = QRect(x, y, _CHECK, _CHECK).intersected(place)
                painter.fillRect(check, QColor(160, 160, 160))
