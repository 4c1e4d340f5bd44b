from __future__ import annotations

from studio.core.colour import Colour
from studio.core.document import Document
from studio.core.geometry import Point
from studio.core.layers import RasterLayer
from studio.tools import (
    ColourPickerTool,
    Cursor,
    PickSettings,
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
    painting = {"brush", "eraser", "mask", "mask-eraser", "fill", "gradient", "clone", "smudge"}
    assert painting | {"move", "frame", "extend", "picker"} <= set(tools)


def two_layers() -> Document:
    """Red everywhere, and above it, active, one blue pixel at 5, 5."""
    document = document_with(solid(96, 64, RED))
    above = RasterLayer.from_picture("above", solid(1, 1, BLUE), Point(5, 5))
    document.layers.insert(1, above)
    document.active = above
    return document


def test_what_is_seen_is_picked_or_the_active_layer_alone() -> None:
    document, alone = two_layers(), PickSettings(all_layers=False)
    assert colour_at(document, 5, 5, alone) == colour_at(document, 5, 5) == BLUE
    assert colour_at(document, 7, 5) == RED
    assert colour_at(document, 7, 5, alone) is None


def test_the_average_around_the_pointer_can_be_picked() -> None:
    document = two_layers()
    assert colour_at(document, 5, 5, PickSettings(radius=1)) == Colour(227, 0, 28)
    assert colour_at(document, 0, 0, PickSettings(radius=3)) == RED
    weighed = PickSettings(all_layers=False, radius=2)
    assert colour_at(document, 4, 4, weighed) == BLUE


def test_the_picker_goes_by_its_settings() -> None:
    context = context_for(two_layers())
    context.settings.put(PickSettings(radius=1))
    picked = records(context.colour_picked)
    drag(ColourPickerTool(context), (5, 5))
    assert picked[-1] == Colour(227, 0, 28)


def test_nothing_is_picked_beyond_the_canvas() -> None:
    document = document_with(solid(200, 200, RED))
    assert colour_at(document, 150, 5) is None
