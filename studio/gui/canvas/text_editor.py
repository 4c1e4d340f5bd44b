"""Texts are written where they will stand: an editor without a frame over the canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import QEvent, QObject, QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QPalette,
    QTextBlockFormat,
    QTextCursor,
    QTransform,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from studio.core.text import Alignment, TextContent
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.turned import Turned
from studio.gui.workspace import ToolId, Workspace
from studio.tools import TextTool

ARRANGING = (ToolId.MOVE, ToolId.TRANSFORM, ToolId.TEXT)
"""The tools with which a double click on a text changes it."""
CARET = 2
"""Width of the caret, in view units."""
SMALLEST = QSize(24, 16)
_ALIGNMENTS = {
    Alignment.LEFT: Qt.AlignmentFlag.AlignLeft,
    Alignment.CENTRE: Qt.AlignmentFlag.AlignHCenter,
    Alignment.RIGHT: Qt.AlignmentFlag.AlignRight,
    Alignment.JUSTIFIED: Qt.AlignmentFlag.AlignJustify,
}


class TextEditor(QTextEdit):
    """Letters and a caret, and nothing else: what is behind them shows.

    Signals:
        written(str): the person typed; this is all of it now.
        finished(): Ctrl+Enter was pressed.
        given_up(): Escape was pressed.
    """

    written = Signal(str)
    finished = Signal()
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Text on the canvas")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptRichText(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCursorWidth(CARET)
        self.setTabChangesFocus(False)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("QTextEdit { background: transparent; border: none; padding: 0; }")
        self.textChanged.connect(lambda: self.written.emit(self.toPlainText()))
        self.hide()

    def show_content(self, content: TextContent, zoom: float) -> None:
        """Looks as the text does at that zoom, with the caret where it is."""
        with QSignalBlocker(self):
            if content.text != self.toPlainText():
                self.setPlainText(content.text)
                self.moveCursor(QTextCursor.MoveOperation.End)
            self._wear(content, zoom)
        self._fit(content, zoom)

    def event(self, event: QEvent) -> bool:
        """Takes the keys that end it before shortcuts do."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and (_keeps(event) or _gives_up(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter keeps, Escape gives up, all else is written."""
        if _gives_up(event):
            self.given_up.emit()
        elif _keeps(event):
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def _wear(self, content: TextContent, zoom: float) -> None:
        font = QFont(content.family)
        font.setPixelSize(max(1, round(content.size_px * zoom)))
        font.setBold(content.bold)
        font.setItalic(content.italic)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        self.document().setDefaultFont(font)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, QColor(*content.colour))
        self.setPalette(palette)
        lines = QTextBlockFormat()
        height = QTextBlockFormat.LineHeightTypes.ProportionalHeight
        lines.setLineHeight(content.line_height * 100, height.value)
        lines.setAlignment(_ALIGNMENTS[content.alignment])
        everything = QTextCursor(self.document())
        everything.select(QTextCursor.SelectionType.Document)
        everything.mergeBlockFormat(lines)

    def _fit(self, content: TextContent, zoom: float) -> None:
        """As large as its letters, or as the box that they are wrapped in."""
        document = self.document()
        wrapped = content.width is not None
        mode = QTextEdit.LineWrapMode.WidgetWidth if wrapped else QTextEdit.LineWrapMode.NoWrap
        self.setLineWrapMode(mode)
        width = round((content.width or 0) * zoom)
        if not wrapped:
            document.setTextWidth(-1)
            width = round(document.idealWidth()) + 1
            document.setTextWidth(width)
        self.resize(QSize(width + CARET, 16).expandedTo(SMALLEST))
        height = round(document.size().height()) + 1
        self.resize(QSize(self.width(), height).expandedTo(SMALLEST))


def _keeps(event: QKeyEvent) -> bool:
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _gives_up(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape


class TextEditing(QObject):
    """Shows the editor while the text tool has a draft, where and as the text will stand.

    Args:
        workspace: whose current document is written on.
        navigator: says where the canvas is looked at from.
        canvas: over which the editor is shown.
    """

    def __init__(self, workspace: Workspace, navigator: Navigator, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._workspace = workspace
        self._navigator = navigator
        self._canvas = canvas
        self._is_shown = False
        self._release: Callable[[], None] = lambda: None
        navigator.moved.connect(self._show)
        workspace.document_replaced.connect(self._follow)
        self._follow()

    @cached_property
    def editor(self) -> TextEditor:
        """What is typed into, made when it is first needed; hidden while nothing is written."""
        editor = TextEditor()
        editor.written.connect(lambda text: self._tool.write(text))
        editor.finished.connect(lambda: self._tool.finish())
        editor.given_up.connect(lambda: self._tool.cancel())
        return editor

    @cached_property
    def _frame(self) -> Turned:
        return Turned(self.editor, self._canvas)

    @property
    def _tool(self) -> TextTool:
        tool = self._workspace.current.tools[ToolId.TEXT]
        if not isinstance(tool, TextTool):
            raise TypeError("the text tool is something else")
        return tool

    def edit_at(self, place: QPointF) -> bool:
        """Takes the text tool in hand for the text at that place of the canvas, if there is one.

        Only from the tools of `ARRANGING`: who paints double-clicks for other reasons.
        """
        layer = self._tool.text_at(place.x(), place.y())
        arranging = self._workspace.tool_id in ARRANGING
        if layer is None or layer.locks.pixels or not arranging:
            return False
        self._workspace.set_tool(ToolId.TEXT)
        self._tool.edit(layer)
        return True

    def _follow(self) -> None:
        self._release()
        tool = self._tool
        tool.changed.connect(self._show)
        self._release = lambda: tool.changed.disconnect(self._show)
        self._show()

    def _show(self) -> None:
        draft = self._tool.draft
        if draft is None:
            if self._is_shown:
                self._is_shown = False
                self._frame.disappear()
                self._canvas.setFocus()
            return
        viewport = self._navigator.viewport
        self.editor.show_content(draft.content, viewport.zoom)
        turn = QTransform().rotate(viewport.rotation).scale(-1 if viewport.mirrored else 1, 1)
        origin = viewport.to_widget(QPointF(draft.origin.x, draft.origin.y))
        self._frame.lay(origin if viewport.rotation else QPointF(origin.toPoint()), turn)
        if not self._is_shown:
            self._is_shown = True
            self._frame.appear()
