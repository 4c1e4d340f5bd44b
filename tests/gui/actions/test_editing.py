from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from studio.core.commands.canvas import SetFrame
from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.layers import RasterLayer
from studio.gui.actions.editing import Editing, extension_frame
from studio.gui.workspace import ToolId, Workspace
from studio.tools import CropTool
from tests.helpers.pictures import smooth

CANVAS = Bounds(0, 0, 300, 200)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(Document(CANVAS))
    return workspace


@pytest.fixture
def editing(workspace: Workspace) -> Editing:
    return Editing(workspace)


def add_picture(workspace: Workspace) -> None:
    layer = RasterLayer.from_picture("picture", smooth(300, 200))
    workspace.stack.push(AddLayer(layer))


def test_the_size_of_an_empty_picture_is_that_of_its_frame(
    workspace: Workspace, editing: Editing
) -> None:
    editing.set_size(Extent(512, 256))
    assert workspace.document.canvas == workspace.document.frame == Bounds(0, 0, 512, 256)
    editing.undo()
    assert workspace.document.canvas == workspace.document.frame == CANVAS


def test_with_a_picture_only_the_frame_takes_the_size_around_its_middle(
    workspace: Workspace, editing: Editing
) -> None:
    add_picture(workspace)
    editing.set_size(Extent(100, 100))
    assert workspace.document.canvas == CANVAS
    assert workspace.document.frame == Bounds(100, 50, 100, 100)


def test_extending_is_one_step(workspace: Workspace, editing: Editing) -> None:
    add_picture(workspace)
    editing.extend(Bounds(-64, 0, 364, 200), native=128)
    assert workspace.document.canvas == Bounds(-64, 0, 364, 200)
    assert workspace.document.frame == Bounds(-64, 0, 192, 200)
    editing.undo()
    assert workspace.document.canvas == workspace.document.frame == CANVAS


def test_an_extended_empty_canvas_is_framed_whole(workspace: Workspace, editing: Editing) -> None:
    editing.extend(Bounds(0, 0, 400, 200), native=64)
    assert workspace.document.frame == Bounds(0, 0, 400, 200)


SIDE = st.integers(0, 500)


@given(left=SIDE, top=SIDE, right=SIDE, bottom=SIDE, native=st.integers(16, 1024))
def test_the_frame_of_an_extension_lies_in_the_canvas_and_holds_all_that_is_new(
    left: int, top: int, right: int, bottom: int, native: int
) -> None:
    new = Bounds.from_edges(-left, -top, CANVAS.right + right, CANVAS.bottom + bottom)
    frame = extension_frame(CANVAS, new, native)
    assert new.contains(frame)
    for strip in (
        Bounds.from_edges(new.x, new.y, CANVAS.x, new.bottom),
        Bounds.from_edges(CANVAS.right, new.y, new.right, new.bottom),
        Bounds.from_edges(new.x, new.y, new.right, CANVAS.y),
        Bounds.from_edges(new.x, CANVAS.bottom, new.right, new.bottom),
    ):
        assert frame.contains(strip)


def test_the_brush_grows_and_shrinks_within_its_limits(
    workspace: Workspace, editing: Editing
) -> None:
    before = workspace.brush.size
    editing.scale_brush(1)
    assert workspace.brush.size > before
    for _ in range(80):
        editing.scale_brush(-1)
    assert workspace.brush.size == 1.0
    for _ in range(80):
        editing.scale_brush(1)
    assert workspace.brush.size == 2000.0


@pytest.mark.parametrize(
    ("tool", "other"),
    [
        (ToolId.BRUSH, ToolId.ERASER),
        (ToolId.MASK_ERASER, ToolId.MASK),
        (ToolId.HAND, ToolId.BRUSH),
    ],
)
def test_swapping_goes_to_the_other_of_the_pair(
    workspace: Workspace, editing: Editing, tool: ToolId, other: ToolId
) -> None:
    workspace.set_tool(tool)
    editing.swap_brush()
    assert workspace.tool_id is other


def test_undo_first_gives_up_what_the_tool_is_in_the_middle_of(
    workspace: Workspace, editing: Editing
) -> None:
    workspace.stack.push(SetFrame(Bounds(0, 0, 128, 128)))
    workspace.set_tool(ToolId.CROP)
    tool = workspace.tool
    assert isinstance(tool, CropTool)
    tool.set_area(Bounds(0, 0, 100, 100))
    editing.undo()
    assert not tool.is_pending and workspace.document.frame == Bounds(0, 0, 128, 128)
    editing.undo()
    assert not workspace.stack.can_undo
