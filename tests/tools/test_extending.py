from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.tools import Cursor, ExtendTool, Modifiers, NewArea, PointerEvent, ToolContext
from studio.tools.extending import snapped_extension
from studio.tools.grips import GRIPS, Grip, dragged
from tests.helpers.documents import boxes, context_for, drag, records

CANVAS = Bounds(0, 0, 512, 512)


@pytest.fixture
def context() -> ToolContext:
    return context_for(Document(CANVAS))


def test_dragging_an_edge_outwards_asks_for_a_larger_canvas(context: ToolContext) -> None:
    asked = records(context.extended)
    drag(ExtendTool(context), (512, 200), (600, 200), (512 + 130, 230))
    assert asked == [Bounds(0, 0, 640, 512)]
    assert context.document.canvas == CANVAS
    assert not context.stack.can_undo


def test_to_the_left_the_origin_becomes_negative(context: ToolContext) -> None:
    asked = records(context.extended)
    drag(ExtendTool(context), (0, 0), (-120, -70))
    assert asked == [Bounds(-128, -64, 640, 576)]


def test_common_aspects_attract_the_edge(context: ToolContext) -> None:
    asked = records(context.extended)
    drag(ExtendTool(context), (512, 200), (round(512 * 4 / 3) + 5, 200))
    assert asked == [Bounds(0, 0, 683, 512)]


def test_with_control_nothing_snaps(context: ToolContext) -> None:
    asked = records(context.extended)
    drag(ExtendTool(context), (512, 200), (512 + 97, 200), modifiers=Modifiers.CONTROL)
    assert asked == [Bounds(0, 0, 609, 512)]


def test_inwards_nothing_is_asked(context: ToolContext) -> None:
    asked = records(context.extended)
    drag(ExtendTool(context), (512, 200), (300, 200))
    drag(ExtendTool(context), (512, 200), (520, 200))
    drag(ExtendTool(context), (300, 200), (600, 200))
    assert asked == []


def test_the_new_area_is_shown_while_dragging(context: ToolContext) -> None:
    tool = ExtendTool(context)
    assert len(tool.overlay()) == 8
    tool.press(PointerEvent(512, 200))
    tool.move(PointerEvent(512 + 64, 200))
    wanted = Bounds(0, 0, 576, 512)
    assert tool.new_bounds == wanted
    assert NewArea(wanted, CANVAS) in tool.overlay()
    tool.cancel()
    assert tool.new_bounds is None
    assert len(tool.overlay()) == 8


def test_handles_are_found_in_screen_pixels(context: ToolContext) -> None:
    tool = ExtendTool(context)
    tool.hover(PointerEvent(512 + 30, 200, zoom=0.25))
    assert (tool.grip, tool.cursor) == (Grip.RIGHT, Cursor.SIZE_HORIZONTAL)
    tool.hover(PointerEvent(512 + 30, 200, zoom=1.0))
    assert (tool.grip, tool.cursor) == (Grip.NONE, Cursor.ARROW)
    tool.hover(PointerEvent(512, 512, zoom=1.0))
    assert tool.cursor is Cursor.SIZE_FALLING
    tool.leave()
    assert tool.grip is Grip.NONE


@given(
    boxes(600, 900),
    st.sampled_from(GRIPS),
    st.integers(-900, 900),
    st.integers(-900, 900),
    st.integers(8, 128),
    st.floats(0, 40),
)
def test_an_extension_holds_the_canvas_and_moves_the_gripped_edges_alone(
    canvas: Bounds, grip: Grip, dx: int, dy: int, grid: int, tolerance: float
) -> None:
    wanted = dragged(canvas, grip, dx, dy).union(canvas)
    extended = snapped_extension(wanted, canvas, grip, grid, tolerance)
    assert extended.contains(canvas)
    for edge, index in ((Grip.LEFT, 0), (Grip.TOP, 1)):
        assert edge in grip or extended[index] == canvas[index]
    assert Grip.RIGHT in grip or extended.right == canvas.right
    assert Grip.BOTTOM in grip or extended.bottom == canvas.bottom
