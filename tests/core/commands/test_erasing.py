from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from studio.core.commands.erasing import erased, hidden
from studio.core.commands.paint import PaintLayerMask, PaintStroke
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.core.selection import mask_from, rectangle
from studio.core.tiles import MaskSurface
from tests.helpers.documents import RED, boxes, fingerprint, opaque_noise, solid

PLACE = Bounds(-20, 10, 300, 280)


def painted() -> tuple[Document, RasterLayer]:
    document = Document(Bounds(0, 0, 400, 400))
    picture = Picture.from_array(opaque_noise(PLACE, 3))
    layer = RasterLayer.from_picture("sky", picture, PLACE.origin)
    document.layers.insert(0, layer)
    return document, layer


@settings(max_examples=20, deadline=None)
@given(boxes())
def test_what_is_selected_goes_and_all_else_stays(selected: Bounds) -> None:
    document, layer = painted()
    before = fingerprint(document)
    command = PaintStroke(layer, erased(layer.surface.snapshot(), rectangle(selected)))
    command.do(document)
    expected = opaque_noise(PLACE, 3)
    gone = PLACE.intersection(selected).relative_to(PLACE.origin)
    if not gone.is_empty:
        expected[gone.y : gone.bottom, gone.x : gone.right] = 0
    assert np.array_equal(layer.surface.read(PLACE), expected)
    command.undo(document)
    assert fingerprint(document) == before


def test_half_selected_pixels_become_half_transparent() -> None:
    document = Document(Bounds(0, 0, 4, 4))
    layer = RasterLayer.from_picture("sky", solid(4, 4, RED))
    document.layers.insert(0, layer)
    half = np.full((4, 4), 128, dtype=np.uint8)
    change = erased(layer.surface.snapshot(), mask_from(half, Bounds(0, 0, 4, 4)))
    PaintStroke(layer, change).do(document)
    assert tuple(layer.surface.read(Bounds(0, 0, 1, 1))[0, 0]) == (*RED, 127)


@pytest.mark.parametrize("fill", [0, 255])
def test_a_mask_hides_what_is_selected_and_half_of_what_is_half_selected(fill: int) -> None:
    document, layer = painted()
    layer.mask = MaskSurface(fill)
    layer.mask.write(Bounds(0, 20, 3, 1), np.array([[200, 200, 200]], np.uint8))
    before = fingerprint(document)
    selection = mask_from(np.array([[255, 128]], np.uint8), Bounds(0, 20, 2, 1))
    command = PaintLayerMask(layer, hidden(layer.mask.snapshot(), selection))
    command.do(document)
    assert layer.mask.read(Bounds(0, 20, 4, 1)).tolist() == [[0, 100, 200, fill]]
    assert layer.mask.read(Bounds(0, 21, 1, 1)).item() == fill
    command.undo(document)
    assert fingerprint(document) == before
