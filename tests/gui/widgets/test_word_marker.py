"""Unknown words in a prompt: marked, and named in a hint."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from studio.generation.vocabulary import Vocabulary
from studio.gui.widgets.word_marker import WordMarker, hint

KNOWN = Vocabulary(frozenset(["a", "red", "boat"]), frozenset(["a"]), {}, ())


@pytest.fixture
def editor(qtbot: QtBot) -> QPlainTextEdit:
    editor = QPlainTextEdit()
    qtbot.addWidget(editor)
    return editor


def marked(editor: QPlainTextEdit) -> list[str]:
    block = editor.document().firstBlock()
    return [
        block.text()[part.start : part.start + part.length]
        for part in block.layout().formats()
        if part.format.underlineStyle() is QTextCharFormat.UnderlineStyle.DotLine
    ]


def test_unknown_words_are_underlined_and_named(editor: QPlainTextEdit, qtbot: QtBot) -> None:
    marker = WordMarker(editor)
    marker.set_vocabulary(KNOWN)
    with qtbot.waitSignal(marker.unknown_changed):
        editor.setPlainText("a red dragon, a gryphon and a dragon")
    assert marker.unknown == ("dragon", "gryphon", "and")
    assert marked(editor) == ["dragon", "gryphon", "and", "dragon"]


def test_a_model_that_knows_all_words_marks_none(editor: QPlainTextEdit, qtbot: QtBot) -> None:
    marker = WordMarker(editor)
    marker.set_vocabulary(KNOWN)
    with qtbot.waitSignal(marker.unknown_changed):
        editor.setPlainText("a dragon")
    with qtbot.waitSignal(marker.unknown_changed):
        marker.set_vocabulary(None)
    assert marker.unknown == ()
    assert marked(editor) == []


def test_the_hint_names_some_words_and_says_what_to_do() -> None:
    assert hint("Starter", ()) == ""
    assert hint("Starter", ("dragon",)).startswith("Starter does not know “dragon”: it knows")
    assert "“dragon” or “gryphon” and 2 more" in hint("S", ("dragon", "gryphon", "x", "y"))
    assert hint("Starter", ("dragon",)).endswith("Install a model for everything else.")
