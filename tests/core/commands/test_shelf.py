"""Layers that a command keeps may wait on the disk, and come back whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.commands.generation import AddGenerated
from studio.core.commands.layer import AddLayer, RemoveLayer
from studio.core.commands.merging import FlattenImage, MergeDown
from studio.core.commands.stack import Command, CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.picture import Picture
from studio.core.spool import Spool, SpoolError
from tests.helpers.documents import rgba_noise
from tests.helpers.executors import AtOnce, Later
from tests.helpers.states import digest
from tests.helpers.trees import noise

PLACE = Bounds(-20, 10, 300, 200)


def document_with_layers() -> Document:
    document = Document(Bounds(0, 0, 320, 240))
    group = GroupLayer("group", [RasterLayer("inside", noise(PLACE, 1))])
    for layer in (RasterLayer("low", noise(PLACE, 2)), RasterLayer("high", noise(PLACE, 3)), group):
        document.layers.insert(len(document.layers), layer)
    return document


CHANGES: dict[str, Callable[[Document], Command]] = {
    "add": lambda _: AddLayer(RasterLayer("new", noise(PLACE, 4))),
    "keep": lambda _: AddGenerated(
        Picture.from_array(rgba_noise(PLACE, 5)), Point(3, 4), b"{}", "made"
    ),
    "remove": lambda document: RemoveLayer(document.layers[0]),
    "remove group": lambda document: RemoveLayer(document.layers[2]),
    "merge": lambda document: MergeDown(document.layers[1]),
    "flatten": lambda _: FlattenImage(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_layer_on_the_disk_comes_back_whole(tmp_path: Path, change: str) -> None:
    document = document_with_layers()
    # So little memory that everything but the next step goes to the disk.
    stack = CommandStack(document, 1, Spool(lambda: tmp_path, AtOnce()))
    states = [digest(document)]
    stack.push(CHANGES[change](document))
    states.append(digest(document))
    for number in range(2):
        stack.push(AddLayer(RasterLayer(f"more {number}", noise(PLACE, number))))
        states.append(digest(document))
    for index in (0, 3, 1, 2, 0, 1, 0, 3):
        stack.go_to(index)
        assert digest(document) == states[index]
    assert len(stack.entries) == 3


def test_what_is_removed_weighs_nothing_once_it_is_on_the_disk(tmp_path: Path) -> None:
    document = document_with_layers()
    spool = Spool(lambda: tmp_path, AtOnce())
    stack = CommandStack(document, 1, spool)
    for _ in range(2):
        stack.push(RemoveLayer(document.layers[0]))
    stack.push(AddLayer(RasterLayer("empty")))
    assert stack.cost == 0
    assert spool.used > 0
    stack.go_to(0)
    assert len(document.layers) == 3


def test_a_layer_that_comes_back_while_it_is_written_stays_whole(tmp_path: Path) -> None:
    document = document_with_layers()
    before = digest(document)
    executor = Later()
    stack = CommandStack(document, 1, Spool(lambda: tmp_path, executor))
    stack.push(RemoveLayer(document.layers[0]))
    stack.push(AddLayer(RasterLayer("empty")))
    stack.go_to(0)
    executor.work()
    stack.go_to(2)
    stack.go_to(0)
    assert digest(document) == before


def test_a_layer_that_the_disk_lost_leaves_the_document_as_it_is(tmp_path: Path) -> None:
    document = document_with_layers()
    stack = CommandStack(document, 1, Spool(lambda: tmp_path, AtOnce()))
    stack.push(RemoveLayer(document.layers[0]))
    after = digest(document)
    stack.push(AddLayer(RasterLayer("empty")))
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(SpoolError):
        stack.go_to(0)
    assert digest(document) == after
    assert not stack.can_undo
