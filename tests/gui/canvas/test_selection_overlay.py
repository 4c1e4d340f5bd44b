"""What is selected, in the canvas as it is shown."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.commands.selection import SetSelection
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.selection import rectangle
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import ToolId, Workspace
from studio.tools import SelectSettings
from tests.gui.canvas.hand import Hand
from tests.gui.canvas.pictures import run, stored

BOX = Bounds(50, 40, 100, 80)
"""In the view it lies at (150, 140)."""


def select(workspace: Workspace, box: Bounds = BOX) -> None:
    workspace.stack.push(SetSelection(rectangle(box)))


def colour_at(view: CanvasView, x: int, y: int) -> QColor:
    return view.grab().toImage().pixelColor(x, y)


def test_the_edge_is_drawn_over_the_picture(painted: Workspace, view: CanvasView) -> None:
    before = colour_at(view, 150, 160)
    select(painted)
    assert colour_at(view, 150, 160) != before
    assert colour_at(view, 180, 180) == colour_at(view, 120, 120)


def test_a_drawn_rectangle_is_selected(workspace: Workspace, hand: Hand) -> None:
    workspace.set_tool(ToolId.RECTANGLE)
    hand.drag((150, 140), (250, 220))
    assert workspace.document.selection.used_bounds() == BOX


def test_a_polygon_is_closed_by_enter_and_given_up_by_escape(
    workspace: Workspace, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    workspace.set_tool(ToolId.POLYGON)
    corners = [(150, 140), (250, 140), (250, 220), (150, 220)]
    for corner in corners:
        hand.drag(corner, corner)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert not workspace.document.has_selection
    for corner in corners:
        hand.drag(corner, corner)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert workspace.document.selection.used_bounds() == BOX


def test_a_quick_mask_shows_what_is_selected_in_colour(
    painted: Workspace, view: CanvasView
) -> None:
    select(painted)
    plain = colour_at(view, 200, 180)
    painted.document.editing_selection = True
    blue = colour_at(view, 200, 180)
    assert blue.blue() > plain.blue()
    assert colour_at(view, 120, 120) == plain
    painted.tool_settings.change(SelectSettings, quick_mask=Colour(0, 255, 0))
    assert colour_at(view, 200, 180).green() > blue.green()
    painted.document.editing_selection = False
    assert colour_at(view, 200, 180) == plain


def test_strokes_of_the_brush_appear_in_the_quick_mask(
    painted: Workspace, view: CanvasView, hand: Hand
) -> None:
    painted.document.editing_selection = True
    painted.set_tool(ToolId.BRUSH)
    plain = colour_at(view, 200, 180)
    hand.drag((180, 180), (220, 180))
    assert colour_at(view, 200, 180) != plain
    assert painted.document.has_selection


def test_another_document_has_a_selection_of_its_own(painted: Workspace, view: CanvasView) -> None:
    select(painted)
    painted.document.editing_selection = True
    painted.new_document(Document(Bounds(0, 0, 400, 300)))
    first = painted.tabs[0]
    view.grab()
    first.document.editing_selection = False
    painted.switch_to(first)
    view.show_actual()
    assert not painted.document.editing_selection


def test_a_double_click_closes_a_polygon(
    workspace: Workspace, view: CanvasView, hand: Hand
) -> None:
    workspace.set_tool(ToolId.POLYGON)
    for corner in [(150, 140), (250, 140), (250, 220), (150, 220)]:
        hand.drag(corner, corner)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 220))
    assert workspace.document.selection.used_bounds() == BOX


def test_arrows_move_the_selection_unless_there_are_candidates_to_choose(
    workspace: Workspace, view: CanvasView, qtbot: QtBot
) -> None:
    workspace.set_tool(ToolId.RECTANGLE)
    select(workspace)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert workspace.document.selection.used_bounds() == BOX.moved(1, 0)
    workspace.staging.begin(run("job", count=2))
    for index in range(2):
        workspace.staging.add(stored("job", index))
    shown = workspace.staging.current
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert workspace.staging.current is not shown
    assert workspace.document.selection.used_bounds() == BOX.moved(1, 0)
