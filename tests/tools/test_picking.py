from __future__ import annotations

from studio.core.document import Document
from studio.tools import (
    ColourPickerTool,
    Cursor,
    PointerEvent,
    Swatch,
    colour_at,
    make_tools,
)
from tests.helpers.documents import (
    BLUE,
    RED,
    SMALL,
    context_for,
    document_with,
    drag,
    records,
    solid,
)


def test_the_colour_of_the_picture_is_picked_along_the_way() -> None:
    context = context_for(document_with(solid(96, 64, RED), solid(10, 10, BLUE)))
    picked = records(context.colour_picked)
    drag(ColourPickerTool(context), (50.9, 30), (5, 5))
    assert picked[0] == RED
    assert picked[-1] == BLUE
    assert not context.stack.can_undo


def test_the_colour_is_shown_beside_the_pointer_while_picking() -> None:
    tool = ColourPickerTool(context_for(document_with(solid(96, 64, RED))))
    assert tool.overlay() == ()
    assert tool.cursor is Cursor.PICK
    tool.press(PointerEvent(5, 5))
    assert tool.overlay() == (Swatch(5, 5, "#ff0000"),)
    tool.cancel()
    assert tool.overlay() == ()


def test_where_nothing_lies_no_colour_is_picked() -> None:
    context = context_for(document_with(solid(10, 10, RED)))
    picked = records(context.colour_picked)
    drag(ColourPickerTool(context), (90, 60))
    assert picked == []
    assert colour_at(Document(SMALL), -5.5, 3) is None


def test_there_is_one_tool_of_each_name() -> None:
    tools = make_tools(context_for(Document(SMALL)))
    assert all(tool.name == name for name, tool in tools.items())
    assert set(tools) == {
        *("move", "frame", "extend", "brush", "eraser", "mask", "mask-eraser", "picker")
    }
