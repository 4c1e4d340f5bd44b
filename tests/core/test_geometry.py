from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from studio.core import geometry
from studio.core.geometry import Bounds, Extent, Point

coordinates = st.integers(-1000, 1000)
sides = st.integers(-5, 500)
rectangles = st.builds(Bounds, coordinates, coordinates, sides, sides)
points = st.builds(Point, coordinates, coordinates)


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(geometry).failed == 0


@given(rectangles, rectangles, points)
def test_a_point_is_in_the_intersection_exactly_when_it_is_in_both(
    a: Bounds, b: Bounds, point: Point
) -> None:
    both = a.contains_point(point) and b.contains_point(point)
    assert a.intersection(b).contains_point(point) == both


@given(rectangles, rectangles)
def test_the_union_holds_both_and_no_smaller_rectangle_does(a: Bounds, b: Bounds) -> None:
    union = a.union(b)
    assert union.contains(a) and union.contains(b)
    parts = [part for part in (a, b) if not part.is_empty]
    if parts:
        assert union.x == min(part.x for part in parts)
        assert union.right == max(part.right for part in parts)
        assert union.y == min(part.y for part in parts)
        assert union.bottom == max(part.bottom for part in parts)


@given(rectangles, rectangles)
def test_an_intersection_has_no_negative_side_and_lies_in_both(a: Bounds, b: Bounds) -> None:
    common = a.intersection(b)
    assert common.width >= 0 and common.height >= 0
    assert a.contains(common) and b.contains(common)


@given(rectangles, st.integers(0, 100))
def test_padding_can_be_taken_back(bounds: Bounds, amount: int) -> None:
    assert bounds.padded(amount).padded(-amount) == bounds


@given(rectangles, points)
def test_relative_coordinates_can_be_turned_back(bounds: Bounds, origin: Point) -> None:
    assert bounds.relative_to(origin).moved(origin.x, origin.y) == bounds


@given(rectangles, st.builds(Bounds, coordinates, coordinates, st.just(500), st.just(500)))
def test_clamping_keeps_the_size_and_lands_inside_what_is_large_enough(
    bounds: Bounds, outer: Bounds
) -> None:
    clamped = bounds.clamped_into(outer)
    assert clamped.extent == bounds.extent
    assert outer.contains(clamped)


@given(rectangles)
def test_area_is_zero_exactly_for_empty_rectangles(bounds: Bounds) -> None:
    assert (bounds.area == 0) == bounds.is_empty


def test_an_extent_knows_its_sides() -> None:
    extent = Extent(300, 200)
    assert (extent.area, extent.longest, extent.shortest, extent.aspect) == (60000, 300, 200, 1.5)
    assert str(extent) == "300x200"
    assert Bounds.of(extent) == Bounds(0, 0, 300, 200)
