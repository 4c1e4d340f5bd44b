from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.blend import BlendMode
from studio.core.commands.canvas import ResizeCanvas, SetFrame
from studio.core.commands.generation import AddGenerated
from studio.core.commands.layer import (
    AddLayer,
    DuplicateLayer,
    MoveLayer,
    RemoveLayer,
    SetLayerProperty,
    TranslateLayer,
)
from studio.core.commands.merging import MergeDown
from studio.core.commands.paint import PaintStroke
from studio.core.commands.selection import ClearMask, InvertMask, PaintMask, SetMask
from studio.core.commands.stack import Command, CommandStack
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.spool import Spool
from studio.core.tiles import TileChange
from tests.helpers.documents import (
    BLUE,
    RED,
    SMALL,
    boxes,
    document_with,
    fingerprint,
    opaque_noise,
    records,
    solid,
)
from tests.helpers.executors import AtOnce


class Costly(Command):
    """Does nothing at a price."""

    def __init__(self, cost: int, name: str = "Costly") -> None:
        self._cost = cost
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def cost(self) -> int:
        return self._cost

    def do(self, document: Document) -> None:
        pass

    def undo(self, document: Document) -> None:
        pass


class Failing(Costly):
    """Cannot be done."""

    def do(self, document: Document) -> None:
        raise KnownError("It cannot be done: leave it.")


def stack_of(count: int, cost: int = 0, limit: int = 1000) -> CommandStack:
    stack = CommandStack(Document(SMALL), limit)
    for number in range(count):
        stack.push(Costly(cost, f"step {number}"))
    return stack


def painted(document: Document, number: int, bounds: Bounds) -> Command:
    """A recorded stroke: made before it is pushed."""
    layer = document.layers[number % len(document.layers)]
    assert isinstance(layer, RasterLayer)
    before = layer.surface.snapshot()
    layer.surface.write(bounds, opaque_noise(bounds, number))
    layer.touch(bounds)
    return PaintStroke(layer, TileChange.between(before, layer.surface.snapshot()))


def mask_painted(document: Document, number: int, bounds: Bounds) -> Command:
    before = document.mask.snapshot()
    document.mask.write(bounds, opaque_noise(bounds, number)[..., 0])
    return PaintMask(TileChange.between(before, document.mask.snapshot()))


def command(document: Document, kind: str, number: int, bounds: Bounds) -> Command:
    """A command of that kind that the document as it is allows."""
    if kind == "add" or not document.layers:
        return AddLayer(RasterLayer(f"new {number}"), number % (len(document.layers) + 1))
    layer = document.layers[number % len(document.layers)]
    width, height = min(bounds.width, 40), min(bounds.height, 40)
    picture = solid(width, height, BLUE)
    choices: dict[str, Callable[[], Command]] = {
        "remove": lambda: RemoveLayer(layer),
        "move": lambda: MoveLayer(layer, None, (number * 7) % len(document.layers)),
        "duplicate": lambda: DuplicateLayer(layer, document),
        "translate": lambda: TranslateLayer(layer, bounds.x, bounds.y),
        "opacity": lambda: SetLayerProperty(layer, "opacity", (number % 11) / 10),
        "visible": lambda: SetLayerProperty(layer, "visible", number % 2 == 0),
        "mode": lambda: SetLayerProperty(layer, "blend_mode", list(BlendMode)[number % 12]),
        "merge": lambda: MergeDown(layer),
        "paint": lambda: painted(document, number, bounds),
        "mask": lambda: mask_painted(document, number, bounds),
        "clear": ClearMask,
        "invert": InvertMask,
        "set mask": lambda: SetMask.from_bounds(bounds),
        "canvas": lambda: ResizeCanvas(bounds),
        "frame": lambda: SetFrame(bounds),
        "generated": lambda: AddGenerated(picture, Point(bounds.x, bounds.y), b"{}", "sky"),
    }
    return choices[kind]()


KINDS = [
    *("add", "remove", "move", "duplicate", "translate", "opacity", "visible", "mode", "merge"),
    *("paint", "mask", "clear", "invert", "set mask", "canvas", "frame", "generated"),
]
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 50), boxes(200, 90)), min_size=1, max_size=10
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_undoing_all_and_redoing_all_give_the_identical_document(
    steps: list[tuple[str, int, Bounds]],
) -> None:
    document = document_with(solid(96, 64, RED), solid(50, 40, BLUE))
    stack = CommandStack(document)
    before = fingerprint(document)
    for step in steps:
        _push_if_possible(stack, command(document, *step))
        stack.seal()
    after = fingerprint(document)
    stack.go_to(0)
    assert fingerprint(document) == before
    assert stack.is_clean
    stack.go_to(len(stack.entries))
    assert fingerprint(document) == after


@pytest.mark.parametrize("memory", [2**30, 1])
@settings(max_examples=20, deadline=None)
@given(STEPS)
def test_every_step_back_is_the_document_of_that_step(
    memory: int, steps: list[tuple[str, int, Bounds]]
) -> None:
    document = document_with(solid(96, 64, RED), solid(50, 40, BLUE))
    with tempfile.TemporaryDirectory() as folder:
        stack = CommandStack(document, memory, Spool(lambda: Path(folder), AtOnce()))
        _walk_back_and_forth(document, stack, steps)


def _walk_back_and_forth(
    document: Document, stack: CommandStack, steps: list[tuple[str, int, Bounds]]
) -> None:
    states = [fingerprint(document)]
    for step in steps:
        if _push_if_possible(stack, command(document, *step)):
            states.append(fingerprint(document))
        stack.seal()
    while stack.can_undo:
        assert fingerprint(document) == states[stack.index]
        stack.undo()
    while stack.can_redo:
        assert fingerprint(document) == states[stack.index]
        stack.redo()


def _push_if_possible(stack: CommandStack, wanted: Command) -> bool:
    try:
        stack.push(wanted)
    except KnownError:  # there is no layer below, or one is hidden
        return False
    return True


def test_names_tell_what_would_be_undone_and_redone() -> None:
    stack = stack_of(2)
    assert (stack.undo_name, stack.redo_name) == ("step 1", "")
    stack.undo()
    assert (stack.undo_name, stack.redo_name) == ("step 0", "step 1")
    stack.undo()
    assert (stack.undo_name, stack.redo_name) == ("", "step 0")


def test_undo_and_redo_beyond_the_ends_do_nothing() -> None:
    stack = stack_of(1)
    heard = records(stack.changed)
    stack.redo()
    stack.undo()
    stack.undo()
    assert (stack.index, len(heard)) == (0, 1)


def test_a_new_command_forgets_what_was_undone() -> None:
    stack = stack_of(3)
    stack.go_to(1)
    stack.push(Costly(0, "other"))
    assert [entry.name for entry in stack.entries] == ["step 0", "other"]
    assert not stack.can_redo


def test_a_command_that_fails_leaves_the_history_alone() -> None:
    stack = stack_of(2)
    stack.undo()
    with pytest.raises(KnownError):
        stack.push(Failing(0))
    assert stack.can_redo
    assert len(stack.entries) == 2


def test_a_new_document_is_clean_until_something_is_done() -> None:
    stack = stack_of(0)
    assert stack.is_clean
    stack.push(Costly(0))
    assert not stack.is_clean
    stack.undo()
    assert stack.is_clean


def test_cleanness_follows_the_saved_state_through_undo_and_redo() -> None:
    stack = stack_of(3)
    stack.undo()
    stack.mark_saved()
    assert stack.is_clean
    stack.redo()
    assert not stack.is_clean
    stack.go_to(0)
    assert not stack.is_clean
    stack.go_to(2)
    assert stack.is_clean


def test_a_saved_state_that_was_forgotten_never_comes_back() -> None:
    stack = stack_of(3)
    stack.mark_saved()
    stack.go_to(1)
    stack.push(Costly(0))
    stack.push(Costly(0))
    assert stack.index == 3
    assert not stack.is_clean
    stack.go_to(0)
    assert not stack.is_clean


def test_the_oldest_are_dropped_beyond_the_limit_and_said_so() -> None:
    stack = stack_of(0, limit=100)
    dropped = records(stack.dropped)
    for number in range(5):
        stack.push(Costly(30, f"step {number}"))
    assert [entry.name for entry in stack.entries] == ["step 2", "step 3", "step 4"]
    assert dropped == [1, 1]
    assert stack.index == 3
    assert stack.cost == 90


def test_the_last_command_is_kept_whatever_it_costs() -> None:
    stack = stack_of(2, cost=5000)
    assert [entry.name for entry in stack.entries] == ["step 1"]


def test_dropping_what_came_before_the_saved_state_keeps_it_clean() -> None:
    stack = stack_of(3, cost=30, limit=100)
    stack.mark_saved()
    stack.push(Costly(30))
    stack.undo()
    assert stack.is_clean
    stack.redo()
    for _ in range(4):
        stack.push(Costly(30))
    stack.go_to(0)
    assert not stack.is_clean


def test_steps_of_one_slider_drag_merge() -> None:
    document = document_with(solid(8, 8, RED))
    stack = CommandStack(document)
    layer = document.layers[0]
    for opacity in (0.9, 0.8, 0.7):
        stack.push(SetLayerProperty(layer, "opacity", opacity))
    assert len(stack.entries) == 1
    stack.undo()
    assert layer.opacity == 1.0
    stack.redo()
    assert layer.opacity == 0.7


@pytest.mark.parametrize("between", ["seal", "mark_saved", "undo and redo"])
def test_a_new_drag_is_a_step_of_its_own(between: str) -> None:
    document = document_with(solid(8, 8, RED))
    stack = CommandStack(document)
    layer = document.layers[0]
    stack.push(SetLayerProperty(layer, "opacity", 0.9))
    if between == "undo and redo":
        stack.undo()
        stack.redo()
    else:
        getattr(stack, between)()
    stack.push(SetLayerProperty(layer, "opacity", 0.5))
    assert len(stack.entries) == 2
    stack.undo()
    assert layer.opacity == 0.9


def test_different_things_do_not_merge() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE))
    stack = CommandStack(document)
    lower, upper = document.layers
    stack.push(SetLayerProperty(lower, "opacity", 0.9))
    stack.push(SetLayerProperty(upper, "opacity", 0.9))
    stack.push(SetLayerProperty(upper, "name", "a"))
    stack.push(SetLayerProperty(upper, "name", "b"))
    stack.push(TranslateLayer(lower, 1, 1))
    stack.push(TranslateLayer(upper, 1, 1))
    assert len(stack.entries) == 6


def test_nudges_and_frame_drags_merge() -> None:
    document = document_with(solid(8, 8, RED))
    stack = CommandStack(document)
    for _ in range(3):
        stack.push(TranslateLayer(document.layers[0], 1, 2))
    for size in (10, 20):
        stack.push(SetFrame(Bounds(0, 0, size, size)))
    assert [entry.name for entry in stack.entries] == ["Move layer", "Set frame"]
    stack.undo()
    assert document.frame == SMALL
    stack.undo()
    assert document.layers[0].pixels.origin == (0, 0)


def test_a_history_that_was_closed_takes_what_comes_late() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    stack.push(AddLayer(RasterLayer("paper")))
    stack.close()
    stack.push(AddLayer(RasterLayer("late")))
    assert len(document.layers) == 2
