from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Bounds, Point
from studio.core.tiles import (
    TILE,
    MaskSurface,
    TileChange,
    TiledSurface,
    TileIndex,
    premultiplied,
    straight,
    tiles_over,
)
from tests.helpers.documents import boxes, opaque_noise, rgba_noise

SEEDS = st.integers(0, 1000)


def mask_noise(bounds: Bounds, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (bounds.height, bounds.width), dtype=np.uint8)


def test_premultiplying_rounds_exactly_for_every_colour_and_alpha() -> None:
    values = np.arange(256, dtype=np.uint8)
    pixels = np.zeros((256, 256, 4), dtype=np.uint8)
    pixels[..., 0] = values[:, None]
    pixels[..., 3] = values[None, :]
    exact = np.rint(values[:, None].astype(float) * values[None, :] / 255)
    assert (premultiplied(pixels)[..., 2] == exact).all()


def test_stored_pixels_survive_the_way_to_straight_and_back() -> None:
    values = np.arange(256, dtype=np.uint8)
    stored = np.zeros((256, 256, 4), dtype=np.uint8)
    stored[..., :3] = np.minimum(values[:, None], values[None, :])[..., None]
    stored[..., 3] = values[None, :]
    assert (premultiplied(straight(stored)) == stored).all()


@given(boxes(), SEEDS)
def test_opaque_pixels_read_back_to_the_bit_wherever_they_are_written(
    bounds: Bounds, seed: int
) -> None:
    pixels = opaque_noise(bounds, seed)
    surface = TiledSurface()
    surface.write(bounds, pixels)
    assert (surface.read(bounds) == pixels).all()


@given(boxes(), SEEDS)
def test_masks_read_back_to_the_bit_wherever_they_are_written(bounds: Bounds, seed: int) -> None:
    pixels = mask_noise(bounds, seed)
    mask = MaskSurface()
    mask.write(bounds, pixels)
    assert (mask.read(bounds) == pixels).all()


@given(boxes(), boxes(), SEEDS)
def test_writing_touches_nothing_outside_its_bounds(
    first: Bounds, second: Bounds, seed: int
) -> None:
    mask = MaskSurface()
    mask.write(first, mask_noise(first, seed))
    everything = first.union(second).padded(3)
    expected = mask.read(everything)
    x, y = second.x - everything.x, second.y - everything.y
    expected[y : y + second.height, x : x + second.width] = mask_noise(second, seed + 1)
    mask.write(second, mask_noise(second, seed + 1))
    assert (mask.read(everything) == expected).all()


@given(boxes(), boxes(), SEEDS)
def test_clearing_leaves_nothing_there_and_the_rest_alone(
    written: Bounds, cleared: Bounds, seed: int
) -> None:
    mask = MaskSurface()
    mask.write(written, mask_noise(written, seed))
    everything = written.union(cleared)
    expected = mask.read(everything)
    x, y = cleared.x - everything.x, cleared.y - everything.y
    expected[y : y + cleared.height, x : x + cleared.width] = 0
    mask.clear(cleared)
    assert (mask.read(everything) == expected).all()


@given(boxes(), boxes(), SEEDS)
def test_a_snapshot_does_not_see_later_changes(first: Bounds, second: Bounds, seed: int) -> None:
    surface = TiledSurface()
    surface.write(first, opaque_noise(first, seed))
    snapshot = surface.snapshot()
    surface.write(second, opaque_noise(second, seed + 1))
    surface.clear(first)
    surface.translate(5, 7)
    assert (snapshot.read(first) == opaque_noise(first, seed)).all()


@given(boxes(), boxes(), SEEDS)
def test_restoring_brings_everything_back_and_tells_where_it_differed(
    first: Bounds, second: Bounds, seed: int
) -> None:
    surface = TiledSurface()
    surface.write(first, opaque_noise(first, seed))
    before = surface.snapshot()
    surface.write(second, opaque_noise(second, seed + 1))
    changed = surface.snapshot()
    dirty = surface.restore(before)
    everything = first.union(second)
    assert (surface.read(everything) == before.read(everything)).all()
    assert dirty.contains(second)
    assert surface.restore(changed).contains(second)
    assert (surface.read(second) == opaque_noise(second, seed + 1)).all()


@given(boxes(), st.integers(-700, 700), st.integers(-700, 700), SEEDS)
def test_translating_moves_the_pixels_and_nothing_else(
    bounds: Bounds, dx: int, dy: int, seed: int
) -> None:
    surface = TiledSurface()
    surface.write(bounds, opaque_noise(bounds, seed))
    surface.translate(dx, dy)
    assert (surface.read(bounds.moved(dx, dy)) == opaque_noise(bounds, seed)).all()
    assert surface.used_bounds() == bounds.moved(dx, dy)


@given(boxes(), boxes(), SEEDS)
def test_a_change_goes_both_ways(first: Bounds, second: Bounds, seed: int) -> None:
    surface = TiledSurface()
    surface.write(first, opaque_noise(first, seed))
    before = surface.snapshot()
    surface.write(second, opaque_noise(second, seed + 1))
    surface.translate(3, -4)
    after = surface.snapshot()
    change = TileChange.between(before, after)
    everything = first.union(second).padded(8)
    surface.apply(change.before)
    assert (surface.read(everything) == before.read(everything)).all()
    surface.apply(change.after)
    assert (surface.read(everything) == after.read(everything)).all()


@given(boxes(), boxes(), boxes(), SEEDS)
def test_two_changes_in_a_row_are_one(
    first: Bounds, second: Bounds, third: Bounds, seed: int
) -> None:
    surface = TiledSurface()
    states = [surface.snapshot()]
    for number, bounds in enumerate((first, second, third)):
        surface.write(bounds, opaque_noise(bounds, seed + number))
        states.append(surface.snapshot())
    both = TileChange.between(states[1], states[2]).then(TileChange.between(states[2], states[3]))
    everything = first.union(second).union(third)
    surface.apply(both.before)
    assert (surface.read(everything) == states[1].read(everything)).all()
    surface.apply(both.after)
    assert (surface.read(everything) == states[3].read(everything)).all()


def test_only_occupied_tiles_are_kept() -> None:
    surface = TiledSurface()
    surface.write(Bounds(0, 0, 16_384, 1), np.zeros((1, 16_384, 4), dtype=np.uint8))
    assert surface.is_empty
    surface.write(Bounds(16_000, 16_000, 1, 1), np.full((1, 1, 4), 255, dtype=np.uint8))
    assert surface.size == TILE * TILE * 4
    surface.clear(Bounds(16_000, 16_000, 1, 1))
    assert surface.is_empty


def test_a_snapshot_shares_the_tiles_until_one_is_written() -> None:
    surface = TiledSurface()
    both = Bounds(0, 0, 2 * TILE, TILE)
    surface.write(both, opaque_noise(both, 1))
    snapshot = surface.snapshot()
    surface.write(Bounds(0, 0, 1, 1), np.zeros((1, 1, 4), dtype=np.uint8))
    assert surface.tiles[TileIndex(0, 0)] is not snapshot.tiles[TileIndex(0, 0)]
    assert surface.tiles[TileIndex(1, 0)] is snapshot.tiles[TileIndex(1, 0)]


def test_the_tiles_of_a_snapshot_refuse_to_be_written() -> None:
    surface = MaskSurface()
    surface.write(Bounds(0, 0, 1, 1), np.array([[9]], dtype=np.uint8))
    tile = surface.snapshot().tiles[TileIndex(0, 0)]
    with pytest.raises(ValueError, match="read-only"):
        tile[0, 0] = 1


def test_a_change_between_equal_snapshots_is_nothing() -> None:
    surface = MaskSurface()
    surface.write(Bounds(0, 0, 9, 9), np.full((9, 9), 7, dtype=np.uint8))
    change = TileChange.between(surface.snapshot(), surface.snapshot())
    assert change.is_nothing
    assert change.size == 0
    assert surface.apply(change.after) == []


def test_a_change_costs_the_tiles_that_were_touched() -> None:
    surface = MaskSurface()
    wide = Bounds(0, 0, 8 * TILE, TILE)
    surface.write(wide, np.full((wide.height, wide.width), 1, dtype=np.uint8))
    before = surface.snapshot()
    surface.write(Bounds(0, 0, 1, 1), np.array([[9]], dtype=np.uint8))
    assert TileChange.between(before, surface.snapshot()).size == TILE * TILE


def test_a_snapshot_is_read_in_another_thread_while_painting_goes_on() -> None:
    bounds = Bounds(-100, -100, 700, 500)
    surface = TiledSurface()
    surface.write(bounds, opaque_noise(bounds, 1))
    snapshot = surface.snapshot()
    results: list[bool] = []

    def look() -> None:
        results.extend(
            bool((snapshot.read(bounds) == opaque_noise(bounds, 1)).all()) for _ in range(5)
        )

    thread = threading.Thread(target=look)
    thread.start()
    for seed in range(5):
        surface.write(bounds, opaque_noise(bounds, seed + 2))
    thread.join()
    assert results == [True] * 5


def test_used_bounds_are_tight() -> None:
    surface = TiledSurface()
    surface.write(Bounds(-3, 250, 2, 20), np.full((20, 2, 4), 255, dtype=np.uint8))
    assert surface.used_bounds() == Bounds(-3, 250, 2, 20)
    assert TiledSurface().used_bounds().is_empty


def test_transparent_pixels_lose_their_colour_and_nothing_else_does() -> None:
    bounds = Bounds(0, 0, 64, 64)
    pixels = rgba_noise(bounds, 3)
    pixels[:8, :, 3] = 0
    surface = TiledSurface()
    surface.write(bounds, pixels)
    result = surface.read(bounds)
    assert (result[..., 3] == pixels[..., 3]).all()
    assert not result[:8].any()
    visible = pixels[..., 3:].astype(float)
    difference = np.abs(result[..., :3].astype(float) - pixels[..., :3]) * visible / 255
    assert difference.max() <= 1


@given(boxes())
def test_tiles_over_cover_the_bounds_without_one_too_many(bounds: Bounds) -> None:
    indices = list(tiles_over(bounds))
    assert len(indices) == len(set(indices))
    assert all(not index.bounds.intersection(bounds).is_empty for index in indices)
    assert sum(index.bounds.intersection(bounds).area for index in indices) == bounds.area


def test_clearing_all_tells_where_something_was() -> None:
    mask = MaskSurface()
    mask.write(Bounds(300, 300, 5, 5), np.full((5, 5), 1, dtype=np.uint8))
    mask.translate(-1, 0)
    assert mask.clear_all() == TileIndex(1, 1).bounds.moved(*Point(-1, 0))
    assert mask.is_empty


def test_applying_a_change_tells_the_tiles_that_differ_and_not_those_between() -> None:
    mask = MaskSurface()
    before = mask.snapshot()
    for place in (Bounds(5, 5, 1, 1), Bounds(5000, 4000, 1, 1)):
        mask.write(place, np.array([[9]], dtype=np.uint8))
    change = TileChange.between(before, mask.snapshot())
    assert mask.apply(change.after) == []
    dirty = mask.apply(change.before)
    assert set(dirty) == {TileIndex(0, 0).bounds, TileIndex(19, 15).bounds}


def test_plain_areas_are_kept_once() -> None:
    surface = TiledSurface()
    area = Bounds(0, 0, 8 * TILE, 8 * TILE)
    surface.write(area, np.full((*area.extent, 4), 255, dtype=np.uint8))
    assert len(surface.tiles) == 64
    assert surface.size == TILE * TILE * 4
    surface.write(Bounds(5, 5, 1, 1), np.zeros((1, 1, 4), dtype=np.uint8))
    assert surface.size == 2 * TILE * TILE * 4
    assert (surface.read(Bounds(TILE, 0, TILE, TILE)) == 255).all()
    assert not surface.read(Bounds(5, 5, 1, 1)).any()


def test_a_tile_that_was_painted_plain_is_kept_once_with_the_next_snapshot() -> None:
    surface = MaskSurface()
    for x in (0, TILE):
        for _, tile in surface.edit_in(Bounds(x, 0, TILE, TILE)):
            tile[:] = 200
    assert surface.size == 2 * TILE * TILE
    before = surface.snapshot()
    assert surface.size == before.size == TILE * TILE
    surface.edit(TileIndex(1, 0))[0, 0] = 1
    assert before.read(Bounds(TILE, 0, 1, 1)) == 200


def test_a_mask_that_shows_all_keeps_only_what_it_hides() -> None:
    mask = MaskSurface(fill=255)
    assert (mask.read(Bounds(-5, -5, 10, 10)) == 255).all()
    hidden = Bounds(10, 10, 20, 20)
    mask.write(hidden, np.zeros((20, 20), dtype=np.uint8))
    assert mask.used_bounds() == hidden
    assert mask.read(Bounds(9, 9, 2, 2)).tolist() == [[255, 255], [255, 0]]
    assert MaskSurface.of(mask.snapshot()).read(Bounds(9, 9, 2, 2)).tolist() == [
        [255, 255],
        [255, 0],
    ]
    mask.clear(hidden)
    assert mask.is_empty


def test_a_moved_snapshot_holds_the_same_pixels_elsewhere() -> None:
    surface, part = TiledSurface(), Bounds(30, 40, 50, 60)
    surface.write(part, rgba_noise(part, 1))
    moved = surface.snapshot().moved(-7, 900)
    assert (moved.read(part.moved(-7, 900)) == surface.read(part)).all()


@given(boxes(), boxes(), st.booleans())
def test_bounds_follow_the_tiles(first: Bounds, second: Bounds, between: bool) -> None:
    surface = TiledSurface()
    surface.write(first, opaque_noise(first, 1))
    if between:
        assert surface.bounds.contains(first)
    surface.write(second, opaque_noise(second, 2))
    assert surface.bounds.contains(first.union(second))
    surface.clear(first)
    surface.clear(second)
    assert surface.bounds.is_empty


def test_opaque_is_what_hides_everything_below() -> None:
    surface, part = TiledSurface(), Bounds(0, 0, 2 * TILE, TILE)
    surface.write(part, opaque_noise(part, 1))
    snapshot = surface.snapshot()
    assert surface.is_opaque(part)
    assert not surface.is_opaque(part.moved(0, 1))
    surface.edit(TileIndex(0, 0))[3, 3] = 0
    assert not surface.is_opaque(part)
    assert surface.is_opaque(Bounds(4, 4, TILE, 50))
    assert snapshot.is_opaque(part)
