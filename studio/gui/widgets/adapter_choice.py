"""One adapter of a kind, chosen in the place of what a model has itself."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from studio.generation.catalog import AdapterInfo
from studio.gui.widgets.fields import field_row


class AdapterChoice(QWidget):
    """A row that is out of sight as long as there is nothing to choose.

    Signals:
        chosen(str): the id of the adapter, or nothing.

    Args:
        title: of the row.
    """

    chosen = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = QComboBox()
        self._choices.setAccessibleName(title)
        self._choices.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._choices.activated.connect(lambda: self.chosen.emit(self._choices.currentData()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(field_row(title, self._choices))
        self.hide()

    def show_adapters(self, adapters: Iterable[AdapterInfo], otherwise: str, chosen: str) -> None:
        """Offers these, and what is used without any of them.

        Args:
            adapters: those that are installed and fit.
            otherwise: what is used without.
            chosen: the id of one, or nothing.
        """
        offered = [(otherwise, ""), *((adapter.title, adapter.id) for adapter in adapters)]
        shown = [
            (self._choices.itemText(row), self._choices.itemData(row))
            for row in range(self._choices.count())
        ]
        if offered != shown:
            self._choices.clear()
            for title, adapter_id in offered:
                self._choices.addItem(title, adapter_id)
        self._choices.setCurrentIndex(max(0, self._choices.findData(chosen)))
        self.setVisible(len(offered) > 1)
