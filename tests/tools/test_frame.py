from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.tools import Cursor, FrameBox, FrameTool, Modifiers, PointerEvent, ToolContext
from studio.tools.frame import at_least, snapped_move, snapped_resize, with_aspect
from studio.tools.grips import GRIPS, Grip, dragged
from tests.helpers.documents import boxes, context_for, drag

CANVAS = Bounds(0, 0, 1000, 700)
FRAME = Bounds(128, 128, 256, 256)
WAYS = st.integers(-500, 500)


@pytest.fixture
def context() -> ToolContext:
    return context_for(Document(CANVAS, FRAME))


def test_dragging_inside_moves_the_frame_onto_the_grid(context: ToolContext) -> None:
    drag(FrameTool(context), (200, 200), (210, 265))
    assert context.document.frame == Bounds(128, 192, 256, 256)
    assert context.stack.undo_name == "Set frame"
    context.stack.undo()
    assert context.document.frame == FRAME


def test_a_moved_frame_snaps_to_the_canvas_edge(context: ToolContext) -> None:
    drag(FrameTool(context), (200, 200), (200 + 1000 - FRAME.right - 6, 200))
    assert context.document.frame.right == CANVAS.right


def test_a_frame_at_the_canvas_edge_stays_there(context: ToolContext) -> None:
    context.document.frame = Bounds(1000 - 256, 700 - 256, 256, 256)
    drag(FrameTool(context), (800, 600), (801, 599))
    assert context.document.frame == Bounds(1000 - 256, 700 - 256, 256, 256)
    assert not context.stack.can_undo


def test_with_control_nothing_snaps(context: ToolContext) -> None:
    drag(FrameTool(context), (200, 200), (211, 197), modifiers=Modifiers.CONTROL)
    assert context.document.frame == FRAME.moved(11, -3)


def test_dragging_an_edge_resizes_in_steps_of_the_grid(context: ToolContext) -> None:
    drag(FrameTool(context), (FRAME.right, 200), (FRAME.right + 75, 230))
    assert context.document.frame == Bounds(128, 128, 320, 256)


def test_dragging_a_corner_resizes_both_ways(context: ToolContext) -> None:
    drag(FrameTool(context), (128, 128), (128 + 60, 128 - 70))
    assert context.document.frame == Bounds(192, 64, 192, 320)


def test_an_edge_near_the_canvas_border_snaps_to_it(context: ToolContext) -> None:
    drag(FrameTool(context), (FRAME.right, 200), (993, 200))
    assert context.document.frame.right == 1000


def test_a_frame_never_becomes_smaller_than_the_grid(context: ToolContext) -> None:
    drag(FrameTool(context), (FRAME.right, 200), (-300, 200))
    assert context.document.frame == Bounds(128, 128, 64, 256)


def test_shift_keeps_the_aspect(context: ToolContext) -> None:
    corner = (FRAME.right, FRAME.bottom)
    drag(FrameTool(context), corner, (corner[0] + 128, corner[1] + 10), modifiers=Modifiers.SHIFT)
    assert context.document.frame == Bounds(128, 128, 384, 384)


def test_grips_are_found_in_screen_pixels(context: ToolContext) -> None:
    tool, cursors = FrameTool(context), []
    for event in (
        PointerEvent(FRAME.right + 30, 200, zoom=0.25),
        PointerEvent(FRAME.right + 30, 200, zoom=1.0),
        PointerEvent(200, 200),
    ):
        tool.hover(event)
        cursors.append(tool.cursor)
    assert cursors == [Cursor.SIZE_HORIZONTAL, Cursor.ARROW, Cursor.MOVE]


def test_a_press_outside_does_nothing(context: ToolContext) -> None:
    tool = FrameTool(context)
    drag(tool, (900, 600), (950, 650))
    assert context.document.frame == FRAME
    assert not tool.is_active


def test_cancelling_puts_the_frame_back(context: ToolContext) -> None:
    tool = FrameTool(context)
    tool.press(PointerEvent(200, 200))
    tool.move(PointerEvent(500, 500))
    assert context.document.frame != FRAME
    tool.cancel()
    assert context.document.frame == FRAME
    assert not context.stack.can_undo


def test_the_frame_and_its_handles_are_shown(context: ToolContext) -> None:
    box, *handles = FrameTool(context).overlay()
    assert box == FrameBox(FRAME)
    assert len(handles) == 8


@given(boxes(), WAYS, WAYS, st.integers(8, 128), st.floats(0, 20))
def test_a_snapped_frame_keeps_its_size_and_lies_on_the_grid_or_at_an_edge(
    frame: Bounds, dx: int, dy: int, grid: int, tolerance: float
) -> None:
    moved = snapped_move(frame.moved(dx, dy), CANVAS, grid, tolerance)
    assert moved.extent == frame.extent
    assert moved.x % grid == 0 or moved.x in (0, 1000) or moved.right in (0, 1000)
    assert moved.y % grid == 0 or moved.y in (0, 700) or moved.bottom in (0, 700)


@given(boxes(), st.sampled_from(GRIPS), WAYS, WAYS, st.floats(0, 20))
def test_resizing_never_moves_the_opposite_edge_and_leaves_the_smallest_size(
    frame: Bounds, grip: Grip, dx: int, dy: int, tolerance: float
) -> None:
    pulled = dragged(frame, grip, dx, dy)
    resized = snapped_resize(pulled, frame, grip, CANVAS, 64, tolerance)
    resized = at_least(resized, frame, grip, 64)
    assert min(resized.extent) >= 64 or not grip & (Grip.LEFT | Grip.RIGHT | Grip.TOP | Grip.BOTTOM)
    if Grip.LEFT in grip:
        assert resized.right == frame.right
    else:
        assert resized.x == frame.x
    if Grip.TOP in grip:
        assert resized.bottom == frame.bottom
    else:
        assert resized.y == frame.y


@given(boxes(), st.sampled_from(GRIPS), st.integers(64, 500), st.integers(64, 500))
def test_a_kept_aspect_is_kept(frame: Bounds, grip: Grip, width: int, height: int) -> None:
    resized = with_aspect(Bounds(frame.x, frame.y, width, height), frame, grip)
    exact = resized.width * frame.height - resized.height * frame.width
    assert abs(exact) <= max(frame.width, frame.height)
