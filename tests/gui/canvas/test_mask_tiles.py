"""The mask as translucent colour, tile by tile, and only where it is painted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.tiles import TILE, TileIndex
from studio.gui.canvas.colours import MASK_OPACITY
from studio.gui.canvas.mask_tiles import MaskTiles

FIRST = TileIndex(0, 0)


@pytest.fixture
def document() -> Document:
    return Document(Bounds(0, 0, 1024, 1024))


@pytest.fixture
def tiles(document: Document) -> Iterator[MaskTiles]:
    tiles = MaskTiles(document, QColor(255, 0, 0))
    yield tiles
    tiles.close()


def fill(document: Document, bounds: Bounds, value: int) -> None:
    document.mask.write(bounds, np.full((bounds.height, bounds.width), value, np.uint8))
    document.touch_mask(bounds)


def image(tiles: MaskTiles, index: TileIndex = FIRST, level: int = 0) -> QImage:
    found = tiles.image(index, level)
    assert found is not None
    return found


def test_where_nothing_is_masked_there_is_no_image(tiles: MaskTiles, document: Document) -> None:
    assert tiles.image(FIRST, 0) is None
    fill(document, Bounds(600, 600, 10, 10), 255)
    assert tiles.image(FIRST, 0) is None
    assert tiles.image(FIRST, 2) is not None


def test_the_colour_is_as_strong_as_the_mask(tiles: MaskTiles, document: Document) -> None:
    fill(document, Bounds(0, 0, 10, 10), 255)
    fill(document, Bounds(20, 0, 10, 10), 100)
    full, part = image(tiles).pixelColor(5, 5), image(tiles).pixelColor(25, 5)
    assert full.alphaF() == pytest.approx(MASK_OPACITY, abs=0.01)
    assert part.alphaF() == pytest.approx(MASK_OPACITY * 100 / 255, abs=0.01)
    assert (full.red(), full.green(), full.blue()) == (255, 0, 0)
    assert image(tiles).pixelColor(100, 100).alpha() == 0


def test_from_far_pixels_are_averaged(tiles: MaskTiles, document: Document) -> None:
    fill(document, Bounds(0, 0, 1, 1024), 255)
    half = image(tiles, level=1).pixelColor(0, 5)
    assert half.alphaF() == pytest.approx(MASK_OPACITY / 2, abs=0.01)
    assert image(tiles, level=1).width() == TILE


def test_a_change_is_seen_at_every_distance(tiles: MaskTiles, document: Document) -> None:
    fill(document, Bounds(0, 0, 64, 64), 255)
    for level in (0, 2):
        image(tiles, level=level)
    fill(document, Bounds(0, 0, 64, 64), 0)
    assert all(
        tiles.image(FIRST, level) is None or image(tiles, level=level).pixelColor(2, 2).alpha() == 0
        for level in (0, 2)
    )


def test_only_tiles_that_changed_are_coloured_anew(tiles: MaskTiles, document: Document) -> None:
    fill(document, Bounds(0, 0, 10, 10), 255)
    fill(document, Bounds(300, 0, 10, 10), 255)
    kept = image(tiles)
    fill(document, Bounds(310, 0, 10, 10), 255)
    assert tiles.image(FIRST, 0) is kept


def test_another_colour_colours_everything_anew(tiles: MaskTiles, document: Document) -> None:
    fill(document, Bounds(0, 0, 10, 10), 255)
    image(tiles)
    tiles.set_colour(QColor(0, 0, 255))
    assert image(tiles).pixelColor(5, 5).blue() == 255
