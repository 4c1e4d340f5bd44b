from __future__ import annotations

import numpy as np
import pytest

from studio.core.brush import BrushSettings
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.core.tiles import MaskSurface
from studio.tools import (
    CloneSettings,
    CloneTool,
    Cursor,
    Handle,
    Modifiers,
    PointerEvent,
    ToolContext,
)
from tests.helpers.documents import BLUE, context_for, document_with, drag, opaque_noise, solid

CANVAS = Bounds(0, 0, 400, 300)
NOISE = opaque_noise(CANVAS, 3)


@pytest.fixture
def context() -> ToolContext:
    context = context_for(document_with(Picture.from_array(NOISE), canvas=CANVAS))
    context.brush = BrushSettings(size=20, hardness=1.0)
    return context


def patch(context: ToolContext, x: int, y: int) -> np.ndarray:
    """What is seen within a few pixels of a place."""
    pixels: np.ndarray = context.document.flatten().array()[y - 3 : y + 4, x - 3 : x + 4]
    return pixels


def source_at(x: int, y: int) -> np.ndarray:
    return NOISE[y - 3 : y + 4, x - 3 : x + 4]


def set_source(tool: CloneTool, x: float, y: float) -> None:
    drag(tool, (x, y), modifiers=Modifiers.ALT)


def test_a_stroke_copies_what_lies_at_the_source(context: ToolContext) -> None:
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    drag(tool, (200, 150), (230, 150))
    assert np.array_equal(patch(context, 200, 150), source_at(50, 50))
    assert np.array_equal(patch(context, 225, 150), source_at(75, 50))
    assert [entry.name for entry in context.stack.entries] == ["Clone"]
    context.stack.undo()
    assert np.array_equal(context.document.flatten().array(), NOISE)


def test_aligned_strokes_keep_the_distance(context: ToolContext) -> None:
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    drag(tool, (200, 150))
    drag(tool, (300, 200))
    assert np.array_equal(patch(context, 300, 200), source_at(150, 100))


def test_other_strokes_begin_at_the_source_again(context: ToolContext) -> None:
    context.settings.put(CloneSettings(aligned=False))
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    drag(tool, (200, 150))
    drag(tool, (300, 200))
    assert np.array_equal(patch(context, 300, 200), source_at(50, 50))


def test_a_stroke_does_not_copy_what_it_has_just_painted(context: ToolContext) -> None:
    tool = CloneTool(context)
    set_source(tool, 100, 150)
    drag(tool, (115, 150), (130, 150), (160, 150))
    assert np.array_equal(patch(context, 155, 150), source_at(140, 150))


def test_all_layers_can_be_copied_onto_one(context: ToolContext) -> None:
    above = RasterLayer("above")
    context.document.layers.insert(1, above)
    context.document.active = above
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    drag(tool, (200, 150))
    assert above.surface.is_empty
    context.settings.put(CloneSettings(all_layers=True))
    drag(tool, (200, 150))
    assert np.array_equal(patch(context, 200, 150), source_at(50, 50))
    assert not above.surface.is_empty


def test_without_a_source_it_says_how_to_set_one(context: ToolContext) -> None:
    with pytest.raises(KnownError, match="hold Alt"):
        CloneTool(context).press(PointerEvent(200, 150))


def test_half_the_opacity_mixes_both(context: ToolContext) -> None:
    context.document = document_with(solid(400, 300, BLUE), canvas=CANVAS)
    layer = context.document.layers[0]
    assert isinstance(layer, RasterLayer)
    layer.surface.write(Bounds(0, 0, 100, 100), np.full((100, 100, 4), 255, np.uint8))
    context.brush = BrushSettings(size=20, hardness=1.0, opacity=0.5)
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    drag(tool, (200, 150))
    assert patch(context, 200, 150)[3, 3].tolist() == pytest.approx([128, 128, 255, 255], abs=1)


def test_the_source_is_shown_and_goes_along(context: ToolContext) -> None:
    tool = CloneTool(context)
    tool.hover(PointerEvent(10, 10, modifiers=Modifiers.ALT))
    cursors = [tool.cursor]
    set_source(tool, 50, 50)
    tool.hover(PointerEvent(200, 150))
    cursors.append(tool.cursor)
    assert cursors == [Cursor.PICK, Cursor.HIDDEN]
    assert Handle(50, 50) in tool.overlay()
    tool.press(PointerEvent(200, 150))
    tool.move(PointerEvent(230, 150))
    assert Handle(80, 50, active=True) in tool.overlay()


def test_giving_up_keeps_the_source_that_was_set(context: ToolContext) -> None:
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    tool.press(PointerEvent(90, 90, modifiers=Modifiers.ALT))
    tool.cancel()
    drag(tool, (200, 150))
    assert np.array_equal(patch(context, 200, 150), source_at(50, 50))


def test_a_mask_is_cloned_within_itself(context: ToolContext) -> None:
    layer = context.document.layers[0]
    layer.mask = MaskSurface(255)
    layer.mask.write(Bounds(40, 40, 20, 20), np.full((20, 20), 30, np.uint8))
    context.document.editing_mask = True
    tool = CloneTool(context)
    set_source(tool, 50, 50)
    drag(tool, (200, 150))
    assert layer.mask.read(Bounds(197, 147, 7, 7)).tolist() == [[30] * 7] * 7
    assert layer.mask.read(Bounds(240, 150, 1, 1)).item() == 255
    assert context.stack.undo_name == "Clone layer mask"
    assert isinstance(layer, RasterLayer)
    assert np.array_equal(layer.surface.read(CANVAS), NOISE)
    context.stack.undo()
    assert (layer.mask.read(Bounds(180, 130, 40, 40)) == 255).all()
