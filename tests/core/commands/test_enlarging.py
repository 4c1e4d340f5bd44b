"""What somebody else has enlarged becomes one step."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from studio.core.commands.enlarging import Enlargement, ImageEnlargement, LayerEnlargement
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer, GroupLayer, RasterLayer
from studio.core.picture import Picture
from tests.helpers.documents import BLUE, RED, document_with, solid
from tests.helpers.pictures import smooth

CANVAS = Bounds(0, 0, 40, 30)


def repeated(picture: Picture, times: int) -> Picture:
    return Picture.from_array(picture.array().repeat(times, 0).repeat(times, 1))


def push(document: Document, taken: Enlargement, times: int) -> CommandStack:
    """As a network does that repeats pixels."""
    stack = CommandStack(document)
    step = taken.finish(repeated(taken.picture(), times), b'{"task":"upscale"}')
    stack.push(step(document))
    return stack


@pytest.mark.parametrize("times", [2, 4])
def test_the_whole_picture_grows_and_what_was_seen_lies_on_top(times: int) -> None:
    document = document_with(smooth(40, 30), solid(10, 10, RED), canvas=CANVAS)
    document.active = document.layers[0]
    before = document.flatten()
    stack = push(document, ImageEnlargement.take(document, times), times)
    assert document.canvas == Bounds(0, 0, 40 * times, 30 * times)
    assert document.flatten() == repeated(before, times)
    *below, top = document.layers
    assert isinstance(top, GeneratedLayer) and top.recipe == b'{"task":"upscale"}'
    assert below[1].pixels.used_bounds() == Bounds(0, 0, 10 * times, 10 * times)
    stack.undo()
    assert document.canvas == CANVAS and len(document.layers) == 2
    assert document.flatten() == before


def test_what_shows_through_the_picture_does_so_once() -> None:
    pixels = solid(40, 30, RED).array().copy()
    pixels[:, :20, 3] = 128
    document = document_with(Picture.from_array(pixels), solid(10, 10, BLUE), canvas=CANVAS)
    document.layers[1].visible = False
    before = document.flatten()
    stack = push(document, ImageEnlargement.take(document, 2), 2)
    assert document.flatten() == repeated(before, 2)
    stack.undo()
    assert document.flatten() == before
    assert [layer.visible for layer in document.layers] == [True, False]


def test_a_layer_grows_around_its_middle_and_the_canvas_stays() -> None:
    document = document_with(smooth(40, 30), canvas=CANVAS)
    layer = RasterLayer.from_picture("star", solid(6, 4, BLUE), Bounds(10, 10, 6, 4).origin)
    document.layers.insert(1, layer)
    document.active = layer
    taken = LayerEnlargement.take(document, 2)
    assert taken.picture() == solid(6, 4, BLUE)
    stack = push(document, taken, 2)
    assert layer.pixels.used_bounds() == Bounds(7, 8, 12, 8)
    assert document.canvas == CANVAS
    stack.undo()
    assert layer.pixels.used_bounds() == Bounds(10, 10, 6, 4)


def test_what_is_transparent_in_a_layer_stays_so() -> None:
    pixels = solid(8, 8, RED).array().copy()
    pixels[2:6, 2:6, 3] = 0
    document = document_with(Picture.from_array(pixels), canvas=CANVAS)
    document.active = document.layers[0]
    push(document, LayerEnlargement.take(document, 2), 2)
    alpha = document.layers[0].pixels.read(Bounds(-4, -4, 16, 16))[..., 3]
    assert not alpha[4:12, 4:12].any() and np.all(alpha[:4] == 255)


@pytest.mark.parametrize("kind", ["none", "group", "empty", "locked"])
def test_what_cannot_be_enlarged_says_why(kind: str) -> None:
    document = document_with(solid(8, 8, RED), canvas=CANVAS)
    layer = document.layers[0]
    if kind == "none":
        document.layers.remove(layer)
    elif kind == "group":
        document.layers.insert(1, GroupLayer("group"))
        document.active = document.layers[1]
    elif kind == "empty":
        document.layers.insert(1, RasterLayer("empty"))
        document.active = document.layers[1]
    else:
        layer.locks = replace(layer.locks, pixels=True)
        document.active = layer
    words = {"none": "no pixels", "group": "no pixels", "empty": "is empty", "locked": "is locked"}
    with pytest.raises(KnownError, match=words[kind]):
        LayerEnlargement.take(document, 2)
