"""The number that everything random comes from."""

from __future__ import annotations

import random

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.generation.request import MAX_SEED
from studio.gui.icons import icon
from studio.gui.widgets.fields import tool_button


class SeedField(QWidget):
    """A seed, a die that throws another one, and a lock that keeps it.

    Typing a seed locks it, since that is what it is typed for.

    Signals:
        changed(object, bool): the seed, an int, and whether it is locked.
    """

    changed = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self._number = QLineEdit("0")
        self._number.setAccessibleName("Seed")
        self._number.setValidator(_SeedValidator(self))
        self._dice = tool_button("dices", "Throw another seed")
        self._lock = tool_button("lock-open", "Keep this seed")
        self._lock.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._number, 1)
        layout.addWidget(self._dice)
        layout.addWidget(self._lock)
        self.setFocusProxy(self._number)
        self._number.textEdited.connect(lambda: self._lock.setChecked(True))
        self._number.editingFinished.connect(self._tell)
        self._dice.clicked.connect(self._throw)
        self._lock.toggled.connect(self._show_lock)
        self._lock.clicked.connect(self._tell)

    @property
    def seed(self) -> int:
        """The number."""
        return int(self._number.text() or "0")

    @property
    def is_locked(self) -> bool:
        """Whether the next generation uses it again."""
        return self._lock.isChecked()

    def show_seed(self, seed: int, locked: bool) -> None:
        """Shows a seed without telling anybody."""
        with QSignalBlocker(self._number), QSignalBlocker(self._lock):
            self._number.setText(str(seed))
            self._lock.setChecked(locked)
        self._show_lock(locked)

    def _throw(self) -> None:
        self.show_seed(random.randint(0, MAX_SEED), True)
        self._tell()

    def _show_lock(self, locked: bool) -> None:
        self._lock.setIcon(icon("lock" if locked else "lock-open"))
        self._lock.setToolTip("Each picture gets a new seed" if not locked else "The seed stays")

    def _tell(self) -> None:
        self.changed.emit(self.seed, self.is_locked)


class _SeedValidator(QValidator):
    """Whole numbers up to the largest seed, which is more than Qt's own validator can count."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accepts digits within the range."""
        if not text:
            return QValidator.State.Intermediate, text, position
        fits = text.isascii() and text.isdigit() and int(text) <= MAX_SEED
        state = QValidator.State.Acceptable if fits else QValidator.State.Invalid
        return state, text, position
