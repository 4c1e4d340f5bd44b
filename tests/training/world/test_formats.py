"""Long pictures: things lie in the window, keep their shapes, and are told as people see them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.training.world.formats import FORMATS, Format, draw_in, place_in, tell_of
from studio.training.world.palette import INK, Colour, Shade
from studio.training.world.sampling import random_scene
from studio.training.world.scene import (
    SIDE,
    Backdrop,
    Column,
    Kind,
    Relation,
    Scene,
    Setting,
    Thing,
)

SEEDS = st.integers(0, 2**32 - 1)
WIDE = Format(160, 96)
SHEET = Backdrop(Setting.PLAIN, Colour.WHITE)


def ball(x: float, y: float, radius: float = 24.0) -> Thing:
    return Thing(Kind.BALL, Colour.BLUE, Shade.PLAIN, 0, x, y, radius)


@given(SEEDS, st.sampled_from(FORMATS))
def test_what_is_placed_lies_in_the_window(seed: int, size: Format) -> None:
    placed = place_in(size, random_scene(np.random.default_rng(seed)))
    for thing in placed.things if placed else ():
        assert thing.radius <= thing.x <= size.width - thing.radius
        assert thing.radius <= thing.y <= size.height - thing.radius


@given(SEEDS, st.sampled_from(FORMATS))
def test_things_apart_stay_apart(seed: int, size: Format) -> None:
    placed = place_in(size, random_scene(np.random.default_rng(seed)))
    if placed is None or placed.relation is not Relation.APART:
        return
    for index, one in enumerate(placed.things):
        for other in placed.things[:index]:
            assert np.hypot(one.x - other.x, one.y - other.y) > one.radius + other.radius


def test_what_is_too_large_for_the_window_finds_no_room() -> None:
    assert place_in(WIDE, Scene(SHEET, (ball(64, 64, 50),), 1)) is None


def test_things_behind_one_another_keep_their_distance() -> None:
    pair = (ball(50, 64, 30), ball(80, 70, 20))
    placed = place_in(WIDE, Scene(SHEET, pair, 1, relation=Relation.BEHIND))
    assert placed is not None
    back, front = placed.things
    assert (front.x - back.x, front.y - back.y) == (30, 6)


def test_places_are_told_as_parts_of_the_picture() -> None:
    placed = place_in(WIDE, Scene(SHEET, (ball(104, 64),), 1))
    assert placed is not None
    (told,) = tell_of(WIDE, placed).things
    assert placed.things[0].x == pytest.approx(130)
    assert (told.x, told.y) == pytest.approx((104, 64))
    assert told.column is Column.RIGHT


@pytest.mark.parametrize("size", FORMATS)
def test_a_ball_is_drawn_round_and_where_it_was_placed(size: Format) -> None:
    placed = place_in(size, Scene(SHEET, (ball(SIDE / 2, SIDE / 2),), 1))
    assert placed is not None
    picture = draw_in(size, placed).astype(int)
    assert picture.shape == (size.height, size.width, 3)
    inked = np.abs(picture - INK[Colour.BLUE]).max(axis=2) < 60
    rows, columns = np.nonzero(inked)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=4)
    assert columns.mean() == pytest.approx(placed.things[0].x, abs=3)
    assert rows.mean() == pytest.approx(placed.things[0].y, abs=3)
