from __future__ import annotations

import numpy as np
import pytest

from studio.core.commands.masking import AddMask, RemoveMask
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.tiles import MaskSurface, Snapshot
from tests.helpers.documents import RED, SMALL, document_with, fingerprint, rgba_noise, solid


def noisy_mask() -> Snapshot:
    mask = MaskSurface()
    mask.write(SMALL, rgba_noise(SMALL, 3)[..., 0])
    return mask.snapshot()


@pytest.fixture
def document() -> Document:
    made = document_with(solid(*SMALL.extent, RED))
    layer = made.layers[0]
    assert isinstance(layer, RasterLayer)
    layer.surface.translate(300, 10)
    layer.surface.write(Bounds(5, 5, 20, 20), rgba_noise(Bounds(5, 5, 20, 20), 1))
    return made


def test_a_new_mask_hides_nothing(document: Document) -> None:
    before, picture = fingerprint(document), document.flatten()
    stack = CommandStack(document)
    stack.push(AddMask(document.layers[0]))
    assert document.layers[0].mask is not None
    assert document.flatten() == picture
    stack.undo()
    assert fingerprint(document) == before


def test_a_mask_can_be_given_what_to_show(document: Document) -> None:
    CommandStack(document).push(AddMask(document.layers[0], MaskSurface().snapshot()))
    assert not document.flatten().array().any()


def test_another_mask_takes_the_place_of_the_first(document: Document) -> None:
    stack, layer = CommandStack(document), document.layers[0]
    stack.push(AddMask(layer, noisy_mask()))
    first = layer.mask
    stack.push(AddMask(layer))
    assert layer.mask is not first
    stack.undo()
    assert layer.mask is first


def test_applying_a_mask_erases_what_it_hid(document: Document) -> None:
    stack, layer = CommandStack(document), document.layers[0]
    document.canvas = Bounds(0, 0, 500, 100)
    stack.push(AddMask(layer, noisy_mask()))
    before, picture = fingerprint(document), document.flatten()
    stack.push(RemoveMask(layer, apply=True))
    assert layer.mask is None
    assert document.flatten() == picture
    stack.undo()
    assert fingerprint(document) == before


def test_removing_a_mask_shows_everything_again(document: Document) -> None:
    picture = document.flatten()
    stack, layer = CommandStack(document), document.layers[0]
    stack.push(AddMask(layer, noisy_mask()))
    stack.push(RemoveMask(layer, apply=False))
    assert document.flatten() == picture
    stack.undo()
    assert (document.flatten().array() != picture.array()).any()


def test_there_must_be_a_mask_to_remove(document: Document) -> None:
    with pytest.raises(KnownError, match="no mask"):
        CommandStack(document).push(RemoveMask(document.layers[0], apply=False))


def test_the_mask_of_a_group_cannot_be_applied(document: Document) -> None:
    group = GroupLayer("group", mask=MaskSurface())
    document.layers.insert(1, group)
    with pytest.raises(KnownError, match="flatten"):
        CommandStack(document).push(RemoveMask(group, apply=True))
    assert group.mask is not None


def test_painting_on_a_mask_after_undo_starts_from_what_was_there(document: Document) -> None:
    stack, layer = CommandStack(document), document.layers[0]
    stack.push(AddMask(layer))
    assert layer.mask is not None
    layer.mask.write(Bounds(0, 0, 9, 9), np.zeros((9, 9), dtype=np.uint8))
    stack.undo()
    stack.redo()
    assert layer.mask.read(Bounds(8, 8, 2, 1)).tolist() == [[0, 255]]


def test_what_is_erased_may_be_worked_out_before(document: Document) -> None:
    layer = document.layers[0]
    assert isinstance(layer, RasterLayer)
    layer.surface.write(Bounds(0, 0, 5000, 10), rgba_noise(Bounds(0, 0, 5000, 10), 1))
    layer.surface.write(Bounds(0, 0, 10, 5000), rgba_noise(Bounds(0, 0, 10, 5000), 1))
    document.canvas = layer.surface.bounds
    layer.mask = MaskSurface.of(noisy_mask())
    for changes in (False, True):
        picture, stack = document.flatten(), CommandStack(document)
        before = fingerprint(document)
        command = RemoveMask(layer, apply=True)
        work = command.prepare(document)
        assert work is not None
        work()
        if changes:
            layer.mask.write(Bounds(0, 0, 9, 9), np.zeros((9, 9), dtype=np.uint8))
            before, picture = fingerprint(document), document.flatten()
        stack.push(command)
        assert document.flatten() == picture
        stack.undo()
        assert fingerprint(document) == before


def test_little_is_not_worked_out_before(document: Document) -> None:
    layer = document.layers[0]
    layer.mask = MaskSurface.of(noisy_mask())
    assert RemoveMask(layer, apply=True).prepare(document) is None
    layer.mask = None
    assert RemoveMask(layer, apply=True).prepare(document) is None
