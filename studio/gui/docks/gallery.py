"""The gallery: a strip below the canvas, and the same as a page of its own."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.gallery.entry import Entry
from studio.gui.icons import icon
from studio.gui.models.gallery import EntryAction, EntryRole, GalleryModel
from studio.gui.theme import UNIT
from studio.gui.widgets.cells import (
    cell_rect,
    paint_badge,
    paint_frame,
    paint_picture,
    paint_sign,
)
from studio.gui.widgets.fields import muted, tool_button

SEARCH_MILLISECONDS = 200
PAGE_CELL = 192
STRIP_CELL = 112
_SMALLEST_CELL = 64
_CELL_MARGIN = 8
"""A point so far within the viewport lies in a cell, in pixels."""
_Index = QModelIndex | QPersistentModelIndex


class GalleryPanel(QWidget):
    """The entries of a `GalleryModel`, a search field, and what can be done with them.

    Args:
        model: may be shared with other panels.
        is_page: whether it fills the window, in rows, rather than one row.

    Signals:
        chosen(EntryAction, list[Entry]): the person wants that done with these.
    """

    chosen = Signal(object, object)

    def __init__(
        self, model: GalleryModel, *, is_page: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self.setAccessibleName("Gallery")
        self._view = EntryView(model, is_page=is_page)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search prompts…")
        self._search.setAccessibleName("Search the gallery")
        self._search.setClearButtonEnabled(True)
        self._search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._search.setMaximumWidth(320)
        self._starred = tool_button("star", "Only starred pictures")
        self._starred.setCheckable(True)
        self._empty = muted()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_MILLISECONDS)
        self._lay_out()
        self._connect()
        self._show_emptiness()

    @property
    def selected(self) -> list[Entry]:
        """The chosen entries, newest first."""
        return self._view.selected

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(UNIT, UNIT // 2, UNIT, 0)
        top.addWidget(self._search, 1)
        top.addWidget(self._starred)
        top.addStretch(1)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._view)
        self._pages.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addLayout(top)
        layout.addLayout(self._pages, 1)

    def _connect(self) -> None:
        self._search.textChanged.connect(lambda: self._timer.start())
        self._search.returnPressed.connect(self._run_search)
        self._starred.toggled.connect(self._run_search)
        self._timer.timeout.connect(self._run_search)
        self._model.counted.connect(self._show_emptiness)
        self._model.modelReset.connect(self._show_search)
        self._model.found.connect(self._view.point_out)
        self._view.chosen.connect(self.chosen)

    def _run_search(self) -> None:
        self._timer.stop()
        self._model.search(self._search.text().strip(), starred=self._starred.isChecked())

    def _show_search(self) -> None:
        """Follows a search that was begun in another panel."""
        if self._model.query != self._search.text().strip() and not self._timer.isActive():
            self._search.setText(self._model.query)
            self._timer.stop()

    def _show_emptiness(self) -> None:
        is_empty = self._model.rowCount() == 0
        self._empty.setText(
            "No picture matches."
            if self._model.is_searching
            else "Every picture that you make is kept here."
        )
        self._pages.setCurrentIndex(1 if is_empty else 0)


class _Place(NamedTuple):
    """Where a view is scrolled to: an entry, and the corner of its cell in the viewport."""

    entry: QPersistentModelIndex
    corner: QPoint


class EntryView(QListView):
    """Square cells, in one row or in as many as fit.

    Signals:
        chosen(EntryAction, list[Entry]): as of `GalleryPanel`.
    """

    chosen = Signal(object, object)

    def __init__(self, model: GalleryModel, *, is_page: bool) -> None:
        super().__init__()
        self._place: _Place | None = None
        self._is_page = is_page
        self._delegate = EntryDelegate(PAGE_CELL if is_page else STRIP_CELL)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Pictures")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(is_page)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        if not is_page:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        model.rowsAboutToBeInserted.connect(self._hold_place)
        model.rowsAboutToBeRemoved.connect(self._hold_place)
        self.customContextMenuRequested.connect(self._open_menu)
        self.activated.connect(lambda: self._choose(EntryAction.OPEN))

    @property
    def selected(self) -> list[Entry]:
        """The chosen entries, in the order in which they are shown."""
        rows = sorted(self.selectedIndexes(), key=lambda index: index.row())
        return [index.data(EntryRole.ENTRY) for index in rows]

    def point_out(self, index: QModelIndex) -> None:
        """Chooses an entry and brings it in sight."""
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete moves to the trash."""
        if event.key() == Qt.Key.Key_Delete:
            self._choose(EntryAction.TRASH)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cells of a strip are as high as it is, less a scroll bar, whether or not there is one."""
        super().resizeEvent(event)
        if not self._is_page:
            room = self.contentsRect().height() - self.horizontalScrollBar().sizeHint().height() - 2
            self._delegate.side = max(_SMALLEST_CELL, room)
            self.scheduleDelayedItemsLayout()

    def doItemsLayout(self) -> None:
        """Who looked at older entries sees them where they were, whatever came before them."""
        super().doItemsLayout()
        place, self._place = self._place, None
        if place is not None and place.entry.isValid():
            moved = self.visualRect(place.entry).topLeft() - place.corner
            for bar, by in (
                (self.horizontalScrollBar(), moved.x()),
                (self.verticalScrollBar(), moved.y()),
            ):
                bar.setValue(bar.value() + by)

    def menu(self) -> QMenu:
        """What can be done with the chosen entries."""
        menu = QMenu(self)
        starred = all(entry.starred for entry in self.selected)
        for choice in EntryAction:
            words, sign = choice.value
            if choice is EntryAction.STAR and starred:
                words, sign = "Take the star away", "star-off"
            action = QAction(icon(sign), words, menu)
            action.triggered.connect(lambda _, chosen=choice: self._choose(chosen))
            menu.addAction(action)
        return menu

    def _hold_place(self) -> None:
        """Remembers what is seen first; at the very front, what is new may come before it."""
        at_front = not (self.horizontalScrollBar().value() or self.verticalScrollBar().value())
        if self._place is None and not at_front:
            first = self.indexAt(QPoint(_CELL_MARGIN, _CELL_MARGIN))
            self._place = _Place(QPersistentModelIndex(first), self.visualRect(first).topLeft())

    def _open_menu(self, place: QPoint) -> None:
        if self.selected:
            self.menu().popup(self.viewport().mapToGlobal(place))

    def _choose(self, choice: EntryAction) -> None:
        if entries := self.selected:
            self.chosen.emit(choice, entries)


class EntryDelegate(QStyledItemDelegate):
    """Draws an entry: its picture, its star and its score.

    Attributes:
        side: of a cell, in pixels.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Square."""
        return QSize(self.side, self.side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The thumbnail, once it has been read."""
        self.initStyleOption(option, index)
        # Where no scroll bar takes the room below, Qt makes the cells of a row higher by it.
        option.rect.setHeight(min(self.side, option.rect.height()))
        entry: Entry = index.data(EntryRole.ENTRY)
        rect = cell_rect(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_picture(painter, rect, index.data(EntryRole.THUMBNAIL), option.palette)
        if entry.score is not None:
            paint_badge(painter, rect, f"{entry.score:.2f}")
        if entry.starred:
            paint_sign(painter, rect, "star")
        paint_frame(painter, option, rect)
        painter.restore()
