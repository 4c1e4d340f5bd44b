"""The history panel: every step by its name; a click goes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.commands.stack import Command
from studio.gui.histories import Histories
from studio.gui.icons import icon
from studio.gui.theme import UNIT
from studio.gui.widgets.undo_room import UndoRoom
from studio.gui.workspace import Workspace

ROW_HEIGHT = 26
MARK_SIZE = 14
SAVED = "This is how it is in its file."
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class HistoryModel(QAbstractListModel):
    """The open document's commands, after a first row for the document as it was opened."""

    def __init__(self, workspace: Workspace, palette: QPalette, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._palette = palette
        self._commands: Sequence[Command] = ()
        self._release: Callable[[], None] = lambda: None
        workspace.document_replaced.connect(self._follow)
        self._follow()

    @property
    def current(self) -> QModelIndex:
        """The row of the step that was done last."""
        return self.index(self._workspace.stack.index)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many steps there are, and one."""
        return 0 if parent.isValid() else len(self._commands) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The step's name; those that were undone are set back, the saved one is marked."""
        if not index.isValid():
            return None
        row, stack = index.row(), self._workspace.stack
        undone = row > stack.index
        saved = row == stack.saved_index and self._workspace.path is not None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._name(row)
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, ROW_HEIGHT)
            case Qt.ItemDataRole.DecorationRole if saved:
                return icon("save")
            case Qt.ItemDataRole.ToolTipRole if saved:
                return SAVED
            case Qt.ItemDataRole.AccessibleTextRole if saved:
                return f"{self._name(row)}, saved"
            case Qt.ItemDataRole.ForegroundRole if undone:
                return self._palette.color(QPalette.ColorRole.PlaceholderText)
            case Qt.ItemDataRole.FontRole if undone:
                font = QFont()
                font.setItalic(True)
                return font
            case _:
                return None

    def set_palette(self, palette: QPalette) -> None:
        """Sets undone steps back in this palette's colours."""
        self._palette = palette

    def _name(self, row: int) -> str:
        if row:
            return self._commands[row - 1].name
        return "Older steps are forgotten" if self._workspace.stack.dropped_count else "Start"

    def _follow(self) -> None:
        self._release()
        stack = self._workspace.stack
        stack.changed.connect(self._reread)
        self._release = lambda: stack.changed.disconnect(self._reread)
        self._reread()

    def _reread(self) -> None:
        self.beginResetModel()
        self._commands = self._workspace.stack.entries
        self.endResetModel()


class _StepDelegate(QStyledItemDelegate):
    """Draws the mark of the saved step at the end of its row."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Moves the icon behind the name."""
        super().initStyleOption(option, index)
        option.decorationPosition = QStyleOptionViewItem.Position.Right
        option.decorationSize = QSize(MARK_SIZE, MARK_SIZE)


class HistoryPanel(QWidget):
    """Lists the steps, the newest last; choosing one undoes or redoes as far as there.

    Signals:
        memory_chosen(object): undo may take up so many bytes of memory from now on.
    """

    memory_chosen = Signal(object)

    def __init__(
        self, workspace: Workspace, histories: Histories, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._histories = histories
        self.setAccessibleName("History")
        self._model = HistoryModel(workspace, self.palette(), self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(_StepDelegate(self))
        self._list.setUniformItemSizes(True)
        self._list.setFrameShape(QListView.Shape.NoFrame)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setAccessibleName("Steps, the newest last")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.addWidget(self._list)
        self._room = UndoRoom(histories.memory)
        layout.addWidget(self._room)
        self._room.chosen.connect(self._set_memory)
        self._list.clicked.connect(self._go_to)
        self._list.activated.connect(self._go_to)
        self._model.modelReset.connect(self._show_current)
        self._show_current()

    def _go_to(self, index: QModelIndex) -> None:
        self._workspace.tool_cancel()
        self._workspace.stack.go_to(index.row())

    def _set_memory(self, memory: int) -> None:
        self._histories.set_memory(memory)
        self._show_current()
        self.memory_chosen.emit(memory)

    def _show_current(self) -> None:
        self._room.show_use(self._workspace.stack.cost, self._histories.disk_used)
        self._model.set_palette(self.palette())
        self._list.setCurrentIndex(self._model.current)
        self._list.scrollTo(self._model.current)
