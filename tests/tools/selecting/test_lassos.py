from __future__ import annotations

import pytest

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.tools import (
    Handle,
    Key,
    LassoTool,
    Modifiers,
    Outline,
    PointerEvent,
    PolygonTool,
    ToolContext,
)
from tests.helpers.documents import SMALL, context_for, drag

SQUARE = [(10, 10), (50, 10), (50, 50), (10, 50)]


@pytest.fixture
def context() -> ToolContext:
    """An empty document with nothing selected."""
    return context_for(Document(SMALL))


def click(tool: PolygonTool, x: float, y: float, modifiers: Modifiers = Modifiers.NONE) -> None:
    tool.press(PointerEvent(x, y, modifiers=modifiers))
    tool.release(PointerEvent(x, y, modifiers=modifiers))


def selected(context: ToolContext) -> Bounds:
    return context.document.selection.used_bounds()


def test_a_lasso_joins_its_ends(context: ToolContext) -> None:
    drag(LassoTool(context), *SQUARE)
    assert selected(context) == Bounds(10, 10, 40, 40)
    assert context.stack.undo_name == "Select outline"


def test_a_lasso_shows_its_line_and_forgets_it_when_it_is_given_up(context: ToolContext) -> None:
    tool = LassoTool(context)
    tool.press(PointerEvent(0, 0))
    tool.move(PointerEvent(5, 0))
    tool.move(PointerEvent(5, 0.1))
    assert tool.overlay() == (Outline(((0, 0), (5, 0)), closed=False),)
    tool.cancel()
    assert tool.overlay() == ()
    assert not context.stack.can_undo


def test_a_lasso_that_encloses_nothing_is_a_click(context: ToolContext) -> None:
    drag(LassoTool(context), *SQUARE)
    drag(LassoTool(context), (70, 50), (72, 50))
    assert not context.document.has_selection


@pytest.mark.parametrize("last", [(10.5, 10), (10, 50)])
def test_a_polygon_closes_on_its_first_corner_or_by_a_double_click(
    context: ToolContext, last: tuple[float, float]
) -> None:
    tool = PolygonTool(context)
    for corner in SQUARE:
        click(tool, *corner)
        assert tool.is_active
    click(tool, *last)
    assert not tool.is_active
    assert selected(context) == Bounds(10, 10, 40, 40)


def test_enter_closes_a_polygon(context: ToolContext) -> None:
    tool = PolygonTool(context)
    assert not tool.wants(Key.ENTER)
    for corner in SQUARE:
        click(tool, *corner)
    assert tool.wants(Key.ENTER)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert selected(context) == Bounds(10, 10, 40, 40)


def test_backspace_takes_corners_back(context: ToolContext) -> None:
    tool = PolygonTool(context)
    for corner in (*SQUARE, (90, 60)):
        click(tool, *corner)
    tool.take_key(Key.BACKSPACE, Modifiers.NONE)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert selected(context) == Bounds(10, 10, 40, 40)
    click(tool, 10, 60)
    tool.take_key(Key.BACKSPACE, Modifiers.NONE)
    assert not tool.is_active


def test_giving_up_forgets_the_corners(context: ToolContext) -> None:
    tool = PolygonTool(context)
    for corner in SQUARE:
        click(tool, *corner)
    tool.cancel()
    assert not tool.is_active
    assert not context.stack.can_undo


def test_two_corners_close_to_nothing(context: ToolContext) -> None:
    tool = PolygonTool(context)
    click(tool, 10, 10)
    click(tool, 50, 10)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert not tool.is_active
    assert not context.stack.can_undo


def test_a_line_leads_to_the_pointer(context: ToolContext) -> None:
    tool = PolygonTool(context)
    click(tool, 10, 10)
    tool.hover(PointerEvent(30, 20))
    outline, first = tool.overlay()
    assert outline == Outline(((10, 10), (30, 20)), closed=False)
    assert first == Handle(10, 10)
    tool.leave()
    assert tool.overlay()[0] == Outline(((10, 10),), closed=False)


def test_a_corner_is_dragged_until_the_button_is_let_go(context: ToolContext) -> None:
    tool = PolygonTool(context)
    for corner in SQUARE[:3]:
        click(tool, *corner)
    drag(tool, (30, 30), (10, 50))
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert selected(context) == Bounds(10, 10, 40, 40)


def test_the_first_click_says_how_to_combine(context: ToolContext) -> None:
    drag(LassoTool(context), *SQUARE)
    tool = PolygonTool(context)
    click(tool, 30, 0, Modifiers.ALT)
    for corner in [(60, 0), (60, 60), (30, 60)]:
        click(tool, *corner)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert selected(context) == Bounds(10, 10, 20, 40)
    assert context.stack.undo_name == "Subtract polygon"


def test_corners_may_lie_within_what_is_selected(context: ToolContext) -> None:
    drag(LassoTool(context), *SQUARE)
    tool = PolygonTool(context)
    for corner in [(0, 0), (30, 30), (0, 60)]:
        click(tool, *corner)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert selected(context) == Bounds(0, 0, 30, 60)
