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


def test_the_hand_has_no_tool(qtbot: QtBot, workspace: Workspace) -> None:
    with qtbot.waitSignal(workspace.tool_changed):
        workspace.set_tool(ToolId.HAND)
    assert workspace.tool is None


@pytest.mark.parametrize("tool", [tool for tool in ToolId if tool is not ToolId.HAND])
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
