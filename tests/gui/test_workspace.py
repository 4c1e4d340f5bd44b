from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.gui.settings import PromptSettings
from studio.gui.workspace import ToolId, Workspace
from tests.gui.canvas.pictures import run, stored

OF_THE_VIEW = (ToolId.HAND, ToolId.TURN, ToolId.ZOOM)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    return Workspace()


def test_a_change_is_marked_in_the_title_until_it_is_saved(workspace: Workspace) -> None:
    assert workspace.title == "untitled"
    workspace.stack.push(AddLayer(RasterLayer("paper")))
    assert workspace.title == "untitled*"
    workspace.mark_saved(Path("/tmp/lake.ora"))
    assert workspace.title == "lake.ora"
    workspace.stack.undo()
    assert workspace.title == "lake.ora*"


def test_a_document_changed_while_it_was_written_stays_unsaved(workspace: Workspace) -> None:
    workspace.stack.push(AddLayer(RasterLayer("paper")))
    workspace.mark_saved(Path("/tmp/lake.ora"), whole=False)
    assert workspace.title == "lake.ora*"


def test_another_document_comes_with_its_own_history_and_tools(
    qtbot: QtBot, workspace: Workspace
) -> None:
    workspace.stack.push(AddLayer(RasterLayer("paper")))
    tool, stack = workspace.tool, workspace.stack
    with qtbot.waitSignals([workspace.document_replaced, workspace.title_changed]):
        workspace.replace_document(Document(Bounds(0, 0, 10, 10)))
    assert workspace.stack is not stack
    assert workspace.tool is not tool
    assert workspace.is_pristine
    assert not workspace.has_unsaved_changes


@pytest.mark.parametrize("tool", OF_THE_VIEW)
def test_those_that_move_the_view_have_no_tool(
    qtbot: QtBot, workspace: Workspace, tool: ToolId
) -> None:
    with qtbot.waitSignal(workspace.tool_changed):
        workspace.set_tool(tool)
    assert workspace.tool is None


@pytest.mark.parametrize("tool", [tool for tool in ToolId if tool not in OF_THE_VIEW])
def test_every_other_one_has(workspace: Workspace, tool: ToolId) -> None:
    workspace.set_tool(tool)
    assert workspace.tool is not None
    assert workspace.tool.name == tool.value


def test_only_changes_are_told(qtbot: QtBot, workspace: Workspace) -> None:
    with qtbot.assertNotEmitted(workspace.brush_changed):
        workspace.set_brush(size=workspace.brush.size)
    with qtbot.assertNotEmitted(workspace.prompt_changed):
        workspace.set_prompt(PromptSettings())
    with qtbot.waitSignals([workspace.brush_changed, workspace.colour_changed]):
        workspace.set_colour(Colour(1, 2, 3))
    with qtbot.waitSignal(workspace.prompt_changed):
        workspace.set_prompt(PromptSettings(prompt="a boat"))


def test_an_empty_canvas_of_another_size_is_nothing_to_save(workspace: Workspace) -> None:
    from studio.core.commands.canvas import SetFrame

    workspace.stack.push(SetFrame(Bounds(0, 0, 5, 5)))
    assert not workspace.has_unsaved_changes


def painted(workspace: Workspace, name: str) -> RasterLayer:
    layer = RasterLayer(name)
    workspace.stack.push(AddLayer(layer))
    return layer


def test_each_tab_has_a_document_and_a_history_of_its_own(workspace: Workspace) -> None:
    painted(workspace, "paper")
    first = workspace.current
    second = workspace.new_document(Document(Bounds(0, 0, 10, 10)))
    painted(workspace, "card")
    assert [layer.name for layer in workspace.document.layers] == ["card"]
    workspace.switch_to(first)
    assert [layer.name for layer in workspace.document.layers] == ["paper"]
    workspace.stack.undo()
    assert not first.document.layers
    assert second.document.layers


def test_tools_keep_their_settings_from_tab_to_tab(workspace: Workspace) -> None:
    workspace.set_tool(ToolId.ERASER)
    workspace.new_document(Document(Bounds(0, 0, 10, 10)))
    workspace.set_brush(size=7.0)
    assert workspace.tool_id is ToolId.ERASER
    assert {tab.context.brush.size for tab in workspace.tabs} == {7.0}


def test_going_round_the_tabs_comes_back(workspace: Workspace) -> None:
    first = workspace.current
    second = workspace.new_document(Document(Bounds(0, 0, 10, 10)))
    workspace.cycle(1)
    assert workspace.current is first
    workspace.cycle(-1)
    assert workspace.current is second


def test_closing_a_tab_shows_its_neighbour(workspace: Workspace) -> None:
    first = workspace.current
    second = workspace.new_document(Document(Bounds(0, 0, 10, 10)))
    third = workspace.new_document(Document(Bounds(0, 0, 20, 20)))
    workspace.close_document(third)
    assert workspace.current is second
    workspace.close_document(first)
    assert workspace.tabs == (second,)


def test_closing_the_last_one_leaves_an_empty_one(qtbot: QtBot, workspace: Workspace) -> None:
    painted(workspace, "paper")
    only = workspace.current
    with qtbot.waitSignal(workspace.closed) as closed:
        workspace.close_document(only)
    assert closed.args == [only]
    assert workspace.is_pristine
    assert workspace.tabs == (workspace.current,)


def test_a_file_takes_the_place_of_a_document_with_nothing_in_it(workspace: Workspace) -> None:
    workspace.open_document(Document(Bounds(0, 0, 9, 9)), Path("/tmp/lake.ora"))
    assert [tab.title for tab in workspace.tabs] == ["lake.ora"]
    workspace.open_document(Document(Bounds(0, 0, 9, 9)), origin=Path("/tmp/photo.png"))
    assert [tab.title for tab in workspace.tabs] == ["lake.ora", "photo.png"]
    assert workspace.find(Path("/tmp/photo.png")) is workspace.current
    assert workspace.path is None


def test_results_arrive_at_the_document_that_they_were_asked_for(workspace: Workspace) -> None:
    first = workspace.current
    painted(workspace, "paper")
    workspace.staging.begin(run("a"))
    second = workspace.new_document(Document(Bounds(0, 0, 10, 10)))
    workspace.staging.add(stored("a", 0))
    assert workspace.staging.current is None
    workspace.switch_to(first)
    assert workspace.staging.current is not None
    workspace.switch_to(second)
    assert not workspace.staging.is_active


def test_results_for_a_closed_document_are_not_shown(workspace: Workspace) -> None:
    first = workspace.current
    workspace.staging.begin(run("a"))
    workspace.new_document(Document(Bounds(0, 0, 10, 10)))
    workspace.close_document(first)
    workspace.staging.add(stored("a", 0))
    workspace.staging.finish("a")
    assert not workspace.staging.is_active


def test_brush_eraser_and_mask_brush_keep_their_own_settings_and_share_the_colour(
    workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.set_tool(ToolId.BRUSH)
    workspace.set_brush(size=10.0, colour=Colour(200, 0, 0))
    workspace.set_tool(ToolId.ERASER)
    workspace.set_brush(size=90.0)
    workspace.set_tool(ToolId.MASK)
    workspace.set_brush(size=200.0)
    for tool, size in (
        (ToolId.BRUSH, 10.0),
        (ToolId.SMUDGE, 10.0),
        (ToolId.ERASER, 90.0),
        (ToolId.MASK_ERASER, 200.0),
    ):
        workspace.set_tool(tool)
        assert (workspace.brush.size, workspace.brush.colour) == (size, Colour(200, 0, 0))
        assert workspace.current.context.brush == workspace.brush
    with qtbot.waitSignal(workspace.brush_changed):
        workspace.set_tool(ToolId.BRUSH)
