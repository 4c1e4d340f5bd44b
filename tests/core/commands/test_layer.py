from __future__ import annotations

import numpy as np
import pytest

from studio.core.blend import BlendMode
from studio.core.commands.generation import AddGenerated
from studio.core.commands.group import CommandGroup
from studio.core.commands.layer import (
    AddLayer,
    DuplicateLayer,
    MoveLayer,
    Property,
    RemoveLayer,
    RenameLayer,
    SetLayerProperty,
)
from studio.core.commands.merging import MergeDown
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer, RasterLayer
from studio.core.picture import Picture
from tests.helpers.documents import (
    BLUE,
    GREEN,
    RED,
    SMALL,
    document_with,
    fingerprint,
    rgba_noise,
    solid,
)


def names(document: Document) -> list[str]:
    return [layer.name for layer in document.layers]


def test_a_new_layer_goes_above_the_active_one_and_becomes_active() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE))
    document.active = document.layers[0]
    stack = CommandStack(document)
    stack.push(AddLayer(RasterLayer("new")))
    assert names(document) == ["layer 0", "new", "layer 1"]
    assert document.active is document.layers[1]
    stack.undo()
    assert document.active is document.layers[0]


def test_removing_the_active_layer_activates_the_one_below() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE), solid(8, 8, GREEN))
    document.active = document.layers[1]
    stack = CommandStack(document)
    stack.push(RemoveLayer(document.layers[1]))
    assert document.active is document.layers[0]
    stack.undo()
    assert names(document) == ["layer 0", "layer 1", "layer 2"]
    assert document.active is document.layers[1]


def test_removing_another_layer_leaves_the_active_one() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE))
    document.active = document.layers[1]
    CommandStack(document).push(RemoveLayer(document.layers[0]))
    assert document.active is document.layers[0]


def test_reordering_changes_what_is_on_top() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE))
    stack = CommandStack(document)
    stack.push(MoveLayer(document.layers[1], None, 0))
    assert names(document) == ["layer 1", "layer 0"]
    assert tuple(document.flatten(Bounds(0, 0, 1, 1)).data) == (*RED, 255)
    stack.undo()
    assert tuple(document.flatten(Bounds(0, 0, 1, 1)).data) == (*BLUE, 255)


def test_a_duplicate_lies_above_its_original() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE))
    CommandStack(document).push(DuplicateLayer(document.layers[0], document))
    assert names(document) == ["layer 0", "layer 0 copy", "layer 1"]


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("visible", False, "Hide layer"),
        ("visible", True, "Show layer"),
        ("locked", True, "Lock layer"),
        ("locked", False, "Unlock layer"),
        ("opacity", 0.5, "Layer opacity"),
        ("blend_mode", BlendMode.SCREEN, "Blend mode"),
        ("name", "sky", "Rename layer"),
    ],
)
def test_setting_a_property_says_what_it_does(key: Property, value: object, name: str) -> None:
    document = document_with(solid(8, 8, RED))
    layer = document.layers[0]
    command = SetLayerProperty(layer, key, value)
    before = getattr(layer, key)
    command.do(document)
    assert getattr(layer, key) == value
    assert command.name == name
    command.undo(document)
    assert getattr(layer, key) == before


def test_renaming_is_undone() -> None:
    document = document_with(solid(8, 8, RED))
    stack = CommandStack(document)
    stack.push(RenameLayer(document.layers[0], "sky"))
    assert names(document) == ["sky"]
    stack.undo()
    assert names(document) == ["layer 0"]


def test_merging_down_looks_as_before() -> None:
    document = document_with(solid(96, 64, GREEN))
    for number in (1, 2):
        layer = RasterLayer(f"layer {number}", opacity=0.6)
        layer.surface.write(Bounds(-20, 5, 80, 40), rgba_noise(Bounds(-20, 5, 80, 40), number))
        document.layers.insert(number, layer)
    before = document.flatten().array().astype(int)
    CommandStack(document).push(MergeDown(document.layers[2]))
    assert names(document) == ["layer 0", "layer 1"]
    assert np.abs(document.flatten().array().astype(int) - before).max() <= 3


def test_merging_keeps_the_lower_ones_name_and_mode_and_both_come_back() -> None:
    document = document_with(solid(96, 64, GREEN), solid(20, 20, RED), solid(10, 10, BLUE))
    document.layers[1].blend_mode = BlendMode.SCREEN
    before = fingerprint(document)
    stack = CommandStack(document)
    stack.push(MergeDown(document.layers[2]))
    assert names(document) == ["layer 0", "layer 1"]
    assert document.layers[1].blend_mode is BlendMode.SCREEN
    assert document.active is document.layers[1]
    stack.undo()
    assert fingerprint(document) == before


def test_what_cannot_be_merged_is_refused_with_a_reason() -> None:
    document = document_with(solid(8, 8, RED), solid(8, 8, BLUE))
    stack = CommandStack(document)
    with pytest.raises(KnownError, match="no layer below"):
        stack.push(MergeDown(document.layers[0]))
    document.layers[0].locked = True
    with pytest.raises(KnownError, match="locked"):
        stack.push(MergeDown(document.layers[1]))
    document.layers[0].locked = False
    document.layers[1].visible = False
    with pytest.raises(KnownError, match="hidden"):
        stack.push(MergeDown(document.layers[1]))
    assert names(document) == ["layer 0", "layer 1"]


def test_a_generated_patch_changes_nothing_where_it_is_transparent() -> None:
    document = document_with(solid(96, 64, RED))
    before = document.flatten().array()
    patch = np.zeros((20, 20, 4), dtype=np.uint8)
    patch[5:15, 5:15] = (*BLUE, 255)
    command = AddGenerated(
        Picture.from_array(patch), Point(10, 10), b'{"task": 1}', "a blue square"
    )
    CommandStack(document).push(command)
    after = document.flatten().array()
    assert (after[15:25, 15:25] == (*BLUE, 255)).all()
    changed = (after != before).any(axis=2)
    assert changed.sum() == 100
    layer = document.layers[1]
    assert isinstance(layer, GeneratedLayer)
    assert layer is command.layer
    assert (layer.name, layer.recipe) == ("a blue square", b'{"task": 1}')
    assert layer.area == Bounds(10, 10, 20, 20)


def test_a_group_is_one_step() -> None:
    document = document_with(solid(8, 8, RED))
    stack = CommandStack(document)
    before = fingerprint(document)
    first, second = RasterLayer("first"), RasterLayer("second")
    stack.push(CommandGroup("Add two", [AddLayer(first), AddLayer(second)]))
    assert names(document) == ["layer 0", "first", "second"]
    assert stack.undo_name == "Add two"
    stack.undo()
    assert fingerprint(document) == before


def test_a_group_of_which_one_fails_does_nothing() -> None:
    document = document_with(solid(8, 8, RED))
    stack = CommandStack(document)
    before = fingerprint(document)
    layer = RasterLayer("first", visible=False)
    with pytest.raises(KnownError):
        stack.push(CommandGroup("Add and merge", [AddLayer(layer), MergeDown(layer)]))
    assert fingerprint(document) == before
    assert not stack.can_undo


def test_a_layer_costs_the_history_only_while_the_document_does_not_hold_it() -> None:
    document = Document(SMALL)
    layer = RasterLayer.from_picture("full", solid(1, 1, RED))
    stack = CommandStack(document)
    stack.push(AddLayer(layer))
    costs = [stack.cost]
    stack.undo()
    costs.append(stack.cost)
    stack.redo()
    stack.push(RemoveLayer(layer))
    costs.append(stack.cost)
    assert costs == [0, layer.surface.size, layer.surface.size]
