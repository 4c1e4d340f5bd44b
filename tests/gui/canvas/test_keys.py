"""Keys lend a tool while they are held, and only those that mean it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import ToolId, Workspace
from tests.gui.canvas.hand import Hand

CONTROL = Qt.KeyboardModifier.ControlModifier
HAND = Qt.CursorShape.OpenHandCursor


def is_taken(view: CanvasView, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
    """Whether the canvas keeps the key from being a shortcut."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
    event.ignore()
    QApplication.sendEvent(view, event)
    return event.isAccepted()


@pytest.mark.parametrize(
    ("modifiers", "taken"), [(Qt.KeyboardModifier.NoModifier, True), (CONTROL, False)]
)
def test_r_alone_is_kept_from_being_a_shortcut(
    painted: Workspace, view: CanvasView, modifiers: Qt.KeyboardModifier, taken: bool
) -> None:
    assert is_taken(view, Qt.Key.Key_R, modifiers) is taken


def test_r_with_control_lends_nothing(painted: Workspace, view: CanvasView) -> None:
    QTest.keyPress(view, Qt.Key.Key_R, CONTROL)
    QTest.keyRelease(view, Qt.Key.Key_R, CONTROL)
    assert painted.tool_id is ToolId.BRUSH


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_R])
def test_what_a_key_lent_is_given_back_when_the_keyboard_goes_elsewhere(
    painted: Workspace, view: CanvasView, hand: Hand, key: Qt.Key
) -> None:
    hand.move((200, 200))
    QTest.keyPress(view, key)
    assert view.cursor().shape() is HAND
    QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusOut))
    assert view.cursor().shape() is not HAND
    assert painted.tool_id is ToolId.BRUSH


def test_a_key_held_down_lends_once(painted: Workspace, view: CanvasView, hand: Hand) -> None:
    hand.move((200, 200))
    QTest.keyPress(view, Qt.Key.Key_Space)
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
        again = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True)
        QApplication.sendEvent(view, again)
        assert view.cursor().shape() is HAND
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert view.cursor().shape() is not HAND
