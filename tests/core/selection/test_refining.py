from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.selection import (
    MAX_RADIUS,
    Operation,
    antialiased,
    bordered,
    combined,
    ellipse,
    feathered,
    grown,
    inverted,
    polygon,
    rectangle,
    shrunk,
    smoothed,
)
from studio.core.tiles import TILE, Snapshot
from tests.helpers.masks import CANVAS, masks, values

Refine = Callable[[Snapshot, int, Bounds], Snapshot]

EVERY = pytest.mark.parametrize("refine", [grown, shrunk, feathered, bordered, smoothed])


def disc(radius: int) -> np.ndarray:
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= radius * (radius + 0.8), dtype=np.uint8)


@settings(max_examples=20)
@given(masks(), st.integers(1, 12))
def test_growing_takes_the_largest_value_within_a_disc(mask: Snapshot, radius: int) -> None:
    expected = cv2.dilate(values(mask), disc(radius))
    assert (values(grown(mask, radius, CANVAS)) == expected).all()


@settings(max_examples=20)
@given(masks(), st.integers(1, 12))
def test_shrinking_grows_what_is_not_selected(mask: Snapshot, radius: int) -> None:
    outside = inverted(grown(inverted(mask, CANVAS), radius, CANVAS), CANVAS)
    assert (values(shrunk(mask, radius, CANVAS)) == values(outside)).all()


@pytest.mark.parametrize("radius", [3, 60, 200])
def test_growing_a_pixel_makes_a_disc(radius: int) -> None:
    canvas = Bounds(0, 0, 3 * TILE, 3 * TILE)
    result = values(grown(rectangle(Bounds(384, 384, 1, 1)), radius, canvas), canvas)
    y, x = np.nonzero(result)
    distances = np.hypot(x - 384, y - 384)
    assert distances.max() < radius + 0.5
    assert result.sum() / 255 == pytest.approx(np.pi * (radius + 0.4) ** 2, rel=0.06)


@EVERY
def test_the_canvas_border_is_no_edge(refine: Refine) -> None:
    everything = rectangle(CANVAS)
    result = values(refine(everything, 9, CANVAS))
    assert (result == (0 if refine is bordered else 255)).all()


@EVERY
def test_nothing_stays_nothing(refine: Refine) -> None:
    assert refine(rectangle(Bounds(0, 0, 0, 0)), 9, CANVAS).is_empty


@EVERY
@settings(max_examples=10)
@given(masks(), st.integers(1, 40))
def test_nothing_is_selected_beyond_the_canvas(refine: Refine, mask: Snapshot, by: int) -> None:
    assert CANVAS.contains(refine(mask, by, CANVAS).used_bounds())


@EVERY
def test_tiles_leave_no_trace(refine: Refine) -> None:
    shape = [(-20, 10), (300, 60), (250, 290), (30, 280)]
    here = values(refine(polygon(shape, CANVAS), 20, CANVAS))
    there_canvas = CANVAS.moved(TILE // 2 + 3, TILE // 2 + 5)
    shifted = [(x + TILE // 2 + 3, y + TILE // 2 + 5) for x, y in shape]
    there = values(refine(polygon(shifted, there_canvas), 20, there_canvas), there_canvas)
    assert np.abs(here.astype(int) - there).max() <= 1


def test_a_feathered_edge_fades_evenly_over_the_radius_on_both_sides() -> None:
    mask = feathered(rectangle(Bounds(-40, -30, 200, 340)), 20, CANVAS)
    row = values(mask, Bounds(130, 100, 60, 1))[0].astype(int)
    assert row[9] == 255 and row[50] == 0
    assert (np.diff(row) <= 0).all()
    assert row[29] + row[30] == pytest.approx(255, abs=2)


def test_a_border_lies_half_inside_and_half_outside() -> None:
    mask = bordered(rectangle(Bounds(50, 50, 100, 100)), 10, CANVAS)
    row = values(mask, Bounds(30, 100, 40, 1))[0]
    assert np.flatnonzero(row).tolist() == list(range(15, 25))


def test_smoothing_removes_specks_and_keeps_edges_sharp() -> None:
    large = rectangle(Bounds(-40, -30, 200, 340))
    speck = rectangle(Bounds(250, 100, 3, 3))
    both = combined(large, speck, Operation.ADD)
    result = values(smoothed(both, 12, CANVAS))
    assert not result[:, 230:].any()
    row = result[100, 190:210]
    assert row[0] == 255 and row[-1] == 0
    assert np.count_nonzero((row > 0) & (row < 255)) <= 2


def test_antialiasing_keeps_edges_in_their_place() -> None:
    result = values(antialiased(rectangle(Bounds(10, 10, 50, 50)), CANVAS), Bounds(7, 30, 6, 1))[0]
    assert result[2] + result[3].astype(int) == pytest.approx(255, abs=2)
    assert result[0] == 0 and result[5] == 255


def test_a_radius_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="moved by"):
        grown(ellipse((0, 0), (9, 9), CANVAS), MAX_RADIUS + 1, CANVAS)


def test_no_radius_changes_nothing() -> None:
    mask = ellipse((0, 0), (90, 90), CANVAS)
    assert (values(grown(mask, 0, CANVAS)) == values(mask)).all()
