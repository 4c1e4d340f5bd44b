from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from studio.core.brush import BrushSettings
from studio.core.geometry import Bounds
from studio.core.gradient import GradientKind
from studio.core.layers import RasterLayer
from studio.core.tiles import MaskSurface
from studio.tools import (
    GradientSettings,
    GradientTool,
    Line,
    Modifiers,
    PointerEvent,
    ToolContext,
)
from tests.helpers.documents import BLUE, RED, context_for, document_with, drag, records, solid

CANVAS = Bounds(0, 0, 400, 300)
TO_BLUE = GradientSettings(end=BLUE)


@pytest.fixture
def context() -> ToolContext:
    context = context_for(document_with(solid(400, 300, BLUE, 0), canvas=CANVAS))
    context.brush = BrushSettings(colour=RED)
    context.settings.put(TO_BLUE)
    return context


def shown(context: ToolContext) -> np.ndarray:
    pixels: np.ndarray = context.document.flatten().array().astype(int)
    return pixels


def test_a_drag_goes_from_one_colour_to_the_other(context: ToolContext) -> None:
    drag(GradientTool(context), (100, 150), (200, 150), (300, 150))
    line = shown(context)[150]
    assert (line[:100] == (*RED, 255)).all()
    assert (line[301:] == (*BLUE, 255)).all()
    assert line[200] == pytest.approx([127, 0, 128, 255], abs=2)
    assert [entry.name for entry in context.stack.entries] == ["Gradient"]
    context.stack.undo()
    assert not shown(context).any()


def test_a_gradient_is_dithered_without_a_drift(context: ToolContext) -> None:
    drag(GradientTool(context), (0, 150), (399, 150), (400, 150))
    reds = shown(context)[..., 0]
    wanted = 255 * (1 - (np.arange(400) + 0.5) / 400)
    assert np.abs(reds - wanted).max() <= 1.5
    assert abs((reds - wanted).mean()) < 0.05


def test_a_round_one_spreads_to_all_sides(context: ToolContext) -> None:
    context.settings.put(replace(TO_BLUE, kind=GradientKind.RADIAL))
    drag(GradientTool(context), (200, 150), (250, 150), (300, 150))
    pixels = shown(context)
    assert pixels[150, 200] == pytest.approx([254, 0, 1, 255], abs=3)
    assert pixels[150, 250] == pytest.approx(pixels[199, 200], abs=3)
    assert pixels[150, 310].tolist() == [*BLUE, 255]


def test_it_may_end_in_nothing_and_go_the_other_way_round(context: ToolContext) -> None:
    context.settings.put(GradientSettings(to_transparent=True))
    drag(GradientTool(context), (100, 150), (300, 150), (300, 150))
    assert shown(context)[150, 99].tolist() == [*RED, 255]
    assert shown(context)[150, 301, 3] == 0
    context.stack.undo()
    context.settings.put(GradientSettings(to_transparent=True, reverse=True, opacity=0.5))
    drag(GradientTool(context), (100, 150), (300, 150), (300, 150))
    assert shown(context)[150, 99, 3] == 0
    assert shown(context)[150, 301, 3] == pytest.approx(128, abs=1)


def test_it_is_shown_while_it_is_drawn_and_changes_nothing_yet(context: ToolContext) -> None:
    layer = context.document.layers[0]
    assert isinstance(layer, RasterLayer)
    tool = GradientTool(context)
    tool.press(PointerEvent(100, 150))
    tool.move(PointerEvent(300, 150))
    preview = context.document.flatten()
    assert preview.array()[150, 50].tolist() == [*RED, 255]
    assert layer.surface.is_empty
    assert Line(100, 150, 300, 150) in tool.overlay()
    tool.release(PointerEvent(300, 150))
    assert context.document.flatten() == preview
    assert tool.overlay() == ()


def test_giving_up_shows_the_picture_as_it_was(context: ToolContext) -> None:
    tool = GradientTool(context)
    tool.press(PointerEvent(100, 150))
    tool.move(PointerEvent(300, 150))
    tool.cancel()
    assert not shown(context).any()
    assert not context.stack.can_undo


def test_a_click_lays_nothing(context: ToolContext) -> None:
    heard = records(context.document.changed)
    drag(GradientTool(context), (100, 150))
    assert not context.stack.can_undo
    assert not shown(context).any()
    assert all(CANVAS.contains(dirty) or not dirty.is_empty for dirty in heard)


def test_ctrl_keeps_it_to_even_directions(context: ToolContext) -> None:
    drag(GradientTool(context), (100, 150), (300, 160), modifiers=Modifiers.CONTROL)
    pixels = shown(context)
    assert np.abs(pixels[10] - pixels[290]).max() <= 1


def test_only_what_is_selected_takes_it(context: ToolContext) -> None:
    context.document.selection.write(Bounds(0, 0, 400, 100), np.full((100, 400), 255, np.uint8))
    drag(GradientTool(context), (100, 150), (300, 150))
    assert shown(context)[:100, :, 3].all()
    assert not shown(context)[100:].any()


def test_a_layer_mask_takes_its_brightness() -> None:
    context = context_for(document_with(solid(400, 300, BLUE), canvas=CANVAS))
    context.document.layers[0].mask = MaskSurface(fill=255)
    context.document.editing_mask = True
    tool = GradientTool(context)
    tool.press(PointerEvent(100, 150))
    tool.move(PointerEvent(300, 150))
    preview = context.document.flatten()
    tool.release(PointerEvent(300, 150))
    assert context.document.flatten() == preview
    alpha = shown(context)[150, :, 3]
    assert alpha[50] == 0
    assert alpha[200] == pytest.approx(128, abs=3)
    assert alpha[350] == 255


def test_a_layer_that_was_moved_takes_it_where_it_is_seen(context: ToolContext) -> None:
    context.document.layers[0].translate(-37, 19)
    drag(GradientTool(context), (100, 150), (300, 150), (300, 150))
    assert shown(context)[150, 50].tolist() == [*RED, 255]
    assert (shown(context)[..., 3] == 255).all()
