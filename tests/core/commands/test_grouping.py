from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.blend import BlendMode
from studio.core.commands.grouping import GroupLayers, Ungroup
from studio.core.commands.layer import (
    AddLayer,
    DuplicateLayer,
    MoveLayer,
    RemoveLayer,
    SetLayerProperty,
)
from studio.core.commands.stack import CommandStack
from studio.core.compositor import compose
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Layer, RasterLayer
from studio.core.tiles import MaskSurface
from tests.helpers.documents import RED, SMALL, fingerprint, rgba_noise, solid


def sheet(name: str, seed: int | None = None, **look: Any) -> RasterLayer:
    if seed is None:
        return RasterLayer.from_picture(name, solid(*SMALL.extent, RED), **look)
    layer = RasterLayer(name, **look)
    layer.surface.write(SMALL, rgba_noise(SMALL, seed))
    return layer


def named(document: Document, name: str) -> Layer:
    return next(layer for layer in document.walk() if layer.name == name)


def tree(layers: Any) -> list[Any]:
    """The names, the lowest first; a group's as a pair with what it holds."""
    return [
        (layer.name, tree(layer.layers)) if isinstance(layer, GroupLayer) else layer.name
        for layer in layers
    ]


@pytest.fixture
def document() -> Document:
    """Four layers, the two in the middle in a group."""
    made = Document(SMALL)
    group = GroupLayer("group", [sheet("b", 2), sheet("c", 3)])
    for layer in (sheet("a", 1), group, sheet("d", 4)):
        made.layers.insert(len(made.layers), layer)
    return made


def half_mask() -> MaskSurface:
    mask = MaskSurface(fill=255)
    mask.write(Bounds(0, 0, 40, 40), np.zeros((40, 40), dtype=np.uint8))
    return mask


def test_layers_are_grouped_at_the_place_of_the_topmost(document: Document) -> None:
    stack = CommandStack(document)
    stack.push(GroupLayers([named(document, "d"), named(document, "a")], "pair"))
    assert tree(document.layers) == [("group", ["b", "c"]), ("pair", ["a", "d"])]
    assert document.active is named(document, "pair")


def test_layers_from_several_stacks_are_grouped(document: Document) -> None:
    stack = CommandStack(document)
    before = fingerprint(document)
    stack.push(GroupLayers([named(document, "c"), named(document, "a")], "pair"))
    assert tree(document.layers) == [("group", ["b", ("pair", ["a", "c"])]), "d"]
    stack.undo()
    assert fingerprint(document) == before


def test_a_group_takes_along_what_it_holds(document: Document) -> None:
    chosen = [named(document, name) for name in ("group", "b", "d")]
    CommandStack(document).push(GroupLayers(chosen, "all"))
    assert tree(document.layers) == ["a", ("all", [("group", ["b", "c"]), "d"])]


def test_grouping_neighbours_changes_nothing_that_is_seen(document: Document) -> None:
    before = document.flatten()
    CommandStack(document).push(GroupLayers([named(document, "a"), named(document, "group")]))
    assert document.flatten() == before


def test_layers_that_are_clipped_are_clipped_as_a_group() -> None:
    document = Document(SMALL)
    base, *upper = sheet("a", 1), sheet("b", 2, clipped=True), sheet("c", 3, clipped=True)
    for layer in (base, *upper):
        document.layers.insert(len(document.layers), layer)
    before, picture = fingerprint(document), compose(document, SMALL).astype(int)
    stack = CommandStack(document)
    stack.push(GroupLayers(upper))
    assert document.layers[1].clipped
    assert np.abs(compose(document, SMALL) - picture).max() <= 2
    stack.undo()
    assert fingerprint(document) == before


def test_nothing_cannot_be_grouped(document: Document) -> None:
    with pytest.raises(KnownError, match="no layer"):
        CommandStack(document).push(GroupLayers([]))


def test_ungrouping_leaves_the_layers_in_place_of_the_group(document: Document) -> None:
    before, picture = fingerprint(document), compose(document, SMALL).astype(int)
    document.active = named(document, "group")
    stack = CommandStack(document)
    group = document.layers[1]
    assert isinstance(group, GroupLayer)
    stack.push(Ungroup(group))
    assert tree(document.layers) == ["a", "b", "c", "d"]
    assert document.active is named(document, "c")
    assert np.abs(compose(document, SMALL) - picture).max() <= 1
    stack.undo()
    assert fingerprint(document) == before
    assert document.active is group


@pytest.mark.parametrize(
    "look",
    [
        {"visible": False},
        {"mask": half_mask()},
        {"opacity": 0.5},
        {"blend_mode": BlendMode.SCREEN, "opacity": 0.8},
        {"clipped": True},
    ],
)
def test_a_layer_alone_in_a_group_looks_the_same_without_it(look: dict[str, Any]) -> None:
    document = Document(SMALL)
    group = GroupLayer("group", [sheet("b", 2, mask=half_mask())], **look)
    document.layers.insert(0, sheet("a", 1))
    document.layers.insert(1, group)
    before, picture = fingerprint(document), compose(document, SMALL).astype(int)
    stack = CommandStack(document)
    stack.push(Ungroup(group))
    assert np.abs(compose(document, SMALL) - picture).max() <= 2
    stack.undo()
    assert fingerprint(document) == before
    stack.redo()
    assert np.abs(compose(document, SMALL) - picture).max() <= 2


def test_layers_of_a_masked_group_are_masked_without_it() -> None:
    document = Document(SMALL)
    group = GroupLayer("group", [sheet("a"), sheet("b", 2)], mask=half_mask())
    document.layers.insert(0, group)
    picture = document.flatten()
    CommandStack(document).push(Ungroup(group))
    assert document.flatten() == picture


def test_a_layer_is_moved_into_a_group_and_out_again(document: Document) -> None:
    stack, group = CommandStack(document), document.layers[1]
    assert isinstance(group, GroupLayer)
    stack.push(MoveLayer(document.layers[0], group, 1))
    assert tree(document.layers) == [("group", ["b", "a", "c"]), "d"]
    stack.push(MoveLayer(named(document, "c"), None, 2))
    assert tree(document.layers) == [("group", ["b", "a"]), "d", "c"]
    stack.undo()
    stack.undo()
    assert tree(document.layers) == ["a", ("group", ["b", "c"]), "d"]


def test_moving_a_layer_leaves_the_active_one(document: Document) -> None:
    document.active = named(document, "d")
    group = document.layers[1]
    assert isinstance(group, GroupLayer)
    CommandStack(document).push(MoveLayer(document.active, group, 0))
    assert document.active is named(document, "d")


def test_a_group_cannot_be_moved_into_itself(document: Document) -> None:
    group, inner = document.layers[1], GroupLayer("inner")
    assert isinstance(group, GroupLayer)
    group.layers.insert(0, inner)
    for parent in (group, inner):
        with pytest.raises(KnownError, match="into itself"):
            CommandStack(document).push(MoveLayer(group, parent, 0))
    assert document.layers[1] is group


def test_a_new_layer_goes_above_the_active_one_inside_its_group(document: Document) -> None:
    document.active = named(document, "b")
    stack = CommandStack(document)
    stack.push(AddLayer(RasterLayer("new")))
    assert tree(document.layers) == ["a", ("group", ["b", "new", "c"]), "d"]
    stack.undo()
    assert tree(document.layers) == ["a", ("group", ["b", "c"]), "d"]
    assert document.active is named(document, "b")


def test_a_new_layer_goes_into_the_group_that_is_named(document: Document) -> None:
    group = document.layers[1]
    assert isinstance(group, GroupLayer)
    CommandStack(document).push(AddLayer(RasterLayer("new"), parent=group))
    assert tree(document.layers) == ["a", ("group", ["b", "c", "new"]), "d"]


def test_a_group_is_removed_with_all_that_it_holds(document: Document) -> None:
    document.active, before = named(document, "c"), fingerprint(document)
    stack = CommandStack(document)
    stack.push(RemoveLayer(document.layers[1]))
    assert tree(document.layers) == ["a", "d"]
    assert document.active is named(document, "a")
    stack.undo()
    assert fingerprint(document) == before
    assert document.active is named(document, "c")


def test_removing_the_last_layer_of_a_group_activates_the_group(document: Document) -> None:
    stack, group = CommandStack(document), document.layers[1]
    for name in ("b", "c"):
        document.active = named(document, name)
        stack.push(RemoveLayer(document.active))
    assert document.active is group


def test_a_duplicate_of_a_group_has_layers_of_its_own(document: Document) -> None:
    group = document.layers[1]
    CommandStack(document).push(DuplicateLayer(group, document))
    assert tree(document.layers) == [
        "a",
        ("group", ["b", "c"]),
        ("group copy", ["b", "c"]),
        "d",
    ]
    ids = [layer.id for layer in document.walk()]
    assert len(set(ids)) == len(ids)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["group", "ungroup", "move", "remove", "duplicate", "add", "set"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=7,
)


def push(stack: CommandStack, document: Document, kind: str, first: int, second: int) -> None:
    layers = list(document.walk())
    if not layers:
        raise KnownError("There is no layer to do anything with.")
    one, other = layers[first % len(layers)], layers[second % len(layers)]
    groups = [None, *(layer for layer in layers if isinstance(layer, GroupLayer))]
    parent = groups[second % len(groups)]
    match kind:
        case "group":
            stack.push(GroupLayers([one, other]))
        case "ungroup" if isinstance(one, GroupLayer) and len(layers) > 1:
            stack.push(Ungroup(one))
        case "move":
            target = document.layers if parent is None else parent.layers
            stack.push(MoveLayer(one, parent, second % max(1, len(target))))
        case "remove" if len(layers) > 2:
            stack.push(RemoveLayer(one))
        case "duplicate" if len(layers) < 12:
            stack.push(DuplicateLayer(one, document))
        case "add":
            stack.push(AddLayer(sheet(f"new {first}", first), parent=parent))
        case _:
            stack.push(SetLayerProperty(one, "clipped", not one.clipped))


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_whatever_is_done_to_the_tree_is_undone_and_redone(
    steps: list[tuple[str, int, int]],
) -> None:
    document = Document(SMALL)
    group = GroupLayer("group", [sheet("b", 2), sheet("c", 3)], opacity=0.5)
    for layer in (sheet("a", 1), group):
        document.layers.insert(len(document.layers), layer)
    stack, states = CommandStack(document), [fingerprint(document)]
    for kind, first, second in steps:
        try:
            push(stack, document, kind, first, second)
        except KnownError:
            assert fingerprint(document) == states[-1]
            continue
        states.append(fingerprint(document))
    for state in reversed(states[:-1]):
        stack.undo()
        assert fingerprint(document) == state
    for state in states[1:]:
        stack.redo()
        assert fingerprint(document) == state
