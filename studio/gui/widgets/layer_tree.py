"""The tree of layers: choosing, folding, dragging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QTreeView

from studio.core.layers import GroupLayer, Layer
from studio.gui.models.layers import LayerRole, LayersModel
from studio.gui.widgets.layer_row import INDENT, LayerRow

_CARRIED = 4
"""So many layers are shown under the pointer that drags them."""
_THUMBNAIL = 36
_BESIDE = 8
_INTO = 0.25
"""A drop on a group goes into it but for this share of its height at either end."""


class Goal(NamedTuple):
    """Where a drop goes.

    Attributes:
        row, parent: before that row of that group, as Qt counts.
        mark: what shows it: a line between rows, or a frame around a group.
    """

    row: int
    parent: QModelIndex
    mark: QRect


class LayerTree(QTreeView):
    """Shows a `LayersModel`; what is folded is the groups' own affair, so that files keep it.

    Signals:
        chosen(list[Layer], Layer | None): the person chose layers, the last one to be active.
    """

    chosen = Signal(list, object)

    def __init__(self, model: LayersModel) -> None:
        super().__init__()
        self.row = LayerRow(self)
        self._layers = model
        self._drop_line = QRect()
        self._showing = False
        self.setModel(model)
        self.setItemDelegate(self.row)
        self.setAccessibleName("Layers, the topmost first")
        self._set_up()
        model.modelReset.connect(self.unfold)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.unfold()

    def show_chosen(self, layers: tuple[Layer, ...], active: Layer | None) -> None:
        """Marks the chosen layers."""
        selection = QItemSelection()
        for layer in layers:
            index = self._layers.index_of(layer)
            selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self._showing = True
        self.selectionModel().select(selection, flags.ClearAndSelect)
        self.selectionModel().setCurrentIndex(self._layers.index_of(active), flags.NoUpdate)
        self._showing = False

    def unfold(self) -> None:
        """Opens the groups that are not folded."""
        for layer in self._layers.layers():
            if isinstance(layer, GroupLayer):
                self.setExpanded(self._layers.index_of(layer), not layer.collapsed)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drags the chosen layers by their thumbnails, beside the line of the drop."""
        indexes = self.selectedIndexes()
        if not indexes:
            return
        drag = QDrag(self)
        drag.setMimeData(self._layers.mimeData(indexes))
        drag.setPixmap(_carried(indexes))
        drag.setHotSpot(QPoint(-_BESIDE, -_BESIDE))
        drag.exec(Qt.DropAction.MoveAction)
        self._show_drop(QRect())

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Shows where the layers would go."""
        super().dragMoveEvent(event)  # which scrolls at the edges
        goal = self.goal(event.position().toPoint())
        data, action = event.mimeData(), Qt.DropAction.MoveAction
        if self._layers.canDropMimeData(data, action, goal.row, 0, goal.parent):
            event.setDropAction(action)
            event.accept()
            self._show_drop(goal.mark)
        else:
            event.ignore()
            self._show_drop(QRect())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They would go nowhere."""
        super().dragLeaveEvent(event)
        self._show_drop(QRect())

    def dropEvent(self, event: QDropEvent) -> None:
        """Moves them there."""
        goal = self.goal(event.position().toPoint())
        self._show_drop(QRect())
        self.stopAutoScroll()
        self.setState(QAbstractItemView.State.NoState)
        # The model moves them by itself: where they were, nothing is to be removed.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        self._layers.dropMimeData(
            event.mimeData(), Qt.DropAction.MoveAction, goal.row, 0, goal.parent
        )

    def goal(self, place: QPoint) -> Goal:
        """Where layers that are dropped at a place of the viewport go."""
        index = self.indexAt(place)
        if not index.isValid():
            return self._bottom()
        rect = self.visualRect(index)
        depth = int(index.data(LayerRole.DEPTH))
        share = (place.y() - rect.top()) / max(1, rect.height())
        if isinstance(index.data(LayerRole.LAYER), GroupLayer) and share > _INTO:
            if share < 1 - _INTO:
                return Goal(0, index, rect.adjusted(2, 2, -2, -2))
            if self.isExpanded(index):
                return Goal(0, index, _line(rect, rect.bottom(), depth + 1))
        if share < 0.5:
            return Goal(index.row(), index.parent(), _line(rect, rect.top(), depth))
        return Goal(index.row() + 1, index.parent(), _line(rect, rect.bottom(), depth))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and the line where a drop would go."""
        super().paintEvent(event)
        if self._drop_line.isNull():
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Link), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self._drop_line, 3, 3)
        painter.end()

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:  # type: ignore[override]
        """Nothing: rows draw their own signs."""

    def _set_up(self) -> None:
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setExpandsOnDoubleClick(False)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)  # `goal` decides, and `paintEvent` shows it
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )

    def _on_selection(self) -> None:
        if self._showing:
            return
        layers, current = self._selected(), self.currentIndex().data(LayerRole.LAYER)
        if current not in layers:
            current = layers[-1] if layers else None
        if current is not None:
            self.chosen.emit(layers, current)

    def _on_current(self) -> None:
        # A click makes a row current before it selects it, and keys do so afterwards.
        layers, current = self._selected(), self.currentIndex().data(LayerRole.LAYER)
        if not self._showing and current in layers:
            self.chosen.emit(layers, current)

    def _selected(self) -> list[Layer]:
        return [index.data(LayerRole.LAYER) for index in self.selectedIndexes()]

    def _show_drop(self, line: QRect) -> None:
        if line != self._drop_line:
            self._drop_line = line
            self.viewport().update()

    def _bottom(self) -> Goal:
        """Below all layers."""
        count = self._layers.rowCount()
        last = self.visualRect(self._layers.index(count - 1, 0))
        for layer in self._layers.layers():
            rect = self.visualRect(self._layers.index_of(layer))
            last = rect if rect.bottom() > last.bottom() else last
        return Goal(count, QModelIndex(), _line(last, last.bottom(), 0))


def _carried(indexes: Sequence[QModelIndex]) -> QPixmap:
    """The first thumbnails, one a little beside the other."""
    images = [index.data(Qt.ItemDataRole.DecorationRole) for index in indexes[:_CARRIED]]
    side = _THUMBNAIL + _BESIDE * (len(images) - 1)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(0.85)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for number, image in enumerate(images):
        place = QRect(number * _BESIDE, number * _BESIDE, _THUMBNAIL, _THUMBNAIL)
        if isinstance(image, QImage):
            size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRect(place.topLeft(), size), image)
        else:
            painter.fillRect(place, Qt.GlobalColor.gray)
    painter.end()
    return pixmap


def _line(row: QRect, y: int, depth: int) -> QRect:
    left = row.left() + 6 + INDENT * depth
    return QRect(left, y - 1, row.right() - 6 - left, 2)
