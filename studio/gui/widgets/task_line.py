"""The line that says what pressing Generate will do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout

from studio.generation.task import Task, TaskChoice
from studio.gui.widgets.fields import muted, tool_button
from studio.gui.widgets.sign import Sign

_OVERRIDES: tuple[tuple[str, Task | None], ...] = (
    ("Decide from what is in the frame", None),
    ("Make a new picture", Task.TEXT_TO_IMAGE),
    ("Fill the mask", Task.INPAINT),
    ("Extend into what is empty", Task.OUTPAINT),
    ("Repaint the frame", Task.IMAGE_TO_IMAGE),
    ("Change it as the prompt says", Task.EDIT),
)


class TaskLine(QFrame):
    """What will happen, in which area, and a menu to insist on something else.

    Signals:
        override_chosen(object): a `Task`, or None to have it decided again.
    """

    override_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("task")
        self._sign = Sign()
        self._sentence = QLabel("Looking at the picture…")
        self._sentence.setObjectName("heading")
        self._sentence.setWordWrap(True)
        self._area = muted()
        # Room for the longest sentence from the start, so that nothing below it ever moves.
        self.setMinimumHeight(3 * self.fontMetrics().lineSpacing() + 14)
        self._button = tool_button("ellipsis-vertical", "Choose what to do")
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._entries: dict[Task | None, QAction] = {}
        self._button.setMenu(self._make_menu())
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._sentence)
        words.addWidget(self._area)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 4, 6)
        layout.addWidget(self._sign)
        layout.addLayout(words, 1)
        layout.addWidget(self._button)

    @property
    def text(self) -> str:
        """What it says."""
        return self._sentence.text()

    def show_choice(self, choice: TaskChoice, override: Task | None) -> None:
        """Says what will happen, or why nothing can."""
        self._sentence.setText(choice.sentence)
        extent = choice.area.extent
        self._area.setText(f"{extent.width} × {extent.height} px" if choice.is_possible else "")
        self._area.setVisible(choice.is_possible)
        sign = "sparkles" if choice.is_possible else "triangle-alert"
        self._sign.show_icon(sign)
        self._entries[override].setChecked(True)
        self.setAccessibleName(choice.sentence)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for words, task in _OVERRIDES:
            action = menu.addAction(words)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _, chosen=task: self.override_chosen.emit(chosen))
            self._entries[task] = action
        return menu
