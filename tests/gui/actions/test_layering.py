"""What the layer menu does to the chosen layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.commands.grouping import GroupLayers
from studio.core.commands.layer import AddLayer, MoveLayer
from studio.core.commands.masking import AddMask
from studio.core.commands.selection import SetSelection
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Layer, Locks, RasterLayer
from studio.core.selection import rectangle
from studio.gui.actions.layering import Layering
from studio.gui.background import Background
from studio.gui.workspace import Workspace
from tests.helpers.pictures import smooth

CANVAS = Bounds(0, 0, 100, 80)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """Layers "a", "b" and "c", the lowest first; "c" is active."""
    workspace = Workspace()
    workspace.replace_document(Document(CANVAS))
    for name in "abc":
        workspace.stack.push(AddLayer(RasterLayer.from_picture(name, smooth(40, 30))))
    return workspace


@pytest.fixture
def layering(workspace: Workspace) -> Iterator[Layering]:
    background = Background(1)
    yield Layering(workspace, background)
    background.close()


def names(layers: object) -> list[str]:
    return [layer.name for layer in layers]  # type: ignore[attr-defined]


def choose(workspace: Workspace, wanted: str) -> list[Layer]:
    layers = [layer for layer in workspace.document.walk() if layer.name in wanted]
    workspace.current.choose(layers, layers[-1])
    return layers


def test_the_chosen_layers_move_and_are_removed_together(
    workspace: Workspace, layering: Layering
) -> None:
    choose(workspace, "ab")
    layering.move(1)
    assert names(workspace.document.layers) == ["c", "a", "b"]
    layering.move(1)
    assert names(workspace.document.layers) == ["c", "a", "b"]
    layering.remove()
    assert names(workspace.document.layers) == ["c"]
    workspace.stack.undo()
    assert names(workspace.document.layers) == ["c", "a", "b"]


def test_copies_lie_directly_above_their_layers(workspace: Workspace, layering: Layering) -> None:
    choose(workspace, "ac")
    layering.duplicate()
    assert names(workspace.document.layers) == ["a", "a copy", "b", "c", "c copy"]
    workspace.stack.undo()
    assert names(workspace.document.layers) == ["a", "b", "c"]


def test_layers_are_grouped_and_ungrouped(workspace: Workspace, layering: Layering) -> None:
    choose(workspace, "bc")
    layering.group_chosen()
    group = workspace.document.active
    assert isinstance(group, GroupLayer)
    assert names(group.layers) == ["b", "c"]
    layering.ungroup()
    assert names(workspace.document.layers) == ["a", "b", "c"]


def test_a_flattened_group_is_a_plain_layer(workspace: Workspace, layering: Layering) -> None:
    before = workspace.document.flatten()
    choose(workspace, "bc")
    layering.group_chosen()
    assert layering.can_rasterise()
    layering.flatten_group()
    assert not layering.can_rasterise()
    assert workspace.document.flatten() == before


def test_switches_follow_the_active_layer(workspace: Workspace, layering: Layering) -> None:
    a, b, c = workspace.document.layers
    a.visible = False
    choose(workspace, "ac")
    layering.turn_over("visible")
    assert [layer.visible for layer in (a, b, c)] == [False, True, False]
    layering.turn_over("visible", b)
    assert not b.visible
    layering.turn_lock("alpha")
    assert a.locks == c.locks == Locks(alpha=True)


def test_a_new_mask_shows_what_is_selected(workspace: Workspace, layering: Layering) -> None:
    selected = Bounds(0, 0, 10, 80)
    workspace.stack.push(SetSelection(rectangle(selected)))
    layering.add_mask()
    layer = workspace.document.active
    assert layer is not None and layer.mask is not None
    assert workspace.document.editing_mask
    assert layer.mask.used_bounds() == selected
    layering.remove_mask(apply=True)
    assert layer.mask is None
    assert not workspace.document.editing_mask
    assert isinstance(layer, RasterLayer)
    assert layer.surface.used_bounds() == Bounds(0, 0, 10, 30)


def test_a_layer_becomes_the_selection(
    qtbot: QtBot, workspace: Workspace, layering: Layering
) -> None:
    layering.select()
    qtbot.waitUntil(lambda: workspace.document.has_selection)
    assert workspace.document.selection.used_bounds() == Bounds(0, 0, 40, 30)


def test_what_cannot_be_done_is_said(workspace: Workspace, layering: Layering) -> None:
    said: list[str] = []
    layering.refused.connect(said.append)
    choose(workspace, "a")
    assert not layering.can_merge()
    layering.merge()
    assert "no layer below" in said[0]


def test_without_a_layer_nothing_happens(workspace: Workspace, layering: Layering) -> None:
    workspace.replace_document(Document(CANVAS))
    for call in (layering.remove, layering.duplicate, layering.merge, layering.add_mask):
        call()
    layering.move(1)
    layering.turn_over("visible")
    assert not workspace.stack.can_undo
    layering.add()
    assert names(workspace.document.layers) == ["Layer 1"]


def test_one_goes_from_layer_to_layer_by_key(workspace: Workspace, layering: Layering) -> None:
    layering.choose(-1)
    assert workspace.document.active is workspace.document.layers[1]
    layering.choose(1)
    layering.choose(1)
    assert workspace.document.active is workspace.document.layers[2]


def test_large_layers_are_flattened_on_another_thread(
    workspace: Workspace, layering: Layering, qtbot: QtBot
) -> None:
    for layer in workspace.document.walk():
        layer.translate(5000, 5000)
    workspace.stack.push(AddLayer(RasterLayer.from_picture("far", smooth(40, 30))))
    workspace.stack.push(MoveLayer(workspace.document.layers[-1], None, 0))
    workspace.stack.push(GroupLayers(list(workspace.document.layers)))
    layering.flatten_group()
    assert isinstance(workspace.document.layers[0], GroupLayer)
    qtbot.waitUntil(lambda: isinstance(workspace.document.layers[0], RasterLayer))
    workspace.stack.undo()
    assert isinstance(workspace.document.layers[0], GroupLayer)


def test_flattening_is_given_up_when_layers_go_meanwhile(
    workspace: Workspace, layering: Layering, qtbot: QtBot
) -> None:
    group = GroupLayer("group", [RasterLayer.from_picture("far", smooth(40, 30))])
    group.layers[0].translate(5000, 5000)
    group.layers.insert(1, RasterLayer.from_picture("near", smooth(40, 30)))
    workspace.stack.push(AddLayer(group))
    layering.flatten_group()
    with qtbot.waitSignal(layering.refused) as refusal:
        workspace.stack.undo()
    assert "meanwhile" in refusal.args[0]
    assert names(workspace.document.layers) == ["a", "b", "c"]


def test_the_mask_of_a_large_layer_is_applied_on_another_thread(
    workspace: Workspace, layering: Layering, qtbot: QtBot
) -> None:
    layer = RasterLayer.from_picture("wide", smooth(40, 30))
    layer.surface.write(Bounds(20_000, 0, 10, 10), np.full((10, 10, 4), 255, np.uint8))
    workspace.stack.push(AddLayer(layer))
    workspace.stack.push(AddMask(layer))
    layering.remove_mask(apply=True)
    assert layer.mask is not None
    qtbot.waitUntil(lambda: layer.mask is None)
    assert workspace.stack.undo_name == "Apply layer mask"
