"""The list of what runs and waits, which the status bar unfolds."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.generation.jobs import Job, JobState
from studio.gui.icons import icon
from studio.gui.queueing import Queueing
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted, push_button, tool_button
from studio.gui.words import request_details, request_words

_WIDTH = 380
_NAME_WIDTH = 280
_MOST_HEIGHT = 360
_ICON = QSize(16, 16)


class QueueList(QFrame):
    """What runs at the top, then what waits, next one first; each can be cancelled or put first.

    It follows the queue while it is shown, and closes with Escape or a click beside it.
    """

    def __init__(self, queueing: Queueing, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._queueing = queueing
        self._rows: dict[str, QueueRow] = {}
        self._corner = QPoint()
        # The click that closes it shall not open it again, where it is on the button that did.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self.setObjectName("popup")
        self.setAccessibleName("Queue")
        self.setFixedWidth(_WIDTH)
        self._title = QLabel("Queue")
        self._title.setObjectName("heading")
        self._pause = push_button("circle-pause", "Pause")
        self._pause.clicked.connect(queueing.toggle_pause)
        self._empty = muted("Nothing runs, and nothing waits.")
        self._hint = muted("Paused: what runs ends, and nothing else begins.")
        self._lay_out()
        queueing.changed.connect(self._follow)

    @property
    def rows(self) -> list[QueueRow]:
        """The rows from top to bottom."""
        jobs = [*filter(None, [self._queueing.running]), *self._queueing.waiting]
        return [self._rows[job.id] for job in jobs]

    def open_above(self, corner: QPoint) -> None:
        """Shows the list with its lower right corner there, on the screen."""
        self._corner = corner
        self.refresh()
        self.show()
        self._pause.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        """Shows the queue as it is; rows that stay keep the keyboard."""
        queueing = self._queueing
        jobs = [*filter(None, [queueing.running]), *queueing.waiting]
        for job_id in self._rows.keys() - {job.id for job in jobs}:
            row = self._rows.pop(job_id)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, job in enumerate(jobs):
            row = self._rows.get(job.id) or self._add_row(job)
            self._list.insertWidget(place, row)
            row.show_state(job.state, is_next=job in queueing.waiting[:1])
        self._empty.setVisible(not jobs)
        self._hint.setVisible(queueing.is_paused)
        self._pause.setText("Go on" if queueing.is_paused else "Pause")
        self._pause.setIcon(icon("circle-play" if queueing.is_paused else "circle-pause"))
        self._scroll.setFixedHeight(min(self._list.sizeHint().height(), _MOST_HEIGHT))
        self.adjustSize()
        self.move(self._corner - QPoint(self.width(), self.height()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._pause)
        content = QWidget()
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(UNIT)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 3 // 2, UNIT, UNIT * 3 // 2, UNIT * 3 // 2)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._hint)
        layout.addWidget(self._scroll)

    def _add_row(self, job: Job) -> QueueRow:
        row = self._rows[job.id] = QueueRow(job)
        row.first_requested.connect(lambda: self._queueing.put_first(job.id))
        row.drop_requested.connect(lambda: self._queueing.drop(job.id))
        return row

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()


class QueueRow(QWidget):
    """One job: what it makes, and what can be done with it.

    Signals:
        first_requested(): it is to run next.
        drop_requested(): it is to be cancelled.
    """

    first_requested = Signal()
    drop_requested = Signal()

    def __init__(self, job: Job) -> None:
        super().__init__()
        words = request_words(job.request)
        self._details = request_details(job.request)
        self.name = QLabel(self._fitting(words))
        self.name.setToolTip(words)
        self.state = QLabel()
        self.state.setObjectName("muted")
        self.first = tool_button("arrow-up-to-line", f"Make next: {words}", "Make this next")
        self.drop = tool_button("x", f"Cancel: {words}", "Cancel this")
        for button, signal in (
            (self.first, self.first_requested),
            (self.drop, self.drop_requested),
        ):
            button.setIconSize(_ICON)
            button.clicked.connect(signal)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self.name)
        lines.addWidget(self.state)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addLayout(lines, 1)
        layout.addWidget(self.first)
        layout.addWidget(self.drop)

    def show_state(self, state: JobState, *, is_next: bool) -> None:
        """Says whether it runs, is next, or waits."""
        word = "running" if state is JobState.RUNNING else "next" if is_next else "waiting"
        self.state.setText(" · ".join(filter(None, (word, self._details))))
        self.first.setEnabled(state is JobState.QUEUED and not is_next)

    def _fitting(self, words: str) -> str:
        """As much of the words as there is room for."""
        return self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, _NAME_WIDTH)
