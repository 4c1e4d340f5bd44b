"""The conversation panel: say what should change, and go on from any answer."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.models.conversation import Conversation, Turn
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import Scrolled, muted, rows, tool_button
from studio.gui.widgets.prompt_editor import PromptEditor

_SIDE = 112
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BORDER = 2
_EMPTY = (
    "Put a picture into the frame and begin with it. Then say what should change: each answer is "
    "what the next change starts from, and you can go on from any of them."
)
_NO_MODEL = 'No installed model follows instructions. <a href="models">Find one…</a>'


class ConversationPanel(QWidget):
    """The turns of a branch from top to bottom, and a field to say what comes next.

    Args:
        conversation: that is shown.

    Signals:
        begin_requested(): the conversation is to begin with what is in the frame.
        change_requested(str): the chosen turn's picture is to be changed so.
        use_requested(StoredCandidate): a turn's picture is to be laid on the canvas.
        models_requested(): a model that follows instructions is to be found.
        closed(): the panel is not needed any more.
    """

    begin_requested = Signal()
    change_requested = Signal(str)
    use_requested = Signal(object)
    models_requested = Signal()
    closed = Signal()

    def __init__(self, conversation: Conversation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._conversation = conversation
        self._rows: list[TurnRow] = []
        self._model = ""
        self.setAccessibleName("Conversation")
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._show()

    def show_model(self, title: str) -> None:
        """Says which model follows the instructions; empty where there is none."""
        self._model = title
        self._about.setText(f"{title} does as you say." if title else _NO_MODEL)
        self._allow()

    def _make_widgets(self) -> None:
        self._about = muted()
        self._begin = QPushButton("Begin with the frame")
        self._begin.setToolTip("Begin anew with the picture in the frame; the gallery keeps all")
        self._close = tool_button("x", "Close the conversation")
        self._empty = muted(_EMPTY)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pending = _PendingRow()
        self._editor = InstructionEditor(2)
        self._editor.setAccessibleName("What should change")
        self._editor.setPlaceholderText("Say what should change…")
        self.setFocusProxy(self._editor)
        self._change = QPushButton("Change")
        self._change.setObjectName("primary")
        self._change.setToolTip("Change the chosen picture so (Enter)")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._begin)
        head.addStretch(1)
        head.addWidget(self._close)
        turns = QWidget()
        self._list = rows(turns)
        self._list.setSpacing(2 * UNIT)
        self._list.addWidget(self._empty)
        self._list.addWidget(self._pending)
        self._list.addStretch(1)
        self._scroll = Scrolled(turns)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._about)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self._editor)
        layout.addWidget(self._change)

    def _connect(self) -> None:
        self._conversation.changed.connect(self._show)
        self._begin.clicked.connect(self.begin_requested)
        self._close.clicked.connect(self.closed)
        self._about.linkActivated.connect(lambda _: self.models_requested.emit())
        self._editor.textChanged.connect(self._allow)
        self._editor.submitted.connect(self._ask)
        self._change.clicked.connect(self._ask)

    def _ask(self) -> None:
        if self._change.isEnabled():
            self.change_requested.emit(self._editor.toPlainText().strip())

    def _allow(self) -> None:
        ready = self._conversation.chosen is not None and self._conversation.asked is None
        words = self._editor.toPlainText().strip()
        self._change.setEnabled(ready and bool(self._model and words))

    def _show(self) -> None:
        branch, asked = self._conversation.branch, self._conversation.asked
        if [turn.number for turn in branch] != [row.turn.number for row in self._rows]:
            self._show_branch(branch)
        for row in self._rows:
            beside = self._conversation.siblings(row.turn)
            row.show_place(
                beside.index(row.turn), len(beside), row.turn == self._conversation.chosen
            )
        self._empty.setVisible(not branch)
        if asked is not None and self._pending.isHidden():
            self._editor.clear()
            self._scroll_down()
        self._pending.setVisible(asked is not None)
        if asked is not None:
            self._pending.show_asked(asked.instruction, asked.image)
        self._allow()

    def _show_branch(self, branch: tuple[Turn, ...]) -> None:
        """Rows that stay keep the keyboard."""
        kept = 0
        while kept < min(len(branch), len(self._rows)) and branch[kept] is self._rows[kept].turn:
            kept += 1
        for row in self._rows[kept:]:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [*self._rows[:kept], *(self._row(turn) for turn in branch[kept:])]
        for place, row in enumerate(self._rows[kept:], kept):
            self._list.insertWidget(1 + place, row)
        self._scroll_down()

    def _row(self, turn: Turn) -> TurnRow:
        row = TurnRow(turn)
        row.chosen.connect(partial(self._conversation.choose, turn))
        row.beside_requested.connect(partial(self._conversation.look_beside, turn))
        if turn.stored is not None:
            row.use_requested.connect(partial(self.use_requested.emit, turn.stored))
        return row

    def _scroll_down(self) -> None:
        """Shows the newest turn, once the list is laid out."""
        bar = self._scroll.verticalScrollBar()
        QTimer.singleShot(0, self, lambda: bar.setValue(bar.maximum()))


class TurnRow(QWidget):
    """What was said, and the picture that came of it.

    Signals:
        chosen(): the next turn is to be made from this one.
        beside_requested(int): the branch beside it is to be looked at.
        use_requested(): its picture is to be laid on the canvas.
    """

    chosen = Signal()
    beside_requested = Signal(int)
    use_requested = Signal()

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.turn = turn
        words = turn.instruction or "It began with this."
        self._picture = PictureButton(turn.image, f"Go on from: {words}")
        self._picture.clicked.connect(self.chosen)
        self._previous = tool_button("chevron-left", f"Branch before: {words}", "Branch before")
        self._next = tool_button("chevron-right", f"Next branch: {words}", "Next branch")
        self._place = muted()
        self._place.setWordWrap(False)
        use = tool_button("image-plus", f"Lay on the canvas: {words}", "Lay it on the canvas")
        use.setVisible(turn.stored is not None and turn.stored.entry is not None)
        use.clicked.connect(self.use_requested)
        self._previous.clicked.connect(lambda: self.beside_requested.emit(-1))
        self._next.clicked.connect(lambda: self.beside_requested.emit(1))
        foot = QHBoxLayout()
        foot.setSpacing(0)
        for widget in (self._previous, self._place, self._next):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(use)
        beside = _beside(self, self._picture)
        beside.addWidget(_said(words, is_first=not turn.instruction))
        beside.addStretch(1)
        beside.addLayout(foot)

    def show_place(self, index: int, count: int, is_chosen: bool) -> None:
        """Says which of how many branches this is, and whether the next turn is made from it."""
        self._place.setText(f"{index + 1} / {count}")
        for widget in (self._previous, self._place, self._next):
            widget.setVisible(count > 1)
        self._picture.setChecked(is_chosen)


class _PendingRow(QWidget):
    """A turn on its way."""

    def __init__(self) -> None:
        super().__init__()
        self._words = _said("")
        self._picture = PictureButton(QImage(), "The picture so far")
        self._picture.setEnabled(False)
        beside = _beside(self, self._picture)
        beside.addWidget(self._words)
        beside.addWidget(muted("Being changed…"))
        beside.addStretch(1)

    def show_asked(self, instruction: str, image: QImage | None) -> None:
        """Says what is made, and shows how it looks so far."""
        self._words.setText(instruction)
        self._picture.show_image(image or QImage())


class PictureButton(QAbstractButton):
    """A picture that can be chosen, by the pointer or the space bar."""

    def __init__(self, image: QImage, name: str) -> None:
        super().__init__()
        self._image = image
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(_SIDE, _SIDE)

    def show_image(self, image: QImage) -> None:
        """Shows another picture."""
        self._image = image
        self.update()

    def nextCheckState(self) -> None:
        """Whoever shows it decides which one is chosen."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture as large as there is room, with a line around the chosen one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self._place()
        role = QPalette.ColorRole
        if self._image.isNull():
            painter.fillRect(place, self.palette().color(role.Base))
        else:
            painter.drawImage(place, self._image)
        if self.isChecked() or self.hasFocus():
            colour = self.palette().color(role.Highlight if self.isChecked() else role.Link)
            painter.setPen(QPen(colour, _BORDER, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))

    def _place(self) -> QRect:
        """At the top, with room for the line around it."""
        room = self.rect().adjusted(_BORDER, _BORDER, -_BORDER, -_BORDER)
        size = self._image.size() if not self._image.isNull() else QSize(1, 1)
        place = QRect(QPoint(0, 0), size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
        place.moveLeft(room.left() + (room.width() - place.width()) // 2)
        place.moveTop(room.top())
        return place


class InstructionEditor(PromptEditor):
    """Enter says what is written; with Shift it begins a line."""

    def event(self, event: QEvent) -> bool:
        """Keeps what is said from being a shortcut of the window."""
        if event.type() is QEvent.Type.ShortcutOverride and _says(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Says it; all else is typing."""
        if _says(event):
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


def _says(event: QEvent) -> bool:
    """Whether a key is Enter without Shift."""
    if not isinstance(event, QKeyEvent) or event.key() not in _ENTER:
        return False
    return not event.modifiers() & Qt.KeyboardModifier.ShiftModifier


def _beside(row: QWidget, picture: QWidget) -> QVBoxLayout:
    """Room for what stands to the right of a row's picture."""
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(UNIT)
    layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    layout.addLayout(words, 1)
    return words


def _said(words: str, *, is_first: bool = False) -> QLabel:
    label = muted(words)
    if not is_first:
        label.setObjectName("heading")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
