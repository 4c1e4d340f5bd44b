from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds, Point
from studio.core.projection import (
    IDENTITY,
    Projection,
    Quad,
    Spot,
    bounds_around,
    contains,
    corners,
    is_convex,
    middle,
)

BOX = Bounds(10, 20, 100, 50)
numbers = st.floats(-500, 500, allow_nan=False)
factors = st.floats(0.05, 20.0)
spots = st.builds(Spot, numbers, numbers)
projections = st.builds(
    lambda x, y, turn, skew, dx, dy: (
        Projection.scaling(x, y)
        .then(Projection.skewing(skew, 0.0))
        .then(Projection.turning(turn))
        .then(Projection.moving(dx, dy))
    ),
    *(factors, factors, st.floats(-180, 180), st.floats(-2, 2), numbers, numbers),
)


def near(one: tuple[float, float], other: tuple[float, float], tolerance: float = 1e-4) -> bool:
    return math.dist(one, other) < tolerance


@st.composite
def quads(draw: st.DrawFn) -> Quad:
    one, two, three, four = (
        corner.moved(draw(st.floats(-30, 30)), draw(st.floats(-15, 15))) for corner in corners(BOX)
    )
    quad = (one, two, three, four)
    assume(is_convex(quad, 50.0))
    return quad


@settings(max_examples=30, deadline=None)
@given(projections, spots)
def test_the_inverse_brings_every_place_back(projection: Projection, spot: Spot) -> None:
    assert near(projection.inverse().apply(projection.apply(spot)), spot)


@settings(max_examples=30, deadline=None)
@given(projections, projections, spots)
def test_one_after_the_other_is_both_in_one(one: Projection, two: Projection, spot: Spot) -> None:
    assert near(one.then(two).apply(spot), two.apply(one.apply(spot)), 1e-2)


@settings(max_examples=30, deadline=None)
@given(quads())
def test_corners_go_where_they_are_asked_to_go(quad: Quad) -> None:
    projection = Projection.between(corners(BOX), quad)
    for wanted, got in zip(quad, projection.quad(BOX), strict=True):
        assert near(wanted, got)


@settings(max_examples=30, deadline=None)
@given(quads(), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_what_lies_inside_stays_inside(quad: Quad, across: float, down: float) -> None:
    projection = Projection.between(corners(BOX), quad)
    inside = Spot(BOX.x + BOX.width * across, BOX.y + BOX.height * down)
    assert contains(quad, projection.apply(inside))


@settings(max_examples=30, deadline=None)
@given(factors, factors, st.floats(-179, 179), st.floats(-60, 60))
def test_the_look_says_what_was_asked_for(
    scale_x: float, scale_y: float, angle: float, skew: float
) -> None:
    about = middle(BOX)
    projection = (
        Projection.scaling(scale_x, scale_y, about)
        .then(Projection.skewing(math.tan(math.radians(skew)), 0.0, about))
        .then(Projection.turning(angle, about))
    )
    look = projection.look(about)
    assert look.scale_x == pytest.approx(scale_x)
    assert look.scale_y == pytest.approx(scale_y)
    assert look.angle == pytest.approx(angle, abs=1e-6)
    assert look.skew == pytest.approx(skew, abs=1e-6)


def test_mirroring_shows_in_the_look() -> None:
    assert Projection.scaling(1.0, -2.0).look((3.0, 4.0)).scale_y == pytest.approx(-2.0)


def test_turning_is_clockwise_and_quarters_are_exact() -> None:
    assert Projection.turning(90).apply((1, 0)) == Spot(0, 1)
    assert Projection.turning(-90).apply((1, 0)) == Spot(0, -1)
    assert Projection.turning(180, (5, 5)).apply((0, 0)) == Spot(10, 10)


def test_whole_moves_are_told_from_others() -> None:
    assert Projection.moving(3, -4).whole_move == Point(3, -4)
    assert Projection.moving(3.5, 0).whole_move is None
    assert Projection.scaling(2, 2).whole_move is None
    assert IDENTITY.is_identity


def test_uniform_scales_are_told_from_others() -> None:
    moved = Projection.scaling(1.5, 1.5, (7, 7)).then(Projection.moving(2.25, 0))
    assert moved.uniform_scale == pytest.approx(1.5)
    assert Projection.scaling(1.5, 1.4).uniform_scale is None
    assert Projection.turning(10).uniform_scale is None
    assert Projection.scaling(-1, -1).uniform_scale is None


def test_pixels_go_to_pixels_only_where_none_is_mixed() -> None:
    assert Projection.turning(90, (4, 4)).whole_turn is not None
    assert Projection.scaling(-1, 1, (8, 0)).whole_turn is not None
    assert Projection.turning(90, (4, 4.5)).whole_turn is None
    assert Projection.turning(45).whole_turn is None
    assert Projection.scaling(2, 1).whole_turn is None


def test_what_flattens_cannot_be_undone() -> None:
    with pytest.raises(ValueError, match="flattens"):
        Projection.scaling(0, 1).inverse()
    with pytest.raises(ValueError, match="line"):
        Projection.between((Spot(0, 0), Spot(1, 0), Spot(2, 0), Spot(3, 0)), corners(BOX))


def test_dents_and_flat_shapes_are_not_convex() -> None:
    square = corners(Bounds(0, 0, 10, 10))
    assert is_convex(square)
    assert is_convex((square[1], square[0], square[3], square[2]))
    assert not is_convex((square[0], square[1], Spot(2, 2), square[3]))
    assert not is_convex((square[0], square[2], square[1], square[3]))


def test_bounds_forgive_rounding() -> None:
    shape = (Spot(1e-9, -1e-9), Spot(10.0000000001, 9.9999999))
    assert bounds_around(shape) == Bounds(0, 0, 10, 10)
