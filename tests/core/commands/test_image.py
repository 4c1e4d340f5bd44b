from __future__ import annotations

import numpy as np
import pytest

from studio.core.commands.image import ImageChange, ImageSubject, change_image
from studio.core.commands.selection import SetMask, SetSelection
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.guides import Guide, Orientation
from studio.core.layers import Locks
from studio.core.picture import Picture
from studio.core.selection import rectangle
from tests.helpers.documents import RED, document_with, fingerprint, opaque_noise, solid

CANVAS = Bounds(10, 20, 60, 40)


@pytest.fixture
def document() -> Document:
    picture = Picture.from_array(opaque_noise(CANVAS, 1))
    document = document_with(picture, canvas=CANVAS)
    document.frame = Bounds(10, 20, 30, 20)
    document.guides = (Guide(Orientation.VERTICAL, 25), Guide(Orientation.HORIZONTAL, 30))
    stack = CommandStack(document)
    stack.push(SetSelection(rectangle(Bounds(10, 20, 5, 8))))
    stack.push(SetMask.from_bounds(Bounds(12, 22, 6, 4)))
    document.channels["kept"] = rectangle(Bounds(10, 20, 7, 7))
    return document


def push(document: Document, change: ImageChange) -> CommandStack:
    subject = ImageSubject.take(document)
    stack = CommandStack(document)
    stack.push(change_image(document, subject, change, subject.projected(change.projection)))
    return stack


def test_turning_takes_everything_along(document: Document) -> None:
    pixels, before = document.flatten().array(), fingerprint(document)
    stack = push(document, ImageChange.turned(CANVAS, 1))
    assert document.canvas == Bounds(10, 20, 40, 60)
    assert np.array_equal(document.flatten().array(), np.rot90(pixels, -1))
    assert document.frame == Bounds(30, 20, 20, 30)
    assert document.selection.used_bounds() == Bounds(42, 20, 8, 5)
    assert document.mask.used_bounds() == Bounds(44, 22, 4, 6)
    assert document.channels["kept"].used_bounds() == Bounds(43, 20, 7, 7)
    assert document.guides == (
        Guide(Orientation.HORIZONTAL, 35),
        Guide(Orientation.VERTICAL, 40),
    )
    stack.undo()
    assert fingerprint(document) == before
    assert document.selection.used_bounds() == Bounds(10, 20, 5, 8)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turning_on_to_a_whole_circle_changes_nothing(document: Document, quarters: int) -> None:
    before = document.flatten()
    push(document, ImageChange.turned(document.canvas, quarters))
    push(document, ImageChange.turned(document.canvas, 4 - quarters))
    assert document.canvas == CANVAS
    assert document.flatten() == before


@pytest.mark.parametrize("across", [True, False])
def test_mirroring_swaps_sides_and_keeps_the_canvas(document: Document, across: bool) -> None:
    pixels = document.flatten().array()
    push(document, ImageChange.mirrored(CANVAS, across=across))
    assert document.canvas == CANVAS
    expected = pixels[:, ::-1] if across else pixels[::-1]
    assert np.array_equal(document.flatten().array(), expected)


def test_scaling_fills_the_new_canvas_to_its_edges(document: Document) -> None:
    for extent in (Extent(90, 55), Extent(31, 17)):
        push(document, ImageChange.scaled(document.canvas, extent))
        assert document.canvas == Bounds(10, 20, *extent)
        assert document.flatten().array()[..., 3].min() == 255


def test_locked_layers_go_with_the_picture() -> None:
    document = document_with(solid(60, 40, RED), canvas=CANVAS)
    document.layers[0].locks = Locks(pixels=True, position=True)
    push(document, ImageChange.scaled(CANVAS, Extent(120, 80)))
    assert document.layers[0].pixels.used_bounds() == Bounds(10, 20, 120, 80)


def test_an_empty_picture_can_be_scaled() -> None:
    document = Document(CANVAS)
    push(document, ImageChange.scaled(CANVAS, Extent(30, 20)))
    assert document.canvas == Bounds(10, 20, 30, 20)
