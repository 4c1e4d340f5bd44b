from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from studio.core.brush import BrushSettings, Dynamic, Source, Target
from studio.core.colour import BLACK, WHITE, Colour
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Locks
from studio.core.tiles import MaskSurface
from studio.tools import (
    BrushTool,
    Circle,
    Cursor,
    EraserTool,
    Line,
    MaskBrushTool,
    MaskEraserTool,
    Modifiers,
    PointerEvent,
    ToolContext,
)
from tests.helpers.documents import BLUE, RED, context_for, document_with, drag, records, solid

CANVAS = Bounds(0, 0, 400, 200)
BRUSH = BrushSettings(size=10, hardness=1.0, colour=RED)


@pytest.fixture
def context() -> ToolContext:
    context = context_for(document_with(solid(400, 200, BLUE), canvas=CANVAS))
    context.brush = BRUSH
    return context


def reds(document: Document) -> np.ndarray:
    """Where the picture is red."""
    same: np.ndarray = (document.flatten().array() == (*RED, 255)).all(axis=2)
    return same


def test_a_drag_paints_a_line_as_one_step(context: ToolContext) -> None:
    drag(BrushTool(context), (50, 100), (150, 100), (250, 100))
    painted = reds(context.document)
    assert painted[100, 50:250].all()
    assert not painted[120].any()
    assert [entry.name for entry in context.stack.entries] == ["Paint stroke"]
    context.stack.undo()
    assert not reds(context.document).any()


def test_a_click_paints_a_dot(context: ToolContext) -> None:
    drag(BrushTool(context), (50, 100))
    assert reds(context.document)[100, 50]
    assert len(context.stack.entries) == 1


def test_finishing_a_stroke_repaints_nothing_that_was_painted_already(
    context: ToolContext,
) -> None:
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 100))
    tool.move(PointerEvent(150, 100))
    tool.move(PointerEvent(150, 100))
    heard = records(context.document.changed)
    tool.release(PointerEvent(150, 100))
    assert context.stack.can_undo
    assert heard == []


def test_paint_appears_while_the_button_is_held(context: ToolContext) -> None:
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 100))
    tool.move(PointerEvent(150, 100))
    assert reds(context.document)[100, 60:90].all()
    assert not context.stack.can_undo
    assert tool.is_active


def test_strokes_leave_the_canvas_and_come_back(context: ToolContext) -> None:
    drag(BrushTool(context), (350, 100), (600, 100), (600, 150), (350, 150))
    painted = reds(context.document)
    assert painted[100, 350:400].all()
    assert painted[150, 350:400].all()
    assert context.document.layers[0].pixels.used_bounds() == CANVAS


def test_a_stroke_may_begin_outside(context: ToolContext) -> None:
    drag(BrushTool(context), (-100, 100), (100, 100))
    assert reds(context.document)[100, :95].all()


def test_a_stroke_wholly_outside_is_no_step(context: ToolContext) -> None:
    drag(BrushTool(context), (-100, 100), (-50, 100))
    assert not context.stack.can_undo


def test_cancelling_leaves_everything_as_it_was(context: ToolContext) -> None:
    before = context.document.flatten()
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 100))
    tool.move(PointerEvent(150, 100))
    tool.cancel()
    assert context.document.flatten() == before
    assert not context.stack.can_undo
    assert not tool.is_active
    tool.move(PointerEvent(250, 100))
    tool.release(PointerEvent(250, 100))
    assert context.document.flatten() == before


def test_shift_at_the_press_joins_the_last_stroke_with_a_straight_line(
    context: ToolContext,
) -> None:
    tool = BrushTool(context)
    drag(tool, (50, 50))
    drag(tool, (250, 50), modifiers=Modifiers.SHIFT)
    assert reds(context.document)[50, 50:250].all()


def test_shift_during_a_drag_makes_it_straight(context: ToolContext) -> None:
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 50))
    for x, y in ((100, 150), (200, 180), (300, 50)):
        tool.move(PointerEvent(x, y, modifiers=Modifiers.SHIFT))
    assert Line(50, 50, 300, 50) in tool.overlay()
    tool.release(PointerEvent(300, 50, modifiers=Modifiers.SHIFT))
    painted = reds(context.document)
    assert painted[50, 50:300].all()
    assert not painted[70:].any()
    assert all(isinstance(shape, Circle) for shape in tool.overlay())


def test_letting_go_of_shift_goes_on_by_hand(context: ToolContext) -> None:
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 50))
    tool.move(PointerEvent(150, 50, modifiers=Modifiers.SHIFT))
    tool.move(PointerEvent(150, 60))
    tool.move(PointerEvent(150, 150))
    tool.release(PointerEvent(150, 150))
    painted = reds(context.document)
    assert painted[50, 50:150].all()
    assert painted[60:150, 150].all()


def test_the_eraser_takes_paint_off(context: ToolContext) -> None:
    drag(EraserTool(context), (50, 100), (250, 100))
    assert not context.document.flatten().array()[100, 60:240].any()
    assert context.stack.undo_name == "Erase"


def test_the_mask_is_painted_and_erased_and_undone(context: ToolContext) -> None:
    drag(MaskBrushTool(context), (50, 100), (250, 100))
    row = Bounds(50, 100, 200, 1)
    assert (context.document.mask.read(row) == 255).all()
    context.brush = replace(BRUSH, size=30)
    drag(MaskEraserTool(context), (40, 100), (260, 100))
    assert context.document.mask.is_empty
    assert [entry.name for entry in context.stack.entries] == ["Paint mask", "Erase mask"]
    context.stack.undo()
    assert (context.document.mask.read(row) == 255).all()
    assert not reds(context.document).any()


def test_a_mask_can_be_painted_without_any_layer() -> None:
    context = context_for(Document(CANVAS))
    drag(MaskBrushTool(context), (50, 100))
    assert context.document.mask.read(Bounds(50, 100, 1, 1)).item() == 255


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        ({"locked": True}, "locked"),
        ({"visible": False}, "hidden"),
    ],
)
def test_layers_that_must_not_be_painted_on_are_refused(
    context: ToolContext, prepare: dict[str, bool], reason: str
) -> None:
    for name, value in prepare.items():
        setattr(context.document.layers[0], name, value)
    tool = BrushTool(context)
    with pytest.raises(KnownError, match=reason):
        tool.press(PointerEvent(50, 100))
    assert not tool.is_active


def test_without_a_layer_there_is_nothing_to_paint_on() -> None:
    with pytest.raises(KnownError, match="no layer"):
        BrushTool(context_for(Document(CANVAS))).press(PointerEvent(1, 1))


def test_the_brush_is_shown_at_its_true_size_where_the_pointer_is(context: ToolContext) -> None:
    tool = BrushTool(context)
    assert tool.overlay() == ()
    cursors = [tool.cursor]
    tool.hover(PointerEvent(30, 40))
    assert tool.overlay() == (Circle(30, 40, 5.0, 1.0),)
    cursors.append(tool.cursor)
    assert cursors == [Cursor.CROSS, Cursor.HIDDEN]
    tool.leave()
    assert tool.overlay() == ()


def test_pressure_thins_the_line(context: ToolContext) -> None:
    context.brush = replace(BRUSH, size=40)
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 100, pressure=0.2))
    tool.move(PointerEvent(350, 100, pressure=1.0))
    tool.release(PointerEvent(350, 100, pressure=1.0))
    widths = reds(context.document).sum(axis=0)
    assert 6 <= widths[52] < widths[150] < widths[250] < widths[345] <= 40


def test_a_second_button_during_a_stroke_is_ignored(context: ToolContext) -> None:
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 100))
    tool.press(PointerEvent(50, 100))
    tool.release(PointerEvent(250, 100))
    assert len(context.stack.entries) == 1


def test_ctrl_during_a_drag_keeps_the_line_to_even_directions(context: ToolContext) -> None:
    tool = BrushTool(context)
    tool.press(PointerEvent(50, 50))
    tool.move(PointerEvent(300, 60, modifiers=Modifiers.CONTROL))
    assert any(isinstance(shape, Line) and shape.y2 == 50 for shape in tool.overlay())
    tool.release(PointerEvent(300, 60, modifiers=Modifiers.CONTROL))
    painted = reds(context.document)
    assert painted[50, 50:299].all()
    assert not painted[57:].any()


def test_shift_and_ctrl_at_the_press_join_the_last_stroke_in_an_even_direction(
    context: ToolContext,
) -> None:
    tool = BrushTool(context)
    drag(tool, (50, 50))
    drag(tool, (150, 145), modifiers=Modifiers.SHIFT | Modifiers.CONTROL)
    painted = reds(context.document)
    assert all(painted[place, place] for place in range(50, 145))


def test_smoothing_takes_a_tremor_out(context: ToolContext) -> None:
    trembling = [(float(x), 100.0 + 8 * (-1) ** (x // 4)) for x in range(20, 380, 4)]
    heights = []
    for smoothing in (0.0, 0.5):
        context.brush = replace(BRUSH, smoothing=smoothing)
        drag(BrushTool(context), *trembling)
        rows = np.flatnonzero(reds(context.document)[:, 150:200].any(axis=1))
        heights.append(int(rows.max() - rows.min()))
        context.stack.undo()
    assert heights[1] <= BRUSH.size + 2 < heights[0]


def test_the_pen_s_tilt_turns_the_tip(context: ToolContext) -> None:
    turning = Dynamic(Source.LEAN, Target.ANGLE)
    context.brush = replace(BRUSH, size=40, roundness=0.1, dynamics=(turning,))
    for column, tilt in ((100, (40.0, 0.0)), (300, (0.0, 40.0))):
        tool = BrushTool(context)
        at = PointerEvent(column + 0.5, 100.5, tilt_x=tilt[0], tilt_y=tilt[1])
        tool.press(at)
        tool.release(at)
    painted = reds(context.document)
    assert painted[100, 85:115].all()
    assert not painted[85:95, 100].any()
    assert painted[85:115, 300].all()
    assert not painted[100, 285:295].any()


def test_nothing_is_painted_beside_what_is_selected(context: ToolContext) -> None:
    context.document.selection.write(Bounds(0, 0, 150, 200), np.full((200, 150), 255, np.uint8))
    drag(BrushTool(context), (50, 100), (150, 100), (250, 100))
    painted = reds(context.document)
    assert painted[100, 50:150].all()
    assert not painted[:, 150:].any()


def test_locked_alpha_is_painted_over_but_not_erased(context: ToolContext) -> None:
    layer = context.document.layers[0]
    layer.locks = Locks(alpha=True)
    drag(BrushTool(context), (50, 100), (150, 100))
    assert reds(context.document)[100, 60]
    with pytest.raises(KnownError, match="transparency"):
        EraserTool(context).press(PointerEvent(50, 100))


def test_only_what_locks_the_pixels_forbids_painting(context: ToolContext) -> None:
    layer = context.document.layers[0]
    layer.locks = Locks(position=True)
    drag(BrushTool(context), (50, 100))
    assert context.stack.can_undo
    layer.locks = Locks(pixels=True)
    with pytest.raises(KnownError, match="locked"):
        BrushTool(context).press(PointerEvent(50, 100))


def test_groups_have_no_pixels_of_their_own(context: ToolContext) -> None:
    group = GroupLayer("sky")
    context.document.layers.insert(1, group)
    context.document.active = group
    with pytest.raises(KnownError, match="is a group"):
        BrushTool(context).press(PointerEvent(50, 100))


class TestOnALayersMask:
    @pytest.fixture
    def masked(self, context: ToolContext) -> ToolContext:
        context.document.layers[0].mask = MaskSurface(fill=255)
        context.document.editing_mask = True
        return context

    def alpha(self, context: ToolContext) -> int:
        """How much of the layer is seen where the strokes go."""
        return int(context.document.flatten().array()[100, 150, 3])

    def test_dark_paint_hides_and_light_paint_shows(self, masked: ToolContext) -> None:
        seen = []
        for colour in (BLACK, Colour(128, 128, 128), WHITE):
            masked.brush = replace(BRUSH, colour=colour)
            drag(BrushTool(masked), (100, 100), (200, 100))
            seen.append(self.alpha(masked))
        assert seen == [0, 128, 255]
        assert masked.stack.undo_name == "Paint layer mask"

    def test_the_eraser_hides(self, masked: ToolContext) -> None:
        drag(EraserTool(masked), (100, 100), (200, 100))
        assert self.alpha(masked) == 0
        masked.stack.undo()
        assert self.alpha(masked) == 255

    def test_a_locked_layer_s_mask_is_locked(self, masked: ToolContext) -> None:
        masked.document.layers[0].locked = True
        with pytest.raises(KnownError, match="mask"):
            BrushTool(masked).press(PointerEvent(50, 100))

    def test_a_layer_without_a_mask_is_painted_itself(self, context: ToolContext) -> None:
        context.document.editing_mask = True
        drag(BrushTool(context), (100, 100), (200, 100))
        assert reds(context.document)[100, 150]


def test_a_quick_mask_is_painted_and_erased_whatever_the_layer(context: ToolContext) -> None:
    document = context.document
    document.layers[-1].locked = True
    document.editing_selection = True
    drag(BrushTool(context), (20, 20), (40, 20))
    assert document.selection.read(Bounds(30, 20, 1, 1)).item() == 255
    assert context.stack.undo_name == "Paint selection"
    drag(EraserTool(context), (30, 20), (30, 20))
    assert document.selection.read(Bounds(30, 20, 1, 1)).item() == 0
    assert context.stack.undo_name == "Erase selection"
