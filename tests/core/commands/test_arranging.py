"""Several layers at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.commands.arranging import MoveLayers, SetProperties, outermost
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Layer, RasterLayer

NAMES = "abcdef"


def document_of(names: str, *, grouped: str = "") -> tuple[Document, GroupLayer]:
    """Layers of these names, the lowest first, and on top of them a group with others."""
    document = Document(Bounds(0, 0, 64, 64))
    for name in names:
        document.layers.insert(len(document.layers), RasterLayer(name))
    group = GroupLayer("group", [RasterLayer(name) for name in grouped])
    document.layers.insert(len(document.layers), group)
    return document, group


def named(document: Document, names: str) -> list[Layer]:
    return [layer for layer in document.walk() if layer.name in names]


def spelled(layers: object) -> str:
    return "".join(layer.name for layer in layers if len(layer.name) == 1)  # type: ignore[attr-defined]


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.integers(0, len(NAMES)))
def test_layers_moved_within_a_stack_keep_their_order_and_lie_above_the_gap(
    chosen: set[str], gap: int
) -> None:
    document, _ = document_of(NAMES)
    below = [name for name in NAMES[:gap] if name not in chosen]
    above = [name for name in NAMES[gap:] if name not in chosen]
    command = MoveLayers(document, named(document, "".join(chosen)), None, gap)
    command.do(document)
    assert spelled(document.layers) == "".join([*below, *sorted(chosen), *above])
    command.undo(document)
    assert spelled(document.layers) == NAMES


def test_layers_move_into_a_group_and_out_again() -> None:
    document, group = document_of("abc", grouped="xy")
    command = MoveLayers(document, named(document, "ac"), group, 1)
    command.do(document)
    assert spelled(group.layers) == "xacy"
    assert spelled(document.layers) == "b"
    out = MoveLayers(document, named(document, "xy"), None, 0)
    out.do(document)
    assert spelled(document.layers) == "xyb"
    out.undo(document)
    command.undo(document)
    assert (spelled(document.layers), spelled(group.layers)) == ("abc", "xy")


def test_what_lies_in_a_moved_group_goes_with_it() -> None:
    document, group = document_of("a", grouped="xy")
    wanted = [*group.layers, group]
    assert outermost(document, wanted) == [group]
    MoveLayers(document, wanted, None, 0).do(document)
    assert document.layers[0] is group
    assert spelled(group.layers) == "xy"


def test_a_group_is_not_moved_into_itself() -> None:
    document, group = document_of("a", grouped="x")
    inner = GroupLayer("inner")
    group.layers.insert(1, inner)
    for target in (group, inner):
        with pytest.raises(KnownError):
            MoveLayers(document, [group], target, 0)


def test_a_slider_for_several_layers_is_one_step() -> None:
    document, _ = document_of("abc")
    stack, layers = CommandStack(document), named(document, "ab")
    layers[0].opacity = 0.3
    for opacity in (0.9, 0.7, 0.5):
        stack.push(SetProperties(layers, "opacity", opacity))
    assert [layer.opacity for layer in layers] == [0.5, 0.5]
    stack.undo()
    assert [layer.opacity for layer in layers] == [0.3, 1.0]
    assert not stack.can_undo


def test_another_selection_is_another_step() -> None:
    document, _ = document_of("abc")
    stack = CommandStack(document)
    stack.push(SetProperties(named(document, "ab"), "opacity", 0.5))
    stack.push(SetProperties(named(document, "bc"), "opacity", 0.4))
    stack.undo()
    assert [layer.opacity for layer in named(document, "abc")] == [0.5, 0.5, 1.0]
