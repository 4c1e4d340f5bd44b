"""The command palette: every action by its name."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.actions.registry import ActionRegistry, shortcut_text
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import ListKeys

_WIDTH = 520
_ROWS = 12
_TOP = 64
_ROW_HEIGHT = 30


class Palette(QDialog):
    """A field, and below it the actions whose names hold what is typed there."""

    def __init__(self, registry: ActionRegistry, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAccessibleName("Find an action")
        self._actions = [registry[spec.id] for spec in registry]
        self._field = QLineEdit()
        self._field.setPlaceholderText("What do you want to do?")
        self._field.setAccessibleName("Name of the action")
        self._list = QListWidget()
        self._list.setAccessibleName("Actions")
        self._list.setUniformItemSizes(True)
        self._list.setIconSize(QSize(18, 18))
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        self._list.setItemDelegate(_Row(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.addWidget(self._field)
        layout.addWidget(self._list)
        self._field.textChanged.connect(self._filter)
        self._field.returnPressed.connect(self._run)
        self._list.itemClicked.connect(self._run)
        ListKeys(self._field, self._list)
        self._filter("")
        self._place(parent)

    @property
    def names(self) -> list[str]:
        """The actions that are listed now."""
        return [self._list.item(row).data(_ACTION).text() for row in range(self._list.count())]

    def search(self, words: str) -> None:
        """Types words into the field."""
        self._field.setText(words)

    def _filter(self, typed: str) -> None:
        self._list.clear()
        words = typed.lower().split()
        matching = [action for action in self._actions if _matches(action, words)]
        for action in sorted(matching, key=lambda action: _rank(action, words)):
            item = QListWidgetItem(action.icon(), action.text())
            item.setData(_ACTION, action)
            item.setToolTip(action.statusTip())
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _run(self) -> None:
        item = self._list.currentItem()
        self.accept()
        if item is not None and item.flags():
            item.data(_ACTION).trigger()

    def _place(self, parent: QWidget) -> None:
        width = min(_WIDTH, parent.width() - 4 * UNIT)
        height = min(_ROWS * _ROW_HEIGHT + _TOP, parent.height() - 2 * _TOP)
        self.resize(width, height)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - width) // 2, corner.y() + _TOP)
        self._field.setFocus()


_ACTION = Qt.ItemDataRole.UserRole


class _Row(QStyledItemDelegate):
    """An action: its icon and name, and its keys at the right."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The row as usual, and the keys."""
        super().paint(painter, option, index)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole
        ink = role.HighlightedText if chosen else role.PlaceholderText
        painter.setPen(option.palette.color(QPalette.ColorGroup.Active, ink))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        keys = shortcut_text(index.data(_ACTION))
        painter.drawText(option.rect.adjusted(0, 0, -UNIT, 0), right, keys)


def _rank(action: QAction, words: list[str]) -> tuple[bool, bool]:
    """Usable ones first, and of these the ones whose names match."""
    name = action.text().lower()
    return not action.isEnabled(), not all(word in name for word in words)


def _matches(action: QAction, words: list[str]) -> bool:
    text = f"{action.text()} {action.statusTip()}".lower()
    return all(word in text for word in words)
