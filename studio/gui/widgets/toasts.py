"""Short messages that need no answer: they come, and go by themselves."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted, tool_button
from studio.gui.widgets.sign import Sign

_WIDTH = 380
_MARGIN = 16
_AT_MOST = 4
_BREAKABLE = re.compile(r"[^\s/\\-]{24}(?=[^\s/\\-]{8})")
"""After which a word, such as a file's name, goes on in the next line, which Qt breaks nowhere."""


class Tone(enum.StrEnum):
    """How a message is meant; the value is its icon."""

    DONE = "circle-check"
    NOTE = "info"
    WARNING = "triangle-alert"
    FAILURE = "circle-x"


_SECONDS = {Tone.DONE: 4, Tone.NOTE: 8, Tone.WARNING: 12, Tone.FAILURE: 0}
"""How long each is shown; 0 stands for until it is closed."""


class Toasts(QWidget):
    """The messages over the upper right corner of a widget, newest at the bottom.

    The same message is not shown twice at a time.

    Args:
        host: the widget.
        is_told: whether a message stands on the widget itself, so that it need not be shown.
    """

    def __init__(self, host: QWidget, is_told: Callable[[str], bool] = lambda _: False) -> None:
        super().__init__(host)
        self._host = host
        self._is_told = is_told
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(UNIT)
        self._toasts: list[_Toast] = []
        host.installEventFilter(self)
        self.hide()

    @property
    def messages(self) -> list[str]:
        """What is shown now, oldest first."""
        return [toast.message for toast in self._toasts]

    def show_message(self, message: str, tone: Tone = Tone.NOTE, details: str = "") -> None:
        """Shows a sentence; its details can be folded out."""
        if self._is_told(message):
            return
        for toast in [t for t in self._toasts if t.message == message]:
            self._drop(toast)
        for toast in self._toasts[: max(0, len(self._toasts) + 1 - _AT_MOST)]:
            self._drop(toast)
        toast = _Toast(message, tone, details)
        toast.closer.clicked.connect(lambda: self._drop(toast))
        toast.unfolded.connect(self._settle)
        if seconds := _SECONDS[tone]:
            toast.timer.timeout.connect(lambda: self._drop(toast))
            toast.timer.start(seconds * 1000)
        self._toasts.append(toast)
        self._layout.addWidget(toast)
        toast.show()
        self._settle()

    def clear(self) -> None:
        """Takes all messages away."""
        for toast in list(self._toasts):
            self._drop(toast)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays in the corner when the host changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return False

    def _drop(self, toast: _Toast) -> None:
        if toast not in self._toasts:
            return
        self._toasts.remove(toast)
        toast.timer.stop()
        self._layout.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self._settle()

    def _settle(self) -> None:
        self.setVisible(bool(self._toasts))
        self._layout.activate()
        width = min(_WIDTH, self._host.width() - 2 * _MARGIN)
        self.setFixedWidth(max(1, width))
        self.resize(self.width(), max(1, self._layout.heightForWidth(self.width())))
        self.move(
            max(0, self._host.width() - self.width() - _MARGIN),
            _MARGIN,
        )
        self.raise_()


class _Toast(QFrame):
    """One message."""

    def __init__(self, message: str, tone: Tone, details: str) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.message = message
        self.timer = QTimer(self, singleShot=True)
        self.closer = tool_button("x", "Close this message")
        self._more = QPushButton("Details")
        self.unfolded = self._more.toggled
        self._details = muted(details)
        words = QLabel(_BREAKABLE.sub("\\g<0>\u200b", message))
        words.setWordWrap(True)
        for label in (words, self._details):
            label.setTextFormat(Qt.TextFormat.PlainText)  # there are files called <b>
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = QHBoxLayout()
        top.setSpacing(UNIT)
        top.addWidget(Sign(tone.value), 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(words, 1)
        top.addWidget(self.closer, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, UNIT, UNIT, UNIT)
        layout.addLayout(top)
        self._fold(layout, bool(details))
        self.setAccessibleName(message)

    def _fold(self, layout: QVBoxLayout, has_details: bool) -> None:
        self._more.setCheckable(True)
        self._more.setVisible(has_details)
        self._details.setVisible(False)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more.toggled.connect(self._details.setVisible)
        if has_details:
            layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
            layout.addWidget(self._details)
