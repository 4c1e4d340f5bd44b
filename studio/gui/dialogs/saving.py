"""A form whose values are kept when it is left by Save."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import KnownError
from studio.gui.background import Background
from studio.gui.room import room_for
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import Scrolled, muted

_WIDTH = 460


class SavingDialog(QDialog):
    """Writes its values on another thread; where that fails it says why, and stays.

    Whoever derives from it adds rows to `form`, and says in `_keeping` how they are kept.

    Args:
        title: of the window.
        hint: a sentence below the form.
        background: writes the values.

    Attributes:
        form: for the fields.

    Signals:
        saved(): the values are written.
    """

    saved = Signal()

    def __init__(
        self, title: str, hint: str, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self._background = background
        self.form = QFormLayout()
        words = muted(hint)
        words.setWordWrap(True)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(2 * UNIT)
        page.addLayout(self.form)
        page.addWidget(words)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * UNIT)
        self._scroll = Scrolled(self._page)
        layout.addWidget(self._scroll, 1)
        for widget in (self._problem, self._buttons):
            layout.addWidget(widget)
        self._buttons.accepted.connect(self._save)
        self._buttons.rejected.connect(self.reject)

    def showEvent(self, event: QShowEvent) -> None:
        """Becomes as high as its fields, or as the screen where they have to be scrolled."""
        super().showEvent(event)
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        fields = self._page.heightForWidth(self._scroll.width() - bar)
        rest = self.sizeHint().height() - self._scroll.sizeHint().height()
        needed = QSize(self.width(), fields + rest)
        self.resize(needed.boundedTo(room_for(self)))

    def _keeping(self) -> Callable[[], None]:
        """What writes the present values; called on another thread.

        Raises:
            KnownError: if a value cannot be kept.
        """
        raise NotImplementedError

    def _save(self) -> None:
        try:
            keep = self._keeping()
        except KnownError as error:
            self._tell(error.message)
            return
        self._buttons.setEnabled(False)
        self._background.run(keep, self._kept, self._refused)

    def _kept(self, _: None) -> None:
        self.saved.emit()
        self.accept()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._buttons.setEnabled(True)
        self._tell(error.message)

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.show()
