from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from studio.core.commands.selection import SetSelection
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.selection import rectangle
from studio.core.snapping import SnapSettings
from studio.core.tiles import MaskSurface
from studio.tools import Key, Modifiers, MoveTool, PointerEvent, ToolContext, moving, nothing
from studio.tools.overlay import SnapMark
from tests.helpers.documents import RED, SMALL, context_for, document_with, drag, solid


@pytest.fixture
def context() -> ToolContext:
    context = context_for(document_with(solid(20, 10, RED)))
    context.settings.put(SnapSettings(enabled=False))
    return context


def place(context: ToolContext) -> Bounds:
    return context.document.layers[0].pixels.used_bounds()


def test_the_layer_follows_the_pointer_as_one_step(context: ToolContext) -> None:
    tool = MoveTool(context)
    tool.press(PointerEvent(5, 5))
    tool.move(PointerEvent(10.4, 6))
    assert place(context) == Bounds(5, 1, 20, 10)
    tool.move(PointerEvent(-25, 12))
    tool.release(PointerEvent(-25, 12))
    assert place(context) == Bounds(-30, 7, 20, 10)
    assert [entry.name for entry in context.stack.entries] == ["Move layer"]
    context.stack.undo()
    assert place(context) == Bounds(0, 0, 20, 10)


def test_what_is_moved_out_of_the_canvas_comes_back_whole(context: ToolContext) -> None:
    before = context.document.flatten()
    drag(MoveTool(context), (0, 0), (5000, 0))
    assert not context.document.flatten().array().any()
    drag(MoveTool(context), (5000, 0), (0, 0))
    assert context.document.flatten() == before


def test_shift_keeps_to_one_axis(context: ToolContext) -> None:
    drag(MoveTool(context), (0, 0), (30, 12), modifiers=Modifiers.SHIFT)
    assert place(context) == Bounds(30, 0, 20, 10)
    drag(MoveTool(context), (0, 0), (3, -12), modifiers=Modifiers.SHIFT)
    assert place(context) == Bounds(30, -12, 20, 10)


def test_cancelling_puts_the_layer_back(context: ToolContext) -> None:
    tool = MoveTool(context)
    tool.press(PointerEvent(0, 0))
    tool.move(PointerEvent(40, 40))
    tool.cancel()
    assert place(context) == Bounds(0, 0, 20, 10)
    assert not context.stack.can_undo


def test_a_click_is_no_step(context: ToolContext) -> None:
    drag(MoveTool(context), (5, 5))
    assert not context.stack.can_undo


def test_nudges_move_by_pixels_and_merge(context: ToolContext) -> None:
    tool = MoveTool(context)
    tool.nudge(1, 0)
    tool.nudge(1, 0)
    tool.nudge(0, -10)
    assert place(context) == Bounds(2, -10, 20, 10)
    assert len(context.stack.entries) == 1


def test_a_locked_layer_and_none_at_all_are_refused(context: ToolContext) -> None:
    context.document.layers[0].locked = True
    with pytest.raises(KnownError, match="locked"):
        MoveTool(context).press(PointerEvent(0, 0))
    with pytest.raises(KnownError, match="no layer"):
        MoveTool(context_for(Document(SMALL))).nudge(1, 1)


def test_edges_are_drawn_to_the_canvas_unless_control_is_held(context: ToolContext) -> None:
    context.settings.put(SnapSettings())
    tool = MoveTool(context)
    tool.press(PointerEvent(0, 0))
    tool.move(PointerEvent(70, 23))
    assert place(context) == Bounds(76, 22, 20, 10)
    assert SnapMark(96, 0, 96, 64) in tool.overlay()
    tool.move(PointerEvent(70, 23, modifiers=Modifiers.CONTROL))
    assert place(context) == Bounds(70, 23, 20, 10)
    tool.release(PointerEvent(70, 23, modifiers=Modifiers.CONTROL))
    assert tool.overlay() == ()


def test_the_reach_of_lines_is_the_same_on_screen_at_every_zoom(context: ToolContext) -> None:
    context.settings.put(SnapSettings())
    drag(MoveTool(context), (0, 0), (70, 15), zoom=4.0)
    assert place(context) == Bounds(70, 15, 20, 10)


def test_arrows_move_by_one_pixel_and_with_shift_by_ten(context: ToolContext) -> None:
    tool = MoveTool(context)
    assert tool.wants(Key.LEFT) and not tool.wants(Key.ENTER)
    tool.take_key(Key.LEFT, Modifiers.NONE)
    tool.take_key(Key.DOWN, Modifiers.SHIFT)
    assert place(context) == Bounds(-1, 10, 20, 10)


def test_what_is_selected_moves_alone(context: ToolContext) -> None:
    context.stack.push(SetSelection(rectangle(Bounds(0, 0, 5, 10))))
    tool = MoveTool(context)
    tool.press(PointerEvent(1, 1))
    tool.move(PointerEvent(41, 1))
    assert context.document.flatten(Bounds(40, 0, 5, 10)) == solid(5, 10, RED)
    assert place(context) == Bounds(0, 0, 20, 10)
    tool.release(PointerEvent(41, 1))
    assert place(context) == Bounds(5, 0, 40, 10)
    assert context.document.selection.used_bounds() == Bounds(40, 0, 5, 10)
    assert context.stack.undo_name == "Move selected pixels"
    context.stack.undo()
    assert place(context) == Bounds(0, 0, 20, 10)


def test_layers_that_are_chosen_together_move_together_and_only_once(context: ToolContext) -> None:
    document = context.document
    child = RasterLayer.from_picture("child", solid(5, 5, RED))
    group = GroupLayer("group", [child])
    document.layers.insert(1, group)
    context.chosen = lambda: (document.layers[0], child, group)
    tool = MoveTool(context)
    drag(tool, (0, 0), (7, 3))
    tool.nudge(1, 0)
    assert place(context) == Bounds(8, 3, 20, 10)
    assert child.pixels.used_bounds() == Bounds(8, 3, 5, 5)
    assert [entry.name for entry in context.stack.entries] == ["Move layers", "Move layers"]
    context.stack.go_to(0)
    assert place(context).origin == child.pixels.used_bounds().origin == (0, 0)


def test_a_mask_moves_alone_while_tools_paint_on_it(context: ToolContext) -> None:
    layer = context.document.layers[0]
    layer.mask = MaskSurface()
    layer.mask.write(Bounds(2, 2, 6, 4), np.full((4, 6), 255, np.uint8))
    context.document.editing_mask = True
    drag(MoveTool(context), (0, 0), (5, 3))
    assert layer.mask.used_bounds() == Bounds(7, 5, 6, 4)
    assert place(context) == Bounds(0, 0, 20, 10)
    assert context.stack.undo_name == "Move layer mask"
    context.stack.undo()
    assert layer.mask.used_bounds() == Bounds(2, 2, 6, 4)


def test_what_is_cut_out_of_much_is_moved_elsewhere_and_stays_in_sight(
    context: ToolContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
    monkeypatch.setattr(moving, "SMALL_AREA", 0)
    context.run = lambda work, done, failed=nothing: waiting.append((work, done))
    context.stack.push(SetSelection(rectangle(Bounds(0, 0, 10, 10)), "Rectangle"))
    tool, layer = MoveTool(context), context.document.layers[0]
    drag(tool, (0, 0), (30, 0))
    assert layer.shown.used_bounds() == Bounds(10, 0, 30, 10)
    drag(tool, (0, 0), (50, 0))
    tool.nudge(1, 0)
    assert len(waiting) == 1
    work, done = waiting.pop()
    done(work())
    assert layer.shown is layer.pixels
    assert place(context) == Bounds(10, 0, 30, 10)
    assert context.stack.undo_name == "Move selected pixels"
    drag(tool, (30, 0), (60, 0))
    context.stack.undo()
    work, done = waiting.pop()
    done(work())
    assert place(context) == Bounds(0, 0, 20, 10)
    assert not tool.is_active
