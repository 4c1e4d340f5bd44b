from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection import FULL, NOTHING, Operation, combined, inverted, rectangle
from studio.core.tiles import TILE, Snapshot
from tests.helpers.masks import CANVAS, masks, values

EXPECTED: dict[Operation, Callable[[Pixels, Pixels], Pixels]] = {
    Operation.REPLACE: lambda _, new: new,
    Operation.ADD: np.maximum,
    Operation.SUBTRACT: lambda old, new: np.minimum(old, 255 - new),
    Operation.INTERSECT: np.minimum,
}


@pytest.mark.parametrize("operation", Operation)
@settings(max_examples=25)
@given(masks(), masks())
def test_masks_are_combined_value_by_value(
    operation: Operation, old: Snapshot, new: Snapshot
) -> None:
    result = combined(old, new, operation)
    assert (values(result) == EXPECTED[operation](values(old), values(new))).all()


@pytest.mark.parametrize("operation", Operation)
@settings(max_examples=25)
@given(masks())
def test_no_tile_is_kept_for_nothing(operation: Operation, mask: Snapshot) -> None:
    result = combined(mask, mask, operation)
    assert all(tile.any() for tile in result.tiles.values())
    assert all(tile is FULL for tile in result.tiles.values() if tile.all() and tile.min() == 255)


@settings(max_examples=25)
@given(masks())
def test_inverting_turns_each_value_round_within_the_canvas_alone(mask: Snapshot) -> None:
    result = inverted(mask, CANVAS)
    assert (values(result) == 255 - values(mask)).all()
    assert CANVAS.contains(result.used_bounds())
    assert (values(inverted(result, CANVAS)) == values(mask)).all()


def test_inverting_a_large_canvas_makes_no_tile_of_its_own() -> None:
    canvas = Bounds(0, 0, 32 * TILE, 32 * TILE)
    everything = inverted(NOTHING, canvas)
    assert {id(tile) for tile in everything.tiles.values()} == {id(FULL)}
    assert inverted(everything, canvas).is_empty


def test_what_was_selected_stays_as_it_was() -> None:
    mask = rectangle(Bounds(3, 3, 50, 50))
    before = values(mask).copy()
    combined(mask, rectangle(Bounds(20, 20, 300, 300)), Operation.ADD)
    assert (values(mask) == before).all()
