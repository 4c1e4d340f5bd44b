from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.selection import FULL, NOTHING, clipped, mask_from, moved, rectangle
from studio.core.selection.masks import aligned, uniform_value
from studio.core.tiles import MASK, ORIGIN, TILE, MaskSurface, Snapshot, TileIndex
from tests.helpers.documents import boxes
from tests.helpers.masks import CANVAS, masks, noise, values


@settings(max_examples=25)
@given(boxes(), st.integers(0, 5))
def test_a_mask_holds_the_values_that_it_is_made_of_and_nothing_else(
    place: Bounds, seed: int
) -> None:
    pixels = noise(place, seed)
    mask = mask_from(pixels, place)
    assert (mask.read(place) == pixels).all()
    assert mask.read(place.padded(3)).sum() == pixels.sum(dtype=np.int64)


@settings(max_examples=25)
@given(boxes())
def test_a_rectangle_is_whole_tiles_but_for_its_rim(place: Bounds) -> None:
    mask = rectangle(place)
    assert mask.used_bounds() == place
    assert (mask.read(place) == 255).all()
    inner = [index for index in mask.tiles if place.contains(index.bounds)]
    assert all(mask.tiles[index] is FULL for index in inner)


def test_a_large_rectangle_holds_one_tile_for_all_that_are_whole() -> None:
    mask = rectangle(Bounds(0, 0, 64 * TILE, 64 * TILE))
    assert len(mask.tiles) == 64 * 64
    assert {id(tile) for tile in mask.tiles.values()} == {id(FULL)}


@settings(max_examples=25)
@given(masks(), st.integers(-700, 700), st.integers(-700, 700))
def test_what_is_moved_has_its_values_elsewhere(mask: Snapshot, dx: int, dy: int) -> None:
    there = moved(mask, dx, dy)
    assert there.origin == ORIGIN
    assert (there.read(CANVAS.moved(dx, dy)) == values(mask)).all()


@settings(max_examples=25)
@given(masks())
def test_moving_there_and_back_changes_nothing(mask: Snapshot) -> None:
    back = moved(moved(mask, 13, -300), -13, 300)
    assert (back.read(mask.bounds) == mask.read(mask.bounds)).all()


@settings(max_examples=25)
@given(masks(), boxes())
def test_clipping_leaves_nothing_beyond_the_canvas(mask: Snapshot, canvas: Bounds) -> None:
    kept = clipped(mask, canvas)
    assert canvas.contains(kept.used_bounds())
    assert (kept.read(canvas) == mask.read(canvas)).all()


def test_a_surface_that_was_moved_is_brought_onto_the_grid() -> None:
    surface = MaskSurface()
    surface.write(CANVAS, noise(CANVAS, 1))
    surface.translate(7, -9)
    mask = aligned(surface.snapshot())
    assert mask.origin == ORIGIN
    assert (mask.read(CANVAS.moved(7, -9)) == noise(CANVAS, 1)).all()


def test_tiles_that_happen_to_be_full_or_empty_become_the_shared_ones() -> None:
    tiles = {
        TileIndex(0, 0): np.full(MASK.shape, 255, np.uint8),
        TileIndex(1, 0): np.zeros(MASK.shape, np.uint8),
    }
    mask = aligned(Snapshot(MASK, tiles, ORIGIN))
    assert list(mask.tiles) == [TileIndex(0, 0)]
    assert mask.tiles[TileIndex(0, 0)] is FULL


def test_an_area_is_known_to_be_uniform_by_its_tiles() -> None:
    mask = rectangle(Bounds(0, 0, 3 * TILE + 5, 2 * TILE))
    assert uniform_value(mask, Bounds(10, 10, 2 * TILE, TILE)) == 255
    assert uniform_value(mask, Bounds(-900, 10, 300, 300)) == 0
    assert uniform_value(mask, Bounds(2 * TILE, 0, 2 * TILE, 10)) is None
    assert uniform_value(NOTHING, CANVAS) == 0


def test_a_painted_tile_that_became_full_is_the_shared_one() -> None:
    surface = MaskSurface()
    surface.write(Bounds(0, 0, TILE, TILE), np.full((TILE, TILE), 255, np.uint8))
    assert surface.snapshot().tiles[TileIndex(0, 0)] is FULL
