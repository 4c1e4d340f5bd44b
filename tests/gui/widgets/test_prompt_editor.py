from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.gui.widgets.prompt_editor import PromptEditor

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def editor(qtbot: QtBot) -> PromptEditor:
    editor = PromptEditor(4)
    qtbot.addWidget(editor)
    editor.show()
    return editor


def test_control_and_enter_submits_and_writes_nothing(qtbot: QtBot, editor: PromptEditor) -> None:
    editor.set_text("a boat")
    with qtbot.waitSignal(editor.submitted):
        QTest.keyClick(editor, Qt.Key.Key_Return, CONTROL)
    assert editor.toPlainText() == "a boat"


def test_enter_alone_is_a_new_line(editor: PromptEditor) -> None:
    QTest.keyClicks(editor, "a")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "b")
    assert editor.toPlainText() == "a\nb"


def test_earlier_prompts_can_be_recalled_and_left_again(editor: PromptEditor) -> None:
    editor.set_history(("newest", "older"))
    editor.set_text("being written")
    for expected in ("newest", "older", "older"):
        QTest.keyClick(editor, Qt.Key.Key_Up, CONTROL)
        assert editor.toPlainText() == expected
    for expected in ("newest", "being written", "being written"):
        QTest.keyClick(editor, Qt.Key.Key_Down, CONTROL)
        assert editor.toPlainText() == expected


def test_a_recalled_prompt_can_be_undone(editor: PromptEditor) -> None:
    editor.set_history(("newest",))
    QTest.keyClicks(editor, "mine")
    editor.recall(1)
    editor.undo()
    assert editor.toPlainText() == "mine"


def test_without_a_history_nothing_is_lost(editor: PromptEditor) -> None:
    editor.set_text("mine")
    editor.recall(1)
    editor.recall(-1)
    assert editor.toPlainText() == "mine"


def test_showing_the_same_text_again_leaves_the_cursor(editor: PromptEditor) -> None:
    editor.set_text("a boat")
    cursor = editor.textCursor()
    cursor.setPosition(3)
    editor.setTextCursor(cursor)
    editor.set_text("a boat")
    assert editor.textCursor().position() == 3
