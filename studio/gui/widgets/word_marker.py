"""Marks the words of a prompt that say nothing to the model in use."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPalette, QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit

from studio.generation.vocabulary import Vocabulary

SETTLE_MILLISECONDS = 500


class WordMarker(QSyntaxHighlighter):
    """Underlines unknown words, the one that is being written excepted.

    Signals:
        unknown_changed(): `unknown` are others now.
    """

    unknown_changed = Signal()

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor.document())
        self._editor = editor
        self._vocabulary: Vocabulary | None = None
        self._unknown: tuple[str, ...] = ()
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._settled.timeout.connect(self._look)
        editor.textChanged.connect(self._settled.start)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The unknown words when the writing last came to rest, each once, in their order."""
        return self._unknown

    def set_vocabulary(self, vocabulary: Vocabulary | None) -> None:
        """What is known from now on; None marks nothing."""
        if vocabulary is not self._vocabulary:
            self._vocabulary = vocabulary
            self.rehighlight()
            self._look()

    def highlightBlock(self, text: str) -> None:
        """Underlines the unknown words of a line."""
        if self._vocabulary is None:
            return
        mark = QTextCharFormat()
        mark.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        mark.setUnderlineColor(self._editor.palette().color(QPalette.ColorRole.Link))
        written = self._written_at()
        for start, end in self._vocabulary.unknown(text):
            if end != written:
                self.setFormat(start, end - start, mark)

    def _written_at(self) -> int:
        """Where in the current line the cursor stands while somebody writes there, else -1."""
        cursor = self._editor.textCursor()
        writing = self._editor.hasFocus() and self._settled.isActive()
        if not writing or cursor.block() != self.currentBlock():
            return -1
        return cursor.positionInBlock()

    def _look(self) -> None:
        text = self._editor.toPlainText()
        spans = self._vocabulary.unknown(text) if self._vocabulary is not None else []
        unknown = tuple(dict.fromkeys(text[start:end] for start, end in spans))
        if unknown != self._unknown:
            self._unknown = unknown
            self.unknown_changed.emit()
        self.rehighlight()


def hint(title: str, unknown: tuple[str, ...]) -> str:
    """The sentence that goes with marked words; empty where there are none."""
    if not unknown:
        return ""
    named = " or ".join(f"“{word}”" for word in unknown[:2])
    more = f" and {len(unknown) - 2} more" if len(unknown) > 2 else ""
    return (
        f"{title} does not know {named}{more}: it knows picture-book words. "
        "Install a model for everything else."
    )
