"""Commands that change the selection and the painted mask alike."""

from __future__ import annotations

import pytest

from studio.core.commands.selection import (
    ChangeSelection,
    ClearMask,
    InvertMask,
    PaintMask,
    SetChannel,
    SetSelection,
    Target,
)
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.selection import NOTHING, grown, rectangle
from studio.core.tiles import TILE, TileChange
from tests.helpers.documents import SMALL, records

BOX = Bounds(10, 10, 30, 20)
EITHER = pytest.mark.parametrize("target", Target)


@EITHER
def test_a_mask_is_set_inverted_and_cleared_step_by_step(target: Target) -> None:
    document = Document(SMALL)
    stack, surface = CommandStack(document), target.surface(document)
    stack.push(SetSelection(rectangle(BOX), "Select", target))
    stack.push(InvertMask(target))
    assert surface.read(SMALL).sum() == 255 * (SMALL.area - BOX.area)
    stack.push(ClearMask(target))
    assert surface.is_empty
    stack.go_to(1)
    assert surface.used_bounds() == BOX
    stack.go_to(0)
    assert surface.is_empty


def test_steps_are_called_by_what_they_change() -> None:
    assert [ClearMask().name, InvertMask().name] == ["Clear mask", "Invert mask"]
    names = [ClearMask(Target.SELECTION).name, InvertMask(Target.SELECTION).name]
    assert names == ["Deselect", "Invert selection"]


@EITHER
def test_only_the_target_is_changed_and_told_of(target: Target) -> None:
    document = Document(SMALL)
    events = {
        Target.SELECTION: records(document.selection_changed),
        Target.MASK: records(document.mask_changed),
    }
    CommandStack(document).push(SetSelection(rectangle(BOX), "Select", target))
    heard = events.pop(target)
    assert len(heard) == 1 and heard[0].contains(BOX)
    assert list(events.values()) == [[]]


def test_a_change_is_worked_out_once() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    calls = []

    def change(mask: object, canvas: Bounds) -> object:
        calls.append(canvas)
        return grown(rectangle(BOX), 5, canvas)

    stack.push(ChangeSelection(change, "Grow selection"))  # type: ignore[arg-type]
    stack.undo()
    stack.redo()
    assert calls == [SMALL]
    assert document.selection.used_bounds() == BOX.padded(5)


def test_inverting_a_large_canvas_is_told_of_as_a_whole_and_holds_no_tiles_of_its_own() -> None:
    canvas = Bounds(0, 0, 16 * TILE, 16 * TILE)
    document = Document(canvas)
    heard = records(document.mask_changed)
    CommandStack(document).push(InvertMask())
    assert heard == [canvas]
    assert len({id(tile) for tile in document.mask.tiles.values()}) == 1


def test_painting_after_that_changes_one_tile() -> None:
    canvas = Bounds(0, 0, 4 * TILE, 4 * TILE)
    document = Document(canvas)
    stack = CommandStack(document)
    stack.push(InvertMask(Target.SELECTION))
    before = document.selection.snapshot()
    document.selection.clear(Bounds(5, 5, 10, 10))
    change = TileChange.between(before, document.selection.snapshot())
    stack.push(PaintMask(change, "Paint selection", Target.SELECTION))
    assert document.selection.read(canvas).sum(dtype=int) == 255 * (canvas.area - 100)
    stack.undo()
    assert document.selection.read(canvas).min() == 255


def test_channels_are_kept_replaced_and_forgotten() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    stack.push(SetChannel("face", rectangle(BOX)))
    stack.push(SetChannel("face", NOTHING))
    stack.push(SetChannel("face", None))
    assert not document.channels
    assert stack.undo_name == "Remove channel"
    stack.undo()
    assert document.channels["face"] is NOTHING
    stack.undo()
    assert document.channels["face"].used_bounds() == BOX
    stack.undo()
    assert not document.channels
