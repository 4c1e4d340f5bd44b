from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from studio.core.brush import BrushSettings
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import Locks, RasterLayer
from studio.core.picture import Picture
from studio.core.tiles import MaskSurface
from studio.tools import FillSettings, FillTool, PointerEvent, ToolContext, nothing
from tests.helpers.documents import BLUE, GREEN, RED, context_for, document_with, drag, solid

CANVAS = Bounds(0, 0, 400, 300)
PLAIN = FillSettings(tolerance=10, antialias=False)


def split(settings: FillSettings = PLAIN) -> ToolContext:
    """Blue with a green bar from top to bottom, in columns 100 to 119."""
    pixels = solid(400, 300, BLUE).array().copy()
    pixels[:, 100:120] = (*GREEN, 255)
    context = context_for(document_with(Picture.from_array(pixels), canvas=CANVAS))
    context.brush = BrushSettings(colour=RED)
    context.settings.put(settings)
    return context


def row(context: ToolContext, y: int = 150) -> list[tuple[int, ...]]:
    """The colours at columns 50, 110 and 200."""
    pixels = context.document.flatten().array()[y]
    return [tuple(pixels[x].tolist()) for x in (50, 110, 200)]


def opaque(*colours: Any) -> list[tuple[int, ...]]:
    return [(*colour, 255) for colour in colours]


def test_what_hangs_together_is_filled_as_one_step() -> None:
    context = split()
    drag(FillTool(context), (50, 150))
    assert row(context) == opaque(RED, GREEN, BLUE)
    assert [entry.name for entry in context.stack.entries] == ["Fill"]
    context.stack.undo()
    assert row(context) == opaque(BLUE, GREEN, BLUE)
    context.stack.redo()
    assert row(context) == opaque(RED, GREEN, BLUE)


def test_all_that_is_alike_is_filled_where_it_need_not_hang_together() -> None:
    context = split(FillSettings(tolerance=10, contiguous=False, antialias=False))
    drag(FillTool(context), (50, 150))
    assert row(context) == opaque(RED, GREEN, RED)


def test_the_tolerance_says_how_much_colours_may_differ() -> None:
    context = split(FillSettings(tolerance=255, antialias=False))
    drag(FillTool(context), (50, 150))
    assert row(context) == opaque(RED, RED, RED)


def test_only_what_is_selected_is_filled() -> None:
    context = split()
    context.document.selection.write(Bounds(0, 0, 400, 100), np.full((100, 400), 255, np.uint8))
    drag(FillTool(context), (50, 50))
    assert row(context, 50) == opaque(RED, GREEN, BLUE)
    assert row(context, 150) == opaque(BLUE, GREEN, BLUE)


def test_an_empty_layer_is_filled_by_what_is_seen() -> None:
    context = split(FillSettings(tolerance=10, all_layers=True, antialias=False))
    above = RasterLayer("above")
    context.document.layers.insert(1, above)
    context.document.active = above
    drag(FillTool(context), (110, 150))
    assert row(context) == opaque(BLUE, RED, BLUE)
    assert above.surface.used_bounds() == Bounds(100, 0, 20, 300)


def test_edges_can_be_softened_and_moved_outwards() -> None:
    context = split(FillSettings(tolerance=10, antialias=True))
    drag(FillTool(context), (110, 150))
    assert 0 < context.document.flatten().array()[150, 99, 0] < 255
    context = split(FillSettings(tolerance=10, antialias=False, grow=3))
    drag(FillTool(context), (110, 150))
    reds = context.document.flatten().array()[150, 95:101, 0].tolist()
    assert reds == [0, 0, 255, 255, 255, 255]


def test_half_the_opacity_lets_half_of_it_through() -> None:
    context = split(FillSettings(tolerance=10, antialias=False, opacity=0.5))
    drag(FillTool(context), (50, 150))
    assert row(context)[0] == (128, 0, 127, 255)


def test_locked_alpha_keeps_what_is_transparent_so() -> None:
    context = split(FillSettings(tolerance=255, antialias=False))
    layer = context.document.layers[0]
    assert isinstance(layer, RasterLayer)
    layer.surface.clear(Bounds(0, 0, 80, 300))
    layer.locks = Locks(alpha=True)
    drag(FillTool(context), (50, 150))
    assert row(context) == [(0, 0, 0, 0), *opaque(RED, RED)]


def test_a_layer_mask_takes_the_brightness_of_the_colour() -> None:
    context = split()
    layer = context.document.layers[0]
    layer.mask = MaskSurface(fill=255)
    context.document.editing_mask = True
    context.brush = BrushSettings(colour=BLUE)
    drag(FillTool(context), (50, 150))
    assert [colour[3] for colour in row(context)] == [29, 255, 255]
    assert context.stack.undo_name == "Fill layer mask"
    context.stack.undo()
    assert row(context) == opaque(BLUE, GREEN, BLUE)


def test_beside_the_canvas_and_with_the_same_colour_nothing_happens() -> None:
    context = split()
    drag(FillTool(context), (-5, 150))
    context.brush = BrushSettings(colour=BLUE)
    drag(FillTool(context), (50, 150))
    assert not context.stack.can_undo


def test_locked_layers_are_refused_at_the_press() -> None:
    context = split()
    context.document.layers[0].locked = True
    with pytest.raises(KnownError, match="locked"):
        FillTool(context).press(PointerEvent(50, 150))


def test_giving_up_before_the_button_is_let_go_changes_nothing() -> None:
    context = split()
    tool = FillTool(context)
    tool.press(PointerEvent(50, 150))
    tool.cancel()
    assert not context.stack.can_undo


class Waiting:
    """A runner whose work is done when the test says so."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def __call__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Any = nothing
    ) -> None:
        self._waiting.append((work, done))

    def go_on(self) -> None:
        work, done = self._waiting.pop(0)
        done(work())


def test_what_was_painted_meanwhile_is_not_lost() -> None:
    context = split()
    context.run = waiting = Waiting()
    FillTool(context).fill(Point(50, 150))
    layer = context.document.layers[0]
    assert isinstance(layer, RasterLayer)
    layer.surface.write(Bounds(200, 150, 1, 1), np.array([[(*RED, 255)]], np.uint8))
    waiting.go_on()
    assert not context.stack.can_undo
    waiting.go_on()
    assert row(context) == opaque(RED, GREEN, RED)


def test_a_layer_that_is_gone_meanwhile_is_not_filled() -> None:
    context = split()
    context.run = waiting = Waiting()
    FillTool(context).fill(Point(50, 150))
    context.document.layers.remove(context.document.layers[0])
    waiting.go_on()
    assert not context.stack.can_undo


def test_an_empty_canvas_is_filled_to_its_edges() -> None:
    document = Document(CANVAS)
    document.layers.insert(0, RasterLayer("empty"))
    context = context_for(document)
    context.brush = BrushSettings(colour=RED)
    drag(FillTool(context), (5, 5))
    assert (document.flatten(CANVAS.padded(2)).array()[..., 3] > 0).sum() == CANVAS.area
