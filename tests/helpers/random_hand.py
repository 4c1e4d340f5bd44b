"""A hand that does anything at all with a window, to find what nobody thought of."""

from __future__ import annotations

import random

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.gui.main_window import MainWindow
from studio.gui.studio import Studio
from studio.gui.workspace import ToolId

CANVAS = Bounds(0, 0, 300, 200)
_LARGE = 1_500_000
"""Pixels of a canvas beyond which the hand begins anew, as it would only wait."""
_MANY = 14
"""As many layers."""
_MOST_TABS = 4
_SUBJECTS = ("brush", "edit", "image", "layer", "select", "tool", "view")
"""What the actions are about that it chooses from: the picture and the view of it."""
_FURTHER = frozenset({"file.new", "file.open", "file.save", "file.close", "window.next_tab"})
_WAITING = frozenset({"edit.palette"})
"""Actions that wait in a loop of their own."""
_KEYS = (
    Qt.Key.Key_Return,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Left,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Space,
    Qt.Key.Key_A,
)
_BUTTONS = (
    *[Qt.MouseButton.LeftButton] * 6,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
_MODIFIERS = (
    *[Qt.KeyboardModifier.NoModifier] * 4,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class RandomHand:
    """Presses keys, drags on the canvas, takes tools and chooses actions.

    Attributes:
        done: what it has done, for the report of a failure.

    Args:
        seed: says what it will do.
    """

    def __init__(self, window: MainWindow, studio: Studio, seed: int) -> None:
        self._window = window
        self._workspace = studio.workspace
        self._choice = random.Random(seed)
        self._actions = [
            spec.id
            for spec in window.registry
            if (spec.id.split(".")[0] in _SUBJECTS or spec.id in _FURTHER)
            and spec.id not in _WAITING
        ]
        self.done: list[str] = []

    def act(self) -> None:
        """Does one thing, and closes what opened."""
        deed = self._choice.choices(
            (self._choose_action, self._take_tool, self._drag, self._press_key),
            weights=(45, 15, 32, 8),
        )[0]
        self.done.append(deed())
        self._answer()
        QApplication.processEvents()
        self._keep_small()

    def _choose_action(self) -> str:
        action = self._choice.choice(self._actions)
        if self._window.registry[action].isEnabled():
            self._window.registry[action].trigger()
        return action

    def _take_tool(self) -> str:
        tool = self._choice.choice(list(ToolId))
        self._workspace.set_tool(tool)
        return f"take {tool}"

    def _drag(self) -> str:
        view, button = self._window.canvas, self._choice.choice(_BUTTONS)
        modifiers = self._choice.choice(_MODIFIERS)
        QTest.mousePress(view, button, modifiers, self._place())
        for _ in range(self._choice.randrange(4)):
            QTest.mouseMove(view, self._place())
        if self._choice.random() < 0.1:
            QTest.keyClick(view, Qt.Key.Key_Escape)
        QTest.mouseRelease(view, button, modifiers, self._place())
        return f"drag {self._workspace.tool_id} with {button.name} and {modifiers.name}"

    def _press_key(self) -> str:
        key = self._choice.choice(_KEYS)
        QTest.keyClick(QApplication.focusWidget() or self._window.canvas, key)
        return key.name

    def _place(self) -> QPoint:
        """Somewhere on the canvas, or a little beside it."""
        canvas = self._workspace.document.canvas
        x, y = (self._choice.uniform(-0.1, 1.1) for _ in range(2))
        place = QPointF(canvas.x + x * canvas.width, canvas.y + y * canvas.height)
        return self._window.canvas.viewport.to_widget(place).toPoint()

    def _answer(self) -> None:
        """Agrees to dialogs or closes them, and closes menus."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible() and self._choice.random() < 0.5:
                widget.accept()
            elif isinstance(widget, QDialog | QMenu) and widget.isVisible():
                widget.close()

    def _keep_small(self) -> None:
        document = self._workspace.document
        if document.canvas.area > _LARGE or len(list(document.walk())) > _MANY:
            self._workspace.replace_document(Document(CANVAS))
        while len(self._workspace.tabs) > _MOST_TABS:
            self._workspace.close_document(self._workspace.tabs[0])
