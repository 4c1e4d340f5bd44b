"""Selections that are kept by name: keeps one more, brings one back, forgets one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.selection import Operation
from studio.gui.dialogs.buttons import close_button
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import field_row, muted

_WAYS = (
    (Operation.REPLACE, "Replace the selection"),
    (Operation.ADD, "Add to the selection"),
    (Operation.SUBTRACT, "Take from the selection"),
    (Operation.INTERSECT, "Keep what both have"),
)


class ChannelsDialog(QDialog):
    """The channels of a document.

    Signals:
        save_requested(str): what is selected is to be kept under that name.
        load_requested(str, Operation): the channel is to be put together with the selection so.
        remove_requested(str): the channel is to be forgotten.

    Args:
        names: of the channels.
        can_save: whether anything is selected.
    """

    save_requested = Signal(str)
    load_requested = Signal(str, object)
    remove_requested = Signal(str)

    def __init__(self, names: Sequence[str], can_save: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Channels")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._name = QLineEdit(_free_name(names))
        self._save = QPushButton("Save")
        self._save.setEnabled(can_save)
        self._list = QListWidget()
        self._list.setAccessibleName("Channels")
        self._list.addItems(list(names))
        self._list.setCurrentRow(len(names) - 1)
        self._how = QComboBox()
        self._how.setAccessibleName("How to load")
        self._how.addItems([words for _, words in _WAYS])
        self._load, self._remove = QPushButton("Load"), QPushButton("Remove")
        self._lay_out()
        self._save.clicked.connect(self._on_save)
        self._load.clicked.connect(self._on_load)
        self._remove.clicked.connect(self._on_remove)
        self._list.itemDoubleClicked.connect(self._on_load)
        self._show_state()

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that are listed."""
        return tuple(self._list.item(row).text() for row in range(self._list.count()))

    def choose(self, name: str, operation: Operation) -> None:
        """Chooses a channel and how to load it."""
        self._list.setCurrentRow(self.names.index(name))
        self._how.setCurrentIndex([it for it, _ in _WAYS].index(operation))

    def _lay_out(self) -> None:
        saving = QHBoxLayout()
        saving.addWidget(field_row("Save as", self._name), 1)
        saving.addWidget(self._save)
        loading = QHBoxLayout()
        loading.addWidget(self._how, 1)
        loading.addWidget(self._load)
        loading.addWidget(self._remove)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * UNIT)
        layout.addWidget(muted("Channels are selections that are kept in the document."))
        layout.addLayout(saving)
        layout.addWidget(self._list, 1)
        layout.addLayout(loading)
        layout.addWidget(close_button(self))

    def _show_state(self) -> None:
        has_channel = self._list.currentItem() is not None
        self._load.setEnabled(has_channel)
        self._remove.setEnabled(has_channel)

    def _on_save(self) -> None:
        name = self._name.text().strip()
        if name:
            self.save_requested.emit(name)
            self.accept()

    def _on_load(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.load_requested.emit(item.text(), _WAYS[self._how.currentIndex()][0])
            self.accept()

    def _on_remove(self) -> None:
        item = self._list.takeItem(self._list.currentRow())
        if item is not None:
            self.remove_requested.emit(item.text())
            self._show_state()


def _free_name(names: Sequence[str]) -> str:
    """The first of "Selection 1", "Selection 2" and so on that no channel has."""
    number = 1
    while f"Selection {number}" in names:
        number += 1
    return f"Selection {number}"
