from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds
from studio.core.layers import TextLayer
from studio.gui.canvas.text_editor import TextEditing, TextEditor
from studio.gui.canvas.view import WRITING, CanvasView
from studio.gui.workspace import ToolId, Workspace
from studio.tools import TextTool
from tests.helpers.documents import RED, document_with, solid

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(document_with(solid(40, 20, RED), canvas=Bounds(0, 0, 400, 300)))
    workspace.set_tool(ToolId.TEXT)
    return workspace


@pytest.fixture
def view(workspace: Workspace, qtbot: QtBot) -> CanvasView:
    view = CanvasView(workspace)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    view.show_actual()
    return view


@pytest.fixture
def editor(view: CanvasView) -> TextEditor:
    writing = view.findChild(TextEditing)
    assert writing is not None
    return writing.editor


def spot(view: CanvasView, x: float, y: float) -> QPoint:
    return view.viewport.to_widget(QPointF(x, y)).toPoint()


def write(view: CanvasView, editor: TextEditor, text: str) -> TextLayer:
    """Writes a text by pointer and keys; the layer that holds it."""
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    layer = view._workspace.document.active
    assert isinstance(layer, TextLayer)
    return layer


def place_of(editor: TextEditor) -> QRect:
    """Where on the view the editor is seen."""
    proxy = editor.graphicsProxyWidget()
    assert proxy is not None
    (frame,) = proxy.scene().views()
    return frame.geometry()


def text_tool(view: CanvasView) -> TextTool:
    tool = view._workspace.tool
    assert isinstance(tool, TextTool)
    return tool


def test_what_is_typed_on_the_canvas_becomes_a_text(
    view: CanvasView, editor: TextEditor, workspace: Workspace
) -> None:
    assert not editor.isVisible()
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    assert editor.isVisible()
    QTest.keyClicks(editor, "lake")
    assert editor.toPlainText() == "lake"
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not editor.isVisible()
    layer = workspace.document.active
    assert isinstance(layer, TextLayer) and layer.text.text == "lake"


def test_the_letters_stand_where_they_will_be_drawn(view: CanvasView, editor: TextEditor) -> None:
    layer = write(view, editor, "lake")
    tool = view._workspace.tool
    assert isinstance(tool, TextTool)
    tool.edit(layer)
    here = view.viewport.to_widget(QPointF(layer.origin.x, layer.origin.y)).toPoint()
    assert place_of(editor).topLeft() == here
    assert editor.document().idealWidth() == pytest.approx(
        layer.pixels.used_bounds().right - layer.origin.x, abs=8
    )
    assert editor.toPlainText() == "lake"


def test_it_follows_the_view(view: CanvasView, editor: TextEditor) -> None:
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, "lake")
    before = place_of(editor)
    view.zoom_in()
    assert place_of(editor).width() > before.width()
    assert place_of(editor).topLeft() != before.topLeft()


@pytest.mark.parametrize(
    ("degrees", "mirrored"), [(0, True), (90, False), (30, False), (200, True)]
)
def test_it_follows_the_turn(
    view: CanvasView, editor: TextEditor, degrees: float, mirrored: bool
) -> None:
    view.navigator.turn_to(degrees)
    if mirrored:
        view.navigator.mirror()
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, "lake")
    draft = text_tool(view).draft
    assert draft is not None
    corner = QPointF(draft.origin.x, draft.origin.y)
    size = QPointF(editor.width(), editor.height()) / view.zoom
    ends = [view.viewport.to_widget(end) for end in (corner, corner + size)]
    around = QRectF(*ends).normalized()
    assert QRectF(place_of(editor)).adjusted(-2, -2, 2, 2).contains(around)
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(view._workspace.document.active, TextLayer)


def test_escape_gives_up(view: CanvasView, editor: TextEditor, workspace: Workspace) -> None:
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, "lake")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert len(workspace.document.layers) == 1


def test_a_double_click_on_a_text_changes_it_but_not_while_painting(
    view: CanvasView, editor: TextEditor, workspace: Workspace
) -> None:
    layer = write(view, editor, "lake")
    letters = layer.pixels.used_bounds()
    here = spot(view, letters.x + 4, letters.y + letters.height // 2)
    workspace.set_tool(ToolId.BRUSH)
    view._workspace.document.active = workspace.document.layers[0]
    QTest.mouseDClick(view, LEFT, pos=here)
    assert workspace.tool_id is ToolId.BRUSH
    QTest.mouseRelease(view, LEFT, pos=here)
    workspace.set_tool(ToolId.MOVE)
    QTest.mouseDClick(view, LEFT, pos=here)
    assert workspace.tool is workspace.current.tools[ToolId.TEXT]
    assert editor.isVisible() and editor.toPlainText() == "lake"


def test_taking_another_tool_keeps_what_was_written(
    view: CanvasView, editor: TextEditor, workspace: Workspace
) -> None:
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, "lake")
    workspace.set_tool(ToolId.MOVE)
    assert not editor.isVisible()
    assert workspace.stack.undo_name == "Add text"


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_its_keys_are_no_shortcuts(
    editor: TextEditor, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    text = "b" if key == Qt.Key.Key_B else ""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier, text)
    event.ignore()
    QApplication.sendEvent(editor, event)
    assert event.isAccepted()


def test_looking_at_another_document_keeps_what_was_written(
    view: CanvasView, editor: TextEditor, workspace: Workspace
) -> None:
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, "lake")
    first = workspace.current
    workspace.new_document(document_with(solid(40, 20, RED)))
    assert first.stack.undo_name == "Add text"
    assert not editor.isVisible()


def test_what_is_written_counts_when_it_is_time_to_save(
    view: CanvasView, editor: TextEditor, workspace: Workspace
) -> None:
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    QTest.keyClicks(editor, "lake")
    workspace.tool_finish()
    assert workspace.has_unsaved_changes
    assert isinstance(workspace.document.active, TextLayer)
    assert workspace.tool_id is ToolId.TEXT


def test_who_writes_keeps_the_keyboard(view: CanvasView, editor: TextEditor, qtbot: QtBot) -> None:
    with qtbot.waitActive(view):
        view.activateWindow()
    QTest.mouseClick(view, LEFT, pos=spot(view, 100, 100))
    assert isinstance(QApplication.focusWidget(), WRITING)
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is view
