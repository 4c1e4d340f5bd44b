"""The tree of layers, as Qt's own tester and hypothesis see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer, SetLayerProperty
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Layer, Locks, RasterLayer
from studio.gui.background import Background
from studio.gui.models.layers import LayerRole, LayersModel, states_of
from studio.gui.workspace import Workspace

CANVAS = Bounds(0, 0, 64, 64)
MOVE = Qt.DropAction.MoveAction
NAMES = ("roof", "house", "door", "room", "chair", "table")


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """From the top: "roof", and a house with a room in it, which holds a chair and a table."""
    workspace = Workspace()
    room = GroupLayer("room", [RasterLayer("table"), RasterLayer("chair")])
    document = Document(CANVAS)
    document.layers.insert(0, GroupLayer("house", [room, RasterLayer("door")]))
    document.layers.insert(1, RasterLayer("roof"))
    workspace.replace_document(document)
    return workspace


@pytest.fixture
def model(workspace: Workspace) -> Iterator[LayersModel]:
    background = Background(1)
    yield LayersModel(workspace, background)
    background.close()


def outline(model: LayersModel, parent: QModelIndex | None = None) -> list[object]:
    """The names, with lists for what lies in groups."""
    parent = parent or QModelIndex()
    lines: list[object] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        lines.append(index.data())
        if model.rowCount(index):
            lines.append(outline(model, index))
    return lines


def index_of(model: LayersModel, name: str) -> QModelIndex:
    return model.index_of(next(layer for layer in model.layers() if layer.name == name))


def dragged(model: LayersModel, *names: str) -> QMimeData:
    return model.mimeData([index_of(model, name) for name in names])


def test_the_model_keeps_the_rules_that_qt_has_for_trees(
    workspace: Workspace, model: LayersModel
) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    workspace.stack.push(AddLayer(RasterLayer("cloud")))
    model.dropMimeData(dragged(model, "cloud"), MOVE, -1, 0, index_of(model, "room"))
    workspace.stack.undo()
    workspace.stack.undo()
    workspace.new_document(Document(CANVAS))
    assert tester.model() is model


def test_groups_hold_their_layers_the_topmost_first(model: LayersModel) -> None:
    assert outline(model) == ["roof", "house", ["door", "room", ["chair", "table"]]]
    depths = {
        layer.name: index_of(model, layer.name).data(LayerRole.DEPTH) for layer in model.layers()
    }
    assert depths == {"roof": 0, "house": 0, "door": 1, "room": 1, "chair": 2, "table": 2}


def test_layers_are_dropped_between_rows_and_on_groups(
    workspace: Workspace, model: LayersModel
) -> None:
    model.dropMimeData(dragged(model, "table"), MOVE, 0, 0, QModelIndex())
    assert outline(model) == ["table", "roof", "house", ["door", "room", ["chair"]]]
    model.dropMimeData(dragged(model, "roof"), MOVE, -1, 0, index_of(model, "room"))
    assert outline(model) == ["table", "house", ["door", "room", ["roof", "chair"]]]
    model.dropMimeData(dragged(model, "chair", "door"), MOVE, -1, 0, QModelIndex())
    assert outline(model) == ["table", "house", ["room", ["roof"]], "door", "chair"]
    for _ in range(3):
        workspace.stack.undo()
    assert outline(model) == ["roof", "house", ["door", "room", ["chair", "table"]]]


def test_a_group_is_not_dropped_into_itself_nor_onto_a_plain_layer(model: LayersModel) -> None:
    house = dragged(model, "house")
    for name in ("house", "room", "roof"):
        assert not model.canDropMimeData(house, MOVE, -1, 0, index_of(model, name))
    words = QMimeData()
    words.setText("roof")
    assert not model.canDropMimeData(words, MOVE, 0, 0, QModelIndex())


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parent=st.sampled_from(["", *NAMES]),
    row=st.integers(-1, 4),
    names=st.sets(st.sampled_from(NAMES), min_size=1),
)
def test_whatever_is_dropped_wherever_no_layer_is_lost(
    workspace: Workspace, model: LayersModel, parent: str, row: int, names: set[str]
) -> None:
    workspace.stack.go_to(0)
    target = index_of(model, parent) if parent else QModelIndex()
    row = min(row, model.rowCount(target))
    model.dropMimeData(dragged(model, *names), MOVE, row, 0, target)
    assert sorted(layer.name for layer in workspace.document.walk()) == sorted(NAMES)


@pytest.mark.parametrize(
    ("layer", "states"),
    [
        (RasterLayer("plain"), []),
        (GroupLayer("all", clipped=True), ["group", "clipped"]),
        (RasterLayer("faint", opacity=0.4, visible=False), ["40%", "hidden"]),
        (RasterLayer("kept", locks=Locks(pixels=True, position=True)), ["locked"]),
        (RasterLayer("still", locks=Locks(position=True)), ["position locked"]),
    ],
)
def test_what_is_particular_about_a_layer_is_said(layer: Layer, states: list[str]) -> None:
    assert states_of(layer) == states


def test_a_property_that_was_set_is_told(
    qtbot: QtBot, workspace: Workspace, model: LayersModel
) -> None:
    table = next(layer for layer in workspace.document.walk() if layer.name == "table")
    with qtbot.waitSignal(model.dataChanged) as changed:
        workspace.stack.push(SetLayerProperty(table, "visible", False))
    assert changed.args is not None
    assert changed.args[0] == index_of(model, "table")
