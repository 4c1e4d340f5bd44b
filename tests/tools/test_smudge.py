from __future__ import annotations

import numpy as np
import pytest

from studio.core.brush import BrushSettings
from studio.core.geometry import Bounds
from studio.core.layers import Locks, RasterLayer
from studio.core.picture import Picture
from studio.core.tiles import MaskSurface
from studio.tools import PointerEvent, SmudgeSettings, SmudgeTool, ToolContext
from tests.helpers.documents import BLUE, RED, context_for, document_with, drag, solid

CANVAS = Bounds(0, 0, 400, 300)


@pytest.fixture
def context() -> ToolContext:
    """Red to the left of column 200, blue to the right of it."""
    pixels = solid(400, 300, BLUE).array().copy()
    pixels[:, :200] = (*RED, 255)
    context = context_for(document_with(Picture.from_array(pixels), canvas=CANVAS))
    context.brush = BrushSettings(size=30, hardness=0.5)
    return context


def reds(context: ToolContext) -> list[int]:
    """How red the middle row is."""
    return [int(red) for red in context.document.flatten().array()[150, :, 0]]


def layer_of(context: ToolContext) -> RasterLayer:
    layer = context.document.layers[0]
    assert isinstance(layer, RasterLayer)
    return layer


def test_paint_is_drawn_along_and_fades(context: ToolContext) -> None:
    drag(SmudgeTool(context), (170, 150), (220, 150), (300, 150))
    line = reds(context)
    assert line[190] > 200
    assert line[210] > 40
    assert line[210] > line[230] > line[290]
    assert [entry.name for entry in context.stack.entries] == ["Smudge"]
    context.stack.undo()
    assert set(reds(context)) == {0, 255}


def test_the_stronger_the_farther(context: ToolContext) -> None:
    carried = []
    for strength in (0.0, 0.5, 0.95):
        context.settings.put(SmudgeSettings(strength))
        drag(SmudgeTool(context), (170, 150), (220, 150), (300, 150))
        carried.append(sum(reds(context)[200:]))
        context.stack.undo()
    assert carried == sorted(carried)
    assert carried[2] > 2 * carried[1] > 0


def test_even_paint_stays_as_it_is(context: ToolContext) -> None:
    drag(SmudgeTool(context), (50, 150), (100, 100), (150, 150))
    assert set(reds(context)) == {0, 255}


def test_the_canvas_border_draws_nothing_in(context: ToolContext) -> None:
    drag(SmudgeTool(context), (-40, 150), (30, 150), (60, 150))
    pixels = context.document.flatten().array()
    assert (pixels[:, :150] == (*RED, 255)).all()


def test_light_pressure_smudges_less(context: ToolContext) -> None:
    tool = SmudgeTool(context)
    tool.press(PointerEvent(170, 150, pressure=0.1))
    tool.move(PointerEvent(250, 150, pressure=0.1))
    tool.release(PointerEvent(250, 150, pressure=0.1))
    column = context.document.flatten().array()[:, 205, 0]
    light = int((column > 0).sum())
    context.stack.undo()
    drag(tool, (170, 150), (250, 150))
    column = context.document.flatten().array()[:, 205, 0]
    assert 0 < light < int((column > 0).sum())


def test_only_what_is_selected_is_smudged(context: ToolContext) -> None:
    context.document.selection.write(Bounds(0, 0, 400, 150), np.full((150, 400), 255, np.uint8))
    drag(SmudgeTool(context), (170, 150), (250, 150))
    pixels = context.document.flatten().array()
    assert pixels[145, 205, 0] > 0
    assert pixels[155, 205, 0] == 0


@pytest.mark.parametrize("locked", [False, True])
def test_transparent_places_take_paint_unless_alpha_is_locked(
    context: ToolContext, locked: bool
) -> None:
    layer = layer_of(context)
    layer.surface.clear(Bounds(200, 0, 200, 300))
    layer.locks = Locks(alpha=locked)
    drag(SmudgeTool(context), (170, 150), (220, 150), (260, 150))
    alpha = context.document.flatten().array()[150, :, 3]
    assert bool(alpha[205]) is not locked
    assert (alpha[:200] == 255).all()


def test_cancelling_leaves_everything_as_it_was(context: ToolContext) -> None:
    before = context.document.flatten()
    tool = SmudgeTool(context)
    tool.press(PointerEvent(170, 150))
    tool.move(PointerEvent(250, 150))
    assert context.document.flatten() != before
    tool.cancel()
    assert context.document.flatten() == before


def test_a_mask_is_smudged_and_no_pixel(context: ToolContext) -> None:
    layer = layer_of(context)
    layer.mask = MaskSurface()
    layer.mask.write(Bounds(0, 0, 200, 300), np.full((300, 200), 255, np.uint8))
    context.document.editing_mask = True
    before = layer.surface.read(CANVAS)
    drag(SmudgeTool(context), (170, 150), (220, 150), (300, 150))
    shown = layer.mask.read(Bounds(0, 150, 400, 1))[0]
    assert shown[190] > 200
    assert 255 > shown[230] > shown[250] > shown[290]
    assert np.array_equal(layer.surface.read(CANVAS), before)
    assert context.stack.undo_name == "Smudge layer mask"
    context.stack.undo()
    assert set(layer.mask.read(Bounds(0, 150, 400, 1))[0].tolist()) == {0, 255}
