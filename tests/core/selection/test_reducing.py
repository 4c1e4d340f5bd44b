from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.selection import moved, rectangle
from studio.core.selection.reducing import MAX_LEVEL, ReducedMask
from studio.core.tiles import TILE, MaskSurface, Snapshot, whole_tiles
from tests.helpers.documents import boxes
from tests.helpers.masks import masks, noise

AREA = Bounds(-2 * TILE, -TILE, 5 * TILE, 4 * TILE)


@settings(max_examples=20)
@given(masks(), st.integers(0, MAX_LEVEL))
def test_a_reduced_mask_holds_the_means_of_the_whole_one(mask: Snapshot, level: int) -> None:
    reduced = ReducedMask(mask).read(AREA, level)
    size = (AREA.width >> level, AREA.height >> level)
    expected = cv2.resize(mask.read(AREA), size, interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.astype(int) - expected).max() <= 1


def test_a_surface_that_lies_beside_the_grid_is_seen_as_well() -> None:
    surface = MaskSurface()
    surface.write(Bounds(0, 0, 300, 200), noise(Bounds(0, 0, 300, 200), 1))
    expected = ReducedMask(moved(surface.snapshot(), 7, -9)).read(AREA, 2)
    surface.translate(7, -9)
    assert (ReducedMask(surface).read(AREA, 2) == expected).all()


def test_what_changed_is_looked_at_again() -> None:
    surface = MaskSurface()
    surface.write(Bounds(5, 5, 100, 100), np.full((100, 100), 255, np.uint8))
    mask = ReducedMask(surface)
    assert mask.read(AREA, 1).any()
    surface.clear(Bounds(5, 5, 100, 100))
    mask.invalidate(Bounds(5, 5, 100, 100))
    assert not mask.read(AREA, 1).any()


@pytest.mark.parametrize("level", [0, 6])
def test_whole_tiles_are_never_read(level: int) -> None:
    mask = rectangle(AREA)
    reads: list[Bounds] = []
    mask.read = reads.append  # type: ignore[method-assign, assignment]
    assert (ReducedMask(mask).read(AREA, level) == 255).all()
    assert reads == []


@given(boxes())
def test_whole_tiles_hold_an_area_tightly(area: Bounds) -> None:
    whole = whole_tiles(area)
    assert whole.contains(area)
    assert whole.width < area.width + 2 * TILE and whole.height < area.height + 2 * TILE
    assert whole_tiles(whole) == whole
