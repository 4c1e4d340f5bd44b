"""Which keys do what, to be read and to be changed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.actions.registry import ActionRegistry
from studio.gui.dialogs.buttons import close_button
from studio.gui.icons import icon
from studio.gui.room import room_for
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted

_GROUPS = {
    "tool": "Tools",
    "brush": "Brush",
    "file": "File",
    "edit": "Edit",
    "view": "View",
    "layer": "Layer",
    "select": "Select",
    "generate": "Generate",
    "window": "Window",
    "help": "Help",
}
_CANVAS_KEYS = (
    ("Show the next or previous candidate", "Right, Left"),
    ("Keep the candidate as a layer", "Enter"),
    ("Make variations of the candidate", "V"),
    ("Discard the candidates", "Esc"),
    ("Jump to a candidate", "1 … 9"),
    ("Move the view", "Space and drag"),
    ("Size of the brush", "Right button and drag"),
    ("Hardness of the brush", "Ctrl, right button and drag"),
    ("Pick a colour", "Alt and click"),
)


_ID = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """Every action with its keys, by menu, and what keys do on the canvas.

    A chosen action can be given other keys; the sentence below says from whom they are taken.
    Changes hold at once, and are kept with the window's settings.
    """

    def __init__(self, registry: ActionRegistry, parent: QWidget) -> None:
        super().__init__(parent)
        self._registry = registry
        self.setWindowTitle("Shortcuts")
        self.resize(QSize(600, 680).boundedTo(room_for(self)))
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search actions and keys…")
        self._search.setAccessibleName("Search the shortcuts")
        self._search.setClearButtonEnabled(True)
        self._search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._tree = QTreeWidget()
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = {}
        self._keys = QKeySequenceEdit()
        self._keys.setAccessibleName("Keys of the chosen action")
        self._keys.setMaximumSequenceLength(1)
        self._keys.setClearButtonEnabled(True)
        self._assign = QPushButton("Assign")
        self._reset = QPushButton("Reset")
        self._reset_all = QPushButton("Reset All")
        self._note = muted(" ")
        self._fill()
        self._lay_out()
        self._connect()
        self._show_keys()
        self._on_chosen()

    @property
    def chosen(self) -> str:
        """The id of the chosen action; empty where none is."""
        item = self._tree.currentItem()
        return str(item.data(0, _ID) or "") if item is not None else ""

    def choose(self, action_id: str) -> None:
        """Goes to an action."""
        self._tree.setCurrentItem(self._items[action_id])

    def _fill(self) -> None:
        tree = self._tree
        tree.setAccessibleName("Shortcuts")
        tree.setHeaderLabels(["Action", "Keys"])
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        for spec in self._registry:
            action, group = self._registry[spec.id], spec.id.partition(".")[0]
            item = self._row(_GROUPS.get(group, group.title()), action.text())
            item.setIcon(0, action.icon())
            item.setToolTip(0, action.statusTip())
            item.setData(0, _ID, spec.id)
            self._items[spec.id] = item
        for words, keys in _CANVAS_KEYS:
            self._row("On the canvas", words, keys)
        tree.expandAll()

    def _row(self, title: str, *texts: str) -> QTreeWidgetItem:
        """A row in the group of that title, which is made for the first one."""
        if title not in self._groups:
            self._groups[title] = QTreeWidgetItem(self._tree, [title]), []
        group, rows = self._groups[title]
        rows.append(QTreeWidgetItem(group, list(texts)))
        return rows[-1]

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        row.addWidget(self._keys, 1)
        for button in (self._assign, self._reset, self._reset_all):
            button.setAutoDefault(False)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setSpacing(UNIT)
        layout.addWidget(self._search)
        layout.addWidget(self._tree, 1)
        layout.addLayout(row)
        layout.addWidget(self._note)
        layout.addWidget(close_button(self))

    def _connect(self) -> None:
        self._search.textChanged.connect(self._filter)
        self._tree.currentItemChanged.connect(self._on_chosen)
        self._keys.keySequenceChanged.connect(self._show_conflict)
        self._assign.clicked.connect(self._on_assign)
        self._reset.clicked.connect(self._on_reset)
        self._reset_all.clicked.connect(self._on_reset_all)

    def _filter(self, text: str) -> None:
        """Leaves the rows in which every word is found, and their groups."""
        words = text.casefold().split()
        for group, rows in self._groups.values():
            for row in rows:
                shown = f"{row.text(0)} {row.text(1)}".casefold()
                row.setHidden(not all(word in shown for word in words))
            group.setHidden(all(row.isHidden() for row in rows))

    def _show_keys(self) -> None:
        """Writes every action's keys, those that the person changed in bold."""
        custom = self._registry.custom_keys
        for action_id, item in self._items.items():
            shortcuts = self._registry[action_id].shortcuts()
            form = QKeySequence.SequenceFormat.NativeText
            item.setText(1, ", ".join(keys.toString(form) for keys in shortcuts))
            font = item.font(1)
            font.setBold(action_id in custom)
            item.setFont(1, font)
        self._reset_all.setEnabled(bool(custom))

    def _on_chosen(self) -> None:
        chosen = self.chosen
        keys = self._registry.keys_of(chosen) if chosen else ()
        self._keys.setKeySequence(QKeySequence(keys[0] if keys else ""))
        for widget in (self._keys, self._assign):
            widget.setEnabled(bool(chosen))
        self._reset.setEnabled(chosen in self._registry.custom_keys)
        self._show_conflict()

    def _show_conflict(self) -> None:
        users = self._registry.users_of(self._keys.keySequence().toString())
        others = [self._registry[spec.id].text() for spec in users if spec.id != self.chosen]
        taken = f"Assigning takes these keys from: {', '.join(others)}." if others else " "
        self._note.setText(taken if self.chosen else "Choose an action to change its keys.")

    def _on_assign(self) -> None:
        keys = self._keys.keySequence().toString()
        self._registry.set_keys(self.chosen, (keys,) if keys else ())
        self._refresh()

    def _on_reset(self) -> None:
        self._registry.reset_keys(self.chosen)
        self._refresh()

    def _on_reset_all(self) -> None:
        self._registry.restore_keys({})
        self._refresh()

    def _refresh(self) -> None:
        self._show_keys()
        self._on_chosen()
