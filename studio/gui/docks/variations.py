"""The variations grid: pictures like another one, to choose from."""

from __future__ import annotations

import enum
from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.generation.request import MAX_COUNT
from studio.gui.engine_thread import StoredCandidate
from studio.gui.icons import icon
from studio.gui.models.variations import Cell, CellRole, VariationsModel
from studio.gui.theme import UNIT
from studio.gui.widgets.cells import (
    cell_rect,
    paint_badge,
    paint_frame,
    paint_picture,
    paint_sign,
)
from studio.gui.widgets.enlarged import Enlarged
from studio.gui.widgets.fields import SliderField, field_row, muted, push_button
from studio.gui.workspace import Workspace

_LEAST_CELL = 96
_COLUMNS = 2
_Index = QModelIndex | QPersistentModelIndex


class CellAction(enum.Enum):
    """What can be done with a variation: its words and icon."""

    USE = ("Put on the canvas", "image-plus")
    ENLARGE = ("Enlarge", "maximize")
    PIN = ("Pin", "pin")
    MORE = ("More like this", "shuffle")


class VariationsPanel(QWidget):
    """How alike and how many at the top, the grid below.

    Signals:
        vary_requested(): variations of what is under the frame are wanted.
        use_requested(StoredCandidate), more_requested(StoredCandidate): a cell was chosen.
    """

    vary_requested = Signal()
    use_requested = Signal(object)
    more_requested = Signal(object)

    def __init__(
        self, workspace: Workspace, model: VariationsModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = model
        self.setAccessibleName("Variations")
        self.likeness = SliderField("From the same to the idea", 0, 1, decimals=2)
        self.likeness.setToolTip("0 is almost the same picture, 1 only its idea")
        self._count = SliderField("Number of variations", 1, MAX_COUNT)
        self._vary = push_button("shuffle", "Vary the frame")
        self._vary.setToolTip("Make variations of what is under the frame")
        self.grid = VariationsView(model)
        self._empty = muted("Pictures like another one appear here.")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Shows the workspace's settings."""
        self.likeness.set_value(self._workspace.prompt.likeness)
        self._count.set_value(self._workspace.prompt.count)
        self._pages.setCurrentIndex(0 if self._model.cells else 1)

    def _lay_out(self) -> None:
        ends = QHBoxLayout()
        ends.addWidget(QLabel("same"))
        ends.addWidget(self.likeness, 1)
        ends.addWidget(QLabel("idea"))
        self._pages = QStackedLayout()
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(ends)
        layout.addWidget(field_row("Pictures", self._count))
        layout.addWidget(self._vary)
        layout.addLayout(self._pages, 1)

    def _connect(self) -> None:
        self.likeness.changed.connect(lambda value: self._set(likeness=value))
        self._count.changed.connect(lambda value: self._set(count=round(value)))
        self._vary.clicked.connect(self.vary_requested)
        self.grid.chosen.connect(self._do)
        self._workspace.prompt_changed.connect(self.refresh)
        self._model.modelReset.connect(self.refresh)

    def _set(self, **changes: Any) -> None:
        self._workspace.set_prompt(msgspec.structs.replace(self._workspace.prompt, **changes))

    def _do(self, choice: CellAction, rows: list[int]) -> None:
        cells = [self._model.cells[row] for row in rows]
        finished: list[StoredCandidate] = [cell.stored for cell in cells if cell.stored is not None]
        if choice is CellAction.PIN:
            for row in rows:
                self._model.toggle_pin(row)
        elif choice is CellAction.ENLARGE:
            self._enlarge(cells)
        elif finished:
            asked = self.use_requested if choice is CellAction.USE else self.more_requested
            asked.emit(finished[0])

    def _enlarge(self, cells: list[Cell]) -> None:
        images = [cell.image for cell in cells if cell.image is not None]
        if images:
            Enlarged(images, self).open()


class VariationsView(QListView):
    """Square cells, two in a row or more where there is room.

    Space enlarges, P pins, Enter puts on the canvas.

    Signals:
        chosen(CellAction, list[int]): the person wants that done with these rows.
    """

    chosen = Signal(object, object)

    def __init__(self, model: VariationsModel) -> None:
        super().__init__()
        self._delegate = CellDelegate()
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Variations")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.activated.connect(lambda: self._choose(CellAction.USE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and P act on the chosen cells; the arrows move among them."""
        keys = {Qt.Key.Key_Space: CellAction.ENLARGE, Qt.Key.Key_P: CellAction.PIN}
        choice = keys.get(Qt.Key(event.key()))
        if choice is not None:
            self._choose(choice)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells share the width, less what a scroll bar may take."""
        super().resizeEvent(event)
        width = self.width() - self.verticalScrollBar().sizeHint().width() - 2
        columns = max(_COLUMNS, width // (2 * _LEAST_CELL))
        self._delegate.side = max(_LEAST_CELL, width // columns)
        self.scheduleDelayedItemsLayout()

    def menu(self) -> QMenu:
        """What can be done with the chosen cells."""
        menu = QMenu(self)
        for choice in CellAction:
            words, sign = choice.value
            action = QAction(icon(sign), words, menu)
            action.triggered.connect(lambda _, chosen=choice: self._choose(chosen))
            menu.addAction(action)
        return menu

    def _open_menu(self, place: QPoint) -> None:
        if self.selectedIndexes():
            self.menu().popup(self.viewport().mapToGlobal(place))

    def _choose(self, choice: CellAction) -> None:
        rows = sorted(index.row() for index in self.selectedIndexes())
        if rows:
            self.chosen.emit(choice, rows)


class CellDelegate(QStyledItemDelegate):
    """Draws a variation: its picture or preview, its score and its pin.

    Attributes:
        side: of a cell, in pixels.
    """

    def __init__(self) -> None:
        super().__init__()
        self.side = _LEAST_CELL

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Square."""
        return QSize(self.side, self.side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """What there is to see of it so far."""
        self.initStyleOption(option, index)
        cell: Cell = index.data(CellRole.CELL)
        rect = cell_rect(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if cell.stored is None and cell.image is not None:
            painter.setOpacity(0.7)
        paint_picture(painter, rect, cell.image, option.palette)
        painter.setOpacity(1.0)
        if cell.stored is not None and cell.stored.candidate.score is not None:
            paint_badge(painter, rect, f"{cell.stored.candidate.score:.2f}")
        if cell.pinned:
            paint_sign(painter, rect, "pin")
        paint_frame(painter, option, rect)
        painter.restore()
