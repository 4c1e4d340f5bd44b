from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.snapping import SnapSettings
from studio.tools import Key, Modifiers, PointerEvent, ToolContext
from studio.tools.cropping import CropSettings, CropTool, at_ratio, upright
from studio.tools.grips import Grip
from studio.tools.overlay import CropBox
from tests.helpers.documents import (
    RED,
    boxes,
    context_for,
    document_with,
    drag,
    fingerprint,
    records,
    solid,
)

CANVAS = Bounds(0, 0, 200, 100)


@pytest.fixture
def context() -> ToolContext:
    context = context_for(document_with(solid(200, 100, RED), canvas=CANVAS))
    context.settings.put(SnapSettings(enabled=False))
    return context


@pytest.fixture
def tool(context: ToolContext) -> CropTool:
    return CropTool(context)


def test_a_drag_shows_the_area_and_enter_crops(tool: CropTool, context: ToolContext) -> None:
    before = fingerprint(context.document)
    drag(tool, (50, 20), (120.4, 80.2))
    assert tool.area == Bounds(50, 20, 70, 60)
    assert context.document.canvas == CANVAS
    assert tool.wants(Key.ENTER)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert context.document.canvas == Bounds(50, 20, 70, 60)
    assert [entry.name for entry in context.stack.entries] == ["Crop"]
    assert context.document.layers[0].pixels.used_bounds() == CANVAS
    assert context.document.canvas.contains(context.document.frame)
    context.stack.undo()
    assert fingerprint(context.document) == before


def test_whoever_shows_the_area_hears_of_another_canvas(
    tool: CropTool, context: ToolContext
) -> None:
    heard: list[Bounds] = []
    tool.changed.connect(lambda: heard.append(tool.area))
    drag(tool, (50, 20), (120, 80))
    tool.apply()
    assert heard[-1] == context.document.canvas == Bounds(50, 20, 70, 60)
    context.stack.undo()
    assert heard[-1] == CANVAS


def test_edges_of_the_canvas_can_be_pulled_inwards_and_outwards(tool: CropTool) -> None:
    drag(tool, (200, 50), (150, 50))
    drag(tool, (0, 0), (-30, -10))
    assert tool.area == Bounds(-30, -10, 180, 110)


def test_the_area_can_be_moved_and_nudged(tool: CropTool) -> None:
    drag(tool, (50, 20), (100, 60))
    drag(tool, (70, 40), (80, 45))
    assert tool.area == Bounds(60, 25, 50, 40)
    tool.take_key(Key.RIGHT, Modifiers.NONE)
    tool.take_key(Key.UP, Modifiers.SHIFT)
    assert tool.area == Bounds(61, 15, 50, 40)


def test_escape_gives_up(tool: CropTool, context: ToolContext) -> None:
    drag(tool, (50, 20), (100, 60))
    assert tool.is_active
    tool.cancel()
    assert tool.area == CANVAS and not tool.is_active
    assert not context.stack.can_undo


def test_giving_a_drag_up_leaves_the_area_before_it(tool: CropTool) -> None:
    drag(tool, (50, 20), (100, 60))
    tool.press(PointerEvent(100, 60))
    tool.move(PointerEvent(150, 90))
    assert tool.area == Bounds(50, 20, 100, 70)
    super(CropTool, tool).cancel()
    assert tool.area == Bounds(50, 20, 50, 40)


def test_deleting_is_asked_for_and_can_be_undone(tool: CropTool, context: ToolContext) -> None:
    context.settings.put(CropSettings(delete=True))
    before = fingerprint(context.document)
    drag(tool, (50, 20), (120, 80))
    tool.apply()
    assert context.document.layers[0].pixels.used_bounds() == Bounds(50, 20, 70, 60)
    context.stack.undo()
    assert fingerprint(context.document) == before


def test_a_larger_area_may_ask_to_be_filled(tool: CropTool, context: ToolContext) -> None:
    context.settings.put(CropSettings(extend=True))
    asked = records(context.extended)
    drag(tool, (200, 50), (264, 50))
    tool.apply()
    assert asked == [Bounds(0, 0, 264, 100)]
    assert not context.stack.can_undo


def test_a_ratio_is_kept(tool: CropTool, context: ToolContext) -> None:
    tool.keep_ratio(1.0)
    assert tool.area == Bounds(50, 0, 100, 100)
    drag(tool, (150, 100), (120, 70))
    assert tool.area == Bounds(50, 0, 70, 70)
    tool.keep_ratio(None)
    drag(tool, (120, 70), (130, 70), modifiers=Modifiers.SHIFT)
    assert tool.area == Bounds(50, 0, 80, 80)


def test_alt_pulls_both_sides(tool: CropTool) -> None:
    drag(tool, (200, 50), (180, 50), modifiers=Modifiers.ALT)
    assert tool.area == Bounds(20, 0, 160, 100)


def test_corners_are_drawn_to_the_canvas_and_its_middle(
    tool: CropTool, context: ToolContext
) -> None:
    context.settings.put(SnapSettings())
    drag(tool, (30, 30), (103, 97))
    assert tool.area == Bounds(30, 30, 70, 70)


def test_what_goes_is_shaded_and_thirds_are_shown(tool: CropTool, context: ToolContext) -> None:
    assert CropBox(CANVAS, CANVAS, thirds=False) in tool.overlay()
    drag(tool, (50, 20), (100, 60))
    assert CropBox(Bounds(50, 20, 50, 40), CANVAS, thirds=True) in tool.overlay()
    context.settings.put(CropSettings(thirds=False))
    assert CropBox(Bounds(50, 20, 50, 40), CANVAS, thirds=False) in tool.overlay()


@settings(max_examples=30, deadline=None)
@given(boxes(), st.floats(0.2, 5.0), st.sampled_from([Grip.RIGHT, Grip.LEFT | Grip.TOP]))
def test_a_rectangle_at_a_ratio_has_it(box: Bounds, ratio: float, grip: Grip) -> None:
    fitted = at_ratio(box, box, grip, ratio)
    assert abs(fitted.width - fitted.height * ratio) <= max(1.0, ratio) + 1e-6


def test_turned_over_rectangles_are_set_upright() -> None:
    assert upright(Bounds(10, 20, -5, -7)) == Bounds(5, 13, 5, 7)
