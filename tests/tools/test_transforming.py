from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from studio.core.commands.layer import RenameLayer
from studio.core.commands.selection import SetSelection
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.selection import rectangle
from studio.core.snapping import SnapSettings
from studio.core.tiles import MaskSurface
from studio.tools import Key, Modifiers, PointerEvent, ToolContext
from studio.tools.grips import Grip
from studio.tools.overlay import Handle, Outline, PivotMark, SnapMark
from studio.tools.tool import nothing, run_at_once
from studio.tools.transforming import TransformSettings, TransformTool
from tests.helpers.documents import (
    BLUE,
    RED,
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
    document = document_with(solid(40, 20, RED), canvas=CANVAS)
    document.active = document.layers[0]
    context = context_for(document)
    context.settings.put(SnapSettings(enabled=False))
    return context


@pytest.fixture
def tool(context: ToolContext) -> TransformTool:
    return TransformTool(context)


def place(context: ToolContext) -> Bounds:
    return context.document.layers[0].pixels.used_bounds()


def test_a_corner_scales_as_a_preview_and_enter_makes_it_final(
    tool: TransformTool, context: ToolContext
) -> None:
    drag(tool, (40, 20), (60, 35), (80, 40))
    assert tool.is_pending and tool.is_active
    assert place(context) == Bounds(0, 0, 40, 20)
    assert context.document.flatten(Bounds(50, 30, 20, 8)) == solid(20, 8, RED)
    assert tool.wants(Key.ENTER)
    tool.take_key(Key.ENTER, Modifiers.NONE)
    assert place(context) == Bounds(0, 0, 80, 40)
    assert [entry.name for entry in context.stack.entries] == ["Transform"]
    assert not tool.is_active


def test_escape_gives_up_all_drags_at_once(tool: TransformTool, context: ToolContext) -> None:
    before = fingerprint(context.document)
    flat = context.document.flatten()
    drag(tool, (40, 20), (80, 40))
    drag(tool, (60, 30), (90, 50))
    tool.cancel()
    assert (fingerprint(context.document), context.document.flatten()) == (before, flat)
    assert not context.stack.can_undo and not tool.is_active


def test_inside_moves_by_whole_pixels_and_outside_turns(
    tool: TransformTool, context: ToolContext
) -> None:
    drag(tool, (10, 5), (20.4, 9.7))
    assert tool.box is not None and tool.box.place == (30, 15)
    drag(tool, (100, 15), (30, 85))
    assert tool.box.look.angle == pytest.approx(90)
    tool.apply()
    assert place(context) == Bounds(20, -5, 20, 40)


def test_shift_keeps_to_an_axis_and_scales_both_sides_alike(
    tool: TransformTool, context: ToolContext
) -> None:
    drag(tool, (10, 5), (30, 9), modifiers=Modifiers.SHIFT)
    assert tool.box is not None and tool.box.place == (40, 10)
    drag(tool, (60, 20), (100, 40), modifiers=Modifiers.SHIFT)
    assert tool.box.look.scale_x == pytest.approx(tool.box.look.scale_y)


def test_linked_sides_need_no_shift(tool: TransformTool, context: ToolContext) -> None:
    context.settings.put(TransformSettings(linked=True))
    drag(tool, (40, 10), (60, 10))
    assert tool.box is not None
    assert tool.box.look.scale_x == pytest.approx(1.5)
    assert tool.box.look.scale_y == pytest.approx(1.5)


def test_control_distorts_a_corner_and_skews_an_edge(tool: TransformTool) -> None:
    drag(tool, (40, 20), (50, 30), modifiers=Modifiers.CONTROL)
    assert tool.box is not None and not tool.box.projection.is_affine
    tool.reset()
    drag(tool, (20, 0), (40, 3), modifiers=Modifiers.CONTROL)
    assert tool.box.look.skew == pytest.approx(-45)


def test_the_pivot_can_be_dragged_and_is_turned_about(tool: TransformTool) -> None:
    drag(tool, (20, 10), (1, 1))
    assert tool.box is not None and tool.box.place == (0, 0)
    assert not tool.is_pending
    drag(tool, (100, 0), (0, 100))
    assert tool.box.place == pytest.approx((0, 0))
    assert tool.box.look.angle == pytest.approx(90)


def test_only_selected_pixels_are_taken(tool: TransformTool, context: ToolContext) -> None:
    context.stack.push(SetSelection(rectangle(Bounds(0, 0, 10, 20))))
    drag(tool, (4, 5), (104, 5), zoom=8.0)
    tool.apply()
    assert context.document.flatten(Bounds(100, 0, 10, 20)) == solid(10, 20, RED)
    assert context.document.flatten(Bounds(10, 0, 30, 20)) == solid(30, 20, RED)
    assert place(context).x == 10
    context.stack.undo()
    assert place(context) == Bounds(0, 0, 40, 20)


def test_moving_is_drawn_to_the_canvas_unless_control_is_held(
    tool: TransformTool, context: ToolContext
) -> None:
    context.settings.put(SnapSettings())
    tool.press(PointerEvent(10, 5))
    tool.move(PointerEvent(167, 40))
    assert tool.box is not None and tool.box.place == (180, 50)
    assert SnapMark(200, 0, 200, 100) in tool.overlay()
    tool.move(PointerEvent(167, 43, modifiers=Modifiers.CONTROL))
    assert tool.box.place == (177, 48)
    tool.release(PointerEvent(167, 43, modifiers=Modifiers.CONTROL))
    assert not [shape for shape in tool.overlay() if isinstance(shape, SnapMark)]


def test_a_pulled_edge_is_drawn_to_lines_while_the_box_is_upright(
    tool: TransformTool, context: ToolContext
) -> None:
    context.settings.put(SnapSettings())
    tool.press(PointerEvent(40, 10))
    tool.move(PointerEvent(97, 30))
    assert tool.box is not None and tool.box.quad[1] == (100, 0)
    assert SnapMark(100, 0, 100, 100) in tool.overlay()
    tool.release(PointerEvent(97, 30))
    tool.turn(10)
    right = tool.box.grip(Grip.RIGHT)
    tool.press(PointerEvent(*right))
    tool.move(PointerEvent(right.x + 7, right.y))
    assert not [shape for shape in tool.overlay() if isinstance(shape, SnapMark)]
    tool.cancel()


def test_at_rest_the_preview_is_what_enter_makes_final(
    tool: TransformTool, context: ToolContext
) -> None:
    drag(tool, (40, 20), (63, 41))
    drag(tool, (150, 20), (140, 60))
    shown = context.document.flatten()
    tool.apply()
    assert context.document.flatten() == shown


def test_numbers_say_the_same_as_hands(tool: TransformTool, context: ToolContext) -> None:
    tool.scale(x=2.0)
    tool.place(60, 30)
    assert tool.box is not None
    assert (tool.box.look.scale_x, tool.box.look.scale_y) == pytest.approx((2, 1))
    tool.turn_to(90)
    assert tool.box.look.angle == pytest.approx(90)
    tool.apply()
    assert place(context) == Bounds(50, -10, 20, 80)
    tool.scale(x=0)
    assert not tool.is_pending


def test_linked_numbers_take_each_other_along(tool: TransformTool, context: ToolContext) -> None:
    context.settings.put(TransformSettings(linked=True))
    tool.scale(y=0.5)
    assert tool.box is not None
    assert tool.box.look.scale_x == pytest.approx(0.5)


@pytest.mark.parametrize("across", [True, False])
def test_mirroring_twice_changes_nothing(
    tool: TransformTool, context: ToolContext, across: bool
) -> None:
    before = fingerprint(context.document)
    tool.flip(across=across)
    assert tool.is_pending
    tool.flip(across=across)
    assert not tool.is_pending
    assert fingerprint(context.document) == before


def test_quarter_turns_lose_no_pixel(tool: TransformTool, context: ToolContext) -> None:
    before = context.document.layers[0].pixels.read(Bounds(0, 0, 40, 20))
    for _ in range(4):
        tool.turn(90)
        tool.apply()
    after = place(context)
    assert after.extent == (40, 20)
    assert (context.document.layers[0].pixels.read(after) == before).all()


def test_nothing_is_made_larger_than_can_be_held(tool: TransformTool) -> None:
    tool.scale(x=2000.0)
    tool.scale(y=2000.0)
    assert tool.box is not None
    assert (tool.box.look.scale_x, tool.box.look.scale_y) == pytest.approx((2000, 1))


def test_arrows_nudge_it(tool: TransformTool) -> None:
    assert tool.wants(Key.LEFT)
    tool.take_key(Key.LEFT, Modifiers.NONE)
    tool.take_key(Key.DOWN, Modifiers.SHIFT)
    assert tool.box is not None and tool.box.place == (19, 20)


def test_taking_another_tool_makes_it_final(tool: TransformTool, context: ToolContext) -> None:
    drag(tool, (10, 5), (20, 5))
    tool.put_away()
    assert place(context) == Bounds(10, 0, 40, 20)
    assert tool.box is None


def test_another_step_meanwhile_ends_it(tool: TransformTool, context: ToolContext) -> None:
    drag(tool, (10, 5), (20, 5))
    context.stack.push(RenameLayer(context.document.layers[0], "other"))
    assert not tool.is_pending
    assert context.document.flatten(Bounds(0, 0, 40, 20)) == solid(40, 20, RED)


def test_the_box_follows_the_active_layer(tool: TransformTool, context: ToolContext) -> None:
    tool.hover(PointerEvent(5, 5))
    assert tool.box is not None and tool.box.bounds == Bounds(0, 0, 40, 20)
    extra = document_with(solid(8, 8, BLUE)).layers[0]
    context.document.layers.insert(1, extra)
    context.document.active = extra
    tool.hover(PointerEvent(5, 5))
    assert tool.box.bounds == Bounds(0, 0, 8, 8)


def test_layers_that_are_chosen_together_are_taken_together(context: ToolContext) -> None:
    document = context.document
    other = RasterLayer.from_picture("other", solid(10, 10, BLUE), Point(100, 50))
    document.layers.insert(1, other)
    document.active = other
    context.chosen = lambda: tuple(document.layers)
    tool = TransformTool(context)
    tool.take_up()
    assert tool.box is not None and tool.box.bounds == Bounds(0, 0, 110, 60)
    tool.place(tool.box.place.x + 5, tool.box.place.y)
    tool.apply()
    assert place(context) == Bounds(5, 0, 40, 20)
    assert other.pixels.used_bounds() == Bounds(105, 50, 10, 10)


def test_in_hand_it_shows_the_box_before_and_after(
    tool: TransformTool, context: ToolContext
) -> None:
    tool.take_up()
    assert tool.box is not None
    tool.turn(90)
    tool.apply()
    assert tool.box is not None and tool.box.bounds == place(context)
    context.document.active = None
    assert tool.box is None
    context.document.active = context.document.layers[0]
    assert tool.box is not None
    tool.put_away()
    assert tool.box is None


def test_what_takes_long_is_done_elsewhere(tool: TransformTool, context: ToolContext) -> None:
    waiting: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
    context.run = lambda work, done, failed=nothing: waiting.append((work, done))
    drag(tool, (10, 5), (20, 5))
    tool.apply()
    tool.apply()
    assert len(waiting) == 1 and tool.is_pending
    work, done = waiting[0]
    done(work())
    assert place(context) == Bounds(10, 0, 40, 20)
    drag(tool, (10, 5), (30, 5))
    tool.apply()
    tool.cancel()
    work, done = waiting[1]
    done(work())
    assert place(context) == Bounds(10, 0, 40, 20)


def test_there_is_a_handle_for_each_grip(tool: TransformTool) -> None:
    assert tool.overlay() == ()
    tool.hover(PointerEvent(40, 20))
    kinds = [type(shape) for shape in tool.overlay()]
    assert (kinds.count(Outline), kinds.count(Handle), kinds.count(PivotMark)) == (1, 8, 1)
    assert any(isinstance(shape, Handle) and shape.active for shape in tool.overlay())


def test_whoever_shows_numbers_hears_of_each_change(tool: TransformTool) -> None:
    heard = records(tool.changed)
    tool.hover(PointerEvent(5, 5))
    tool.turn(10)
    tool.cancel()
    assert len(heard) >= 3


def test_nothing_to_take_is_refused(context: ToolContext) -> None:
    context.document.active = None
    tool = TransformTool(context)
    tool.hover(PointerEvent(5, 5))
    with pytest.raises(KnownError, match="no layer"):
        tool.press(PointerEvent(5, 5))
    assert not tool.wants(Key.LEFT)


def test_what_cannot_be_computed_leaves_everything_as_it_was(
    context: ToolContext, tool: TransformTool
) -> None:
    def fail(work: Callable[[], Any], done: Callable[[Any], None], failed: Any = nothing) -> None:
        failed()

    before = fingerprint(context.document)
    context.run = fail
    tool.take_up()
    tool.flip(across=True)
    assert tool.is_pending
    tool.apply()
    assert not tool.is_active
    assert context.document.layers[0].shown is context.document.layers[0].pixels
    assert fingerprint(context.document) == before
    context.run = run_at_once
    tool.hover(PointerEvent(5, 5))
    tool.flip(across=True)
    tool.apply()
    assert context.stack.undo_name == "Transform"


def test_the_box_is_around_the_mask_while_tools_paint_on_it(
    context: ToolContext, tool: TransformTool
) -> None:
    layer = context.document.layers[0]
    layer.mask = MaskSurface()
    layer.mask.write(Bounds(2, 2, 6, 4), np.full((4, 6), 255, np.uint8))
    tool.take_up()
    assert tool.box is not None and tool.box.bounds == Bounds(0, 0, 40, 20)
    context.document.editing_mask = True
    assert tool.box is not None and tool.box.bounds == Bounds(2, 2, 6, 4)
