"""What all selection tools do alike, shown by the rectangle."""

from __future__ import annotations

import pytest

from studio.core.commands.selection import SetSelection, Target
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.selection import rectangle
from studio.tools import (
    Cursor,
    Key,
    Modifiers,
    MovedSelection,
    PointerEvent,
    RectangleTool,
    SelectSettings,
    ToolContext,
)
from tests.helpers.documents import SMALL, context_for, drag

OLD = Bounds(10, 10, 30, 20)
SHIFT, ALT = Modifiers.SHIFT, Modifiers.ALT


@pytest.fixture
def context() -> ToolContext:
    """A document in which `OLD` is selected."""
    context = context_for(Document(SMALL))
    context.stack.push(SetSelection(rectangle(OLD)))
    return context


def selected(context: ToolContext) -> int:
    """How many pixels are wholly selected."""
    return int((context.document.selection.read(SMALL) == 255).sum())


def test_a_new_selection_replaces_the_old_one(context: ToolContext) -> None:
    drag(RectangleTool(context), (50, 40), (60, 50))
    assert context.document.selection.used_bounds() == Bounds(50, 40, 10, 10)
    assert context.stack.undo_name == "Select rectangle"
    context.stack.undo()
    assert context.document.selection.used_bounds() == OLD


@pytest.mark.parametrize(
    ("held", "expected", "name"),
    [
        (SHIFT, 600 + 300, "Add rectangle"),
        (ALT, 600 - 300, "Subtract rectangle"),
        (SHIFT | ALT, 300, "Intersect rectangle"),
    ],
)
def test_keys_held_at_the_press_say_how_to_combine(
    context: ToolContext, held: Modifiers, expected: int, name: str
) -> None:
    drag(RectangleTool(context), (25, 10), (55, 30), modifiers=held)
    assert selected(context) == expected
    assert context.stack.undo_name == name


def test_without_keys_the_settings_say_so(context: ToolContext) -> None:
    context.settings.change(SelectSettings, operation="subtract")
    drag(RectangleTool(context), (25, 10), (55, 30))
    assert selected(context) == 300


def test_the_painted_mask_is_changed_where_it_is_the_target(context: ToolContext) -> None:
    context.settings.change(SelectSettings, target=Target.MASK)
    drag(RectangleTool(context), (50, 40), (60, 50))
    assert context.document.mask.used_bounds() == Bounds(50, 40, 10, 10)
    assert context.document.selection.used_bounds() == OLD
    assert context.stack.undo_name == "Mask rectangle"


def test_a_drag_within_the_selection_moves_it(context: ToolContext) -> None:
    tool = RectangleTool(context)
    tool.press(PointerEvent(20, 20))
    tool.move(PointerEvent(30, 24))
    assert tool.overlay() == (MovedSelection(10, 4),)
    assert context.document.selection.used_bounds() == OLD
    tool.release(PointerEvent(32, 25))
    assert context.document.selection.used_bounds() == OLD.moved(12, 5)
    assert tool.overlay() == ()
    assert context.stack.undo_name == "Move selection"


def test_a_move_that_is_given_up_leaves_it(context: ToolContext) -> None:
    tool, steps = RectangleTool(context), context.stack.index
    tool.press(PointerEvent(20, 20))
    tool.move(PointerEvent(30, 24))
    tool.cancel()
    assert tool.overlay() == ()
    assert context.stack.index == steps


def test_what_is_moved_off_the_canvas_is_no_longer_selected(context: ToolContext) -> None:
    drag(RectangleTool(context), (20, 20), (20 - 25, 20))
    assert context.document.selection.used_bounds() == Bounds(0, 10, 15, 20)


def test_the_cursor_says_where_a_drag_would_move(context: ToolContext) -> None:
    tool = RectangleTool(context)
    inside, outside = PointerEvent(20, 20), PointerEvent(60, 60)
    cursors = []
    for event in (inside, PointerEvent(20, 20, modifiers=SHIFT), outside):
        tool.hover(event)
        cursors.append(tool.cursor)
    assert cursors == [Cursor.MOVE, Cursor.CROSS, Cursor.CROSS]


@pytest.mark.parametrize("place", [(20, 20), (70, 50)])
def test_a_click_selects_nothing(context: ToolContext, place: tuple[float, float]) -> None:
    drag(RectangleTool(context), place, (place[0] + 1, place[1]))
    assert not context.document.has_selection
    assert context.stack.undo_name == "Deselect"


def test_a_click_that_would_add_nothing_does_nothing(context: ToolContext) -> None:
    steps = context.stack.index
    drag(RectangleTool(context), (70, 50), (70, 50), modifiers=SHIFT)
    assert context.stack.index == steps


def test_clicks_on_nothing_are_no_steps() -> None:
    context = context_for(Document(SMALL))
    drag(RectangleTool(context), (70, 50), (70, 50))
    assert not context.stack.can_undo


def test_arrows_move_what_is_selected(context: ToolContext) -> None:
    tool = RectangleTool(context)
    assert tool.wants(Key.RIGHT)
    tool.take_key(Key.RIGHT, Modifiers.NONE)
    tool.take_key(Key.DOWN, SHIFT)
    assert context.document.selection.used_bounds() == OLD.moved(1, 10)


def test_arrows_mean_nothing_where_nothing_is_selected() -> None:
    tool = RectangleTool(context_for(Document(SMALL)))
    assert not any(tool.wants(key) for key in Key)


def test_new_edges_are_feathered_where_that_is_wanted(context: ToolContext) -> None:
    context.settings.change(SelectSettings, feather=4)
    drag(RectangleTool(context), (42, 32), (70, 60))
    row = context.document.selection.read(Bounds(36, 45, 12, 1))[0].astype(int)
    assert row[1] == 0 and row[-2] == 255
    assert len(set(row)) > 6
