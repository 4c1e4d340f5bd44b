from __future__ import annotations

import pytest

from studio.core.colour import Colour
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import Locks, TextLayer
from studio.core.text import Alignment, TextContent
from studio.tools import Cursor, Outline, PointerEvent, TextSettings, TextTool, ToolContext
from tests.helpers.documents import RED, context_for, document_with, drag, records, solid

pytestmark = pytest.mark.usefixtures("qapp")

CANVAS = Bounds(0, 0, 400, 300)


@pytest.fixture
def context() -> ToolContext:
    context = context_for(document_with(solid(40, 20, RED), canvas=CANVAS))
    context.settings.put(TextSettings(size_px=40.0))
    return context


@pytest.fixture
def tool(context: ToolContext) -> TextTool:
    return TextTool(context)


@pytest.fixture
def words(context: ToolContext) -> TextLayer:
    """A text in the document, the active layer."""
    layer = TextLayer("words", TextContent("words", size_px=40.0), Point(100, 100))
    context.document.layers.insert(1, layer)
    context.document.active = layer
    return layer


def names(context: ToolContext) -> list[str]:
    return [entry.name for entry in context.stack.entries]


def test_a_click_begins_a_text_and_finishing_makes_a_layer_of_it(
    tool: TextTool, context: ToolContext
) -> None:
    drag(tool, (50, 80))
    assert tool.draft is not None and tool.draft.origin == Point(50, 60)
    assert tool.is_active and not context.stack.can_undo
    tool.write("Mist over\nthe lake")
    tool.finish()
    layer = context.document.active
    assert isinstance(layer, TextLayer)
    assert (layer.name, layer.text.text) == ("Mist over the lake", "Mist over\nthe lake")
    assert names(context) == ["Add text"]
    assert not tool.is_active
    context.stack.undo()
    assert layer not in context.document.layers


def test_a_drag_makes_a_box_that_lines_are_wrapped_in(tool: TextTool) -> None:
    tool.press(PointerEvent(50, 80))
    tool.move(PointerEvent(250, 180))
    assert Outline(((50, 80), (250, 80), (250, 180), (50, 180))) in tool.overlay()
    tool.release(PointerEvent(250, 180))
    assert tool.draft is not None
    assert (tool.draft.origin, tool.draft.content.width) == (Point(50, 80), 200)


def test_nothing_written_leaves_nothing(tool: TextTool, context: ToolContext) -> None:
    drag(tool, (50, 80))
    tool.write("   ")
    tool.put_away()
    assert len(context.document.layers) == 1 and not context.stack.can_undo


def test_escape_gives_the_draft_up(tool: TextTool, context: ToolContext, words: TextLayer) -> None:
    before = context.document.flatten()
    tool.edit(words)
    tool.write("other")
    assert context.document.flatten() != before
    tool.cancel()
    assert context.document.flatten() == before
    assert words.text.text == "words" and not context.stack.can_undo


def test_a_click_on_a_text_changes_it(
    tool: TextTool, context: ToolContext, words: TextLayer
) -> None:
    letters = words.pixels.used_bounds()
    tool.hover(PointerEvent(letters.x + 5, letters.y + 5))
    assert tool.overlay() and tool.cursor is Cursor.TEXT
    drag(tool, (letters.x + 5, letters.y + 5))
    assert tool.draft is not None and tool.draft.layer is words
    tool.write("other words")
    drag(tool, (20, 280))
    assert words.text.text == "other words"
    assert tool.draft is None
    assert names(context) == ["Edit text"]
    context.stack.undo()
    assert words.text.text == "words"


def test_a_text_with_nothing_left_in_it_is_removed(
    tool: TextTool, context: ToolContext, words: TextLayer
) -> None:
    tool.edit(words)
    tool.write("")
    tool.finish()
    assert words not in context.document.layers
    context.stack.undo()
    assert words in context.document.layers
    assert words.shown is words.pixels


def test_looks_change_the_draft_and_the_next_text(tool: TextTool, context: ToolContext) -> None:
    drag(tool, (50, 80))
    tool.write("red")
    tool.set_look(colour=Colour(255, 0, 0), bold=True, alignment=Alignment.CENTRE)
    tool.finish()
    layer = context.document.active
    assert isinstance(layer, TextLayer)
    assert (layer.text.colour, layer.text.bold) == (Colour(255, 0, 0), True)
    assert context.settings[TextSettings].alignment is Alignment.CENTRE


def test_looks_change_the_active_text_as_one_step(
    tool: TextTool, context: ToolContext, words: TextLayer
) -> None:
    heard = records(tool.changed)
    for size in (41.0, 45.0, 60.0):
        tool.set_look(size_px=size)
    assert words.text.size_px == 60.0 and tool.look.size_px == 60.0
    assert names(context) == ["Text style"]
    assert len(heard) == 3
    context.stack.undo()
    assert words.text.size_px == 40.0


def test_hidden_and_locked_texts_are_left_alone(
    tool: TextTool, context: ToolContext, words: TextLayer
) -> None:
    letters = words.pixels.used_bounds()
    words.visible = False
    assert tool.text_at(letters.x + 5, letters.y + 5) is None
    words.visible = True
    words.locks = Locks(pixels=True)
    with pytest.raises(KnownError, match="locked"):
        drag(tool, (letters.x + 5, letters.y + 5))
    tool.set_look(bold=True)
    assert not words.text.bold
