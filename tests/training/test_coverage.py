"""Which cells of a grid a thing covers."""

from __future__ import annotations

import numpy as np

from studio.training.coverage import covered, covered_by_any
from studio.training.space import SLOTS, attributes
from studio.training.world.sampling import random_crowd, random_stage

RNG = np.random.default_rng(1)
CROWD = random_crowd(RNG, 3)
VECTORS = attributes(CROWD)[None]


def test_the_cell_of_a_things_middle_is_covered_by_it_alone() -> None:
    for slot, thing in enumerate(CROWD.things):
        column, row = int(thing.x / 8), int(thing.y / 8)
        assert [bool(covered(VECTORS, other, 16)[0, row, column]) for other in range(SLOTS)] == [
            other == slot for other in range(SLOTS)
        ]


def test_a_larger_grid_covers_the_same_share() -> None:
    shares = [covered_by_any(VECTORS, grid).mean() for grid in (16, 64)]
    assert abs(shares[0] - shares[1]) < 0.05


def test_nothing_is_covered_where_nothing_is() -> None:
    empty = attributes(random_stage(RNG))[None]
    assert not covered_by_any(empty, 16).any()
