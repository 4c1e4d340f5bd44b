from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.tools import EllipseTool, Modifiers, Outline, PointerEvent, RectangleTool, Tool
from studio.tools.selecting.shapes import box_between
from tests.helpers.documents import SMALL, context_for, drag

SHIFT, CONTROL, ALT = Modifiers.SHIFT, Modifiers.CONTROL, Modifiers.ALT
PLACES = st.integers(-200, 200)


@given(PLACES, PLACES, PLACES, PLACES, st.sampled_from([Modifiers.NONE, SHIFT, CONTROL, ALT]))
def test_a_box_has_a_corner_or_its_middle_where_the_drag_began(
    x: int, y: int, to_x: int, to_y: int, keys: Modifiers
) -> None:
    box = box_between(PointerEvent(x, y), PointerEvent(to_x, to_y), keys)
    if keys in (CONTROL, ALT):
        assert (box.x + box.right, box.y + box.bottom) == (2 * x, 2 * y)
    else:
        assert x in (box.x, box.right) and y in (box.y, box.bottom)
    if keys is SHIFT:
        assert box.width == box.height == max(abs(to_x - x), abs(to_y - y))


def drawn(tool: Tool, *events: PointerEvent) -> Bounds:
    """What is selected by a drag through these events."""
    tool.press(events[0])
    for event in events[1:]:
        tool.move(event)
    tool.release(events[-1])
    return tool._context.document.selection.used_bounds()


def test_shift_makes_a_square_though_it_was_not_held_at_first() -> None:
    tool = RectangleTool(context_for(Document(SMALL)))
    assert drawn(tool, PointerEvent(10, 10), PointerEvent(30, 18, modifiers=SHIFT)) == Bounds(
        10, 10, 20, 20
    )


def test_a_key_held_from_the_press_on_does_not_count_for_the_shape() -> None:
    tool = RectangleTool(context_for(Document(SMALL)))
    start, end = PointerEvent(10, 10, modifiers=SHIFT), PointerEvent(30, 18, modifiers=SHIFT)
    assert drawn(tool, start, end) == Bounds(10, 10, 20, 8)


def test_let_go_and_pressed_again_it_counts() -> None:
    tool = RectangleTool(context_for(Document(SMALL)))
    start, end = PointerEvent(10, 10, modifiers=SHIFT), PointerEvent(30, 18, modifiers=SHIFT)
    assert drawn(tool, start, PointerEvent(20, 14), end) == Bounds(10, 10, 20, 20)


def test_a_drag_beyond_the_canvas_selects_up_to_its_border() -> None:
    context = context_for(Document(SMALL))
    drag(RectangleTool(context), (-50, -50), (500, 30))
    assert context.document.selection.used_bounds() == Bounds(0, 0, SMALL.width, 30)


def test_a_drag_beside_the_canvas_selects_nothing() -> None:
    context = context_for(Document(SMALL))
    drag(RectangleTool(context), (-50, -50), (-10, -10))
    assert not context.document.has_selection


def test_the_shape_is_shown_while_it_is_drawn() -> None:
    tool = RectangleTool(context_for(Document(SMALL)))
    tool.press(PointerEvent(10, 10))
    tool.move(PointerEvent(30, 18))
    assert tool.overlay() == (Outline(((10, 10), (30, 10), (30, 18), (10, 18))),)
    tool.cancel()
    assert tool.overlay() == ()


@pytest.mark.parametrize("antialias", [True, False])
def test_an_ellipse_is_selected_with_or_without_soft_steps(antialias: bool) -> None:
    context = context_for(Document(SMALL))
    tool = EllipseTool(context)
    context.settings.change(type(tool.settings), antialias=antialias)
    drag(tool, (10, 10), (50, 40))
    values = context.document.selection.read(SMALL)
    assert values.sum() / 255 == pytest.approx(math.pi * 20 * 15, rel=0.03)
    assert bool(((values > 0) & (values < 255)).any()) is antialias
