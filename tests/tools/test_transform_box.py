from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.projection import Spot, is_convex
from studio.tools.grips import GRIPS, Grip
from studio.tools.transform_box import Hold, TransformBox

BOX = TransformBox.around(Bounds(100, 50, 200, 100))
FALLING = Grip.RIGHT | Grip.BOTTOM
ways = st.floats(-150, 150)
angles = st.floats(-180, 180)


def near(one: Spot, other: tuple[float, float]) -> bool:
    return one.distance(other) < 1e-4


@settings(max_examples=30, deadline=None)
@given(angles, ways, ways, st.sampled_from(GRIPS))
def test_a_pulled_handle_follows_the_pointer_and_the_opposite_one_stays(
    angle: float, dx: float, dy: float, grip: Grip
) -> None:
    box = BOX.turned(angle)
    start = box.grip(grip)
    pulled = box.pulled(grip, start, start.moved(dx, dy))
    fixed = (
        next(other for other in GRIPS if not other & grip and len(other) == len(grip))
        if len(grip) == 2
        else {
            Grip.LEFT: Grip.RIGHT,
            Grip.RIGHT: Grip.LEFT,
            Grip.TOP: Grip.BOTTOM,
            Grip.BOTTOM: Grip.TOP,
        }[grip]
    )
    assert near(pulled.grip(fixed), box.grip(fixed))
    if len(grip) == 2 and min(abs(pulled.look.scale_x), abs(pulled.look.scale_y)) > 0.05:
        assert near(pulled.grip(grip), start.moved(dx, dy))
    assert is_convex(pulled.quad, 1e-6)


@settings(max_examples=30, deadline=None)
@given(angles, ways, ways)
def test_both_sides_alike_keep_the_aspect(angle: float, dx: float, dy: float) -> None:
    box = BOX.turned(angle)
    start = box.grip(FALLING)
    look = box.pulled(FALLING, start, start.moved(dx, dy), alike=True).look
    assert abs(look.scale_x) == pytest.approx(abs(look.scale_y), rel=1e-3, abs=6e-3)


@settings(max_examples=30, deadline=None)
@given(ways, ways, st.sampled_from(GRIPS))
def test_about_the_pivot_the_pivot_stays(dx: float, dy: float, grip: Grip) -> None:
    start = BOX.grip(grip)
    pulled = BOX.pulled(grip, start, start.moved(dx, dy), about_pivot=True)
    assert near(pulled.place, BOX.place)


def test_turning_follows_the_pointer_about_the_pivot() -> None:
    swung = BOX.swung(Spot(300, 100), Spot(200, 200))
    assert swung.look.angle == pytest.approx(90)
    assert near(swung.place, BOX.place)
    stepwise = BOX.turned(4).swung(Spot(300, 100), Spot(300, 128), stepwise=True)
    assert stepwise.look.angle == pytest.approx(15)


def test_a_distorted_corner_goes_alone() -> None:
    corner = BOX.grip(FALLING)
    distorted = BOX.distorted(FALLING, corner, corner.moved(40, 30))
    assert near(distorted.quad[2], corner.moved(40, 30))
    for number in (0, 1, 3):
        assert near(distorted.quad[number], BOX.quad[number])


def test_a_corner_that_would_fold_the_box_stays() -> None:
    corner = BOX.grip(FALLING)
    assert BOX.distorted(FALLING, corner, Spot(110, 55)) == BOX


def test_perspective_moves_two_corners_towards_each_other() -> None:
    corner = BOX.grip(FALLING)
    box = BOX.distorted(FALLING, corner, corner.moved(-30, 5), symmetric=True)
    assert near(box.quad[2], corner.moved(-30, 0))
    assert near(box.quad[3], BOX.quad[3].moved(30, 0))
    box = BOX.distorted(FALLING, corner, corner.moved(2, 10), symmetric=True)
    assert near(box.quad[2], corner.moved(0, 10))
    assert near(box.quad[1], BOX.quad[1].moved(0, -10))


def test_a_skewed_edge_moves_along_itself() -> None:
    edge = BOX.grip(Grip.TOP)
    skewed = BOX.skewed(Grip.TOP, edge, edge.moved(30, 12))
    assert near(skewed.quad[0], BOX.quad[0].moved(30, 0))
    assert near(skewed.quad[1], BOX.quad[1].moved(30, 0))
    assert near(skewed.quad[3], BOX.quad[3])
    both = BOX.skewed(Grip.TOP, edge, edge.moved(30, 12), about_pivot=True)
    assert near(both.quad[3], BOX.quad[3].moved(-30, 0))
    assert near(both.place, BOX.place)


def test_what_lies_under_the_pointer() -> None:
    assert BOX.under(Spot(200, 100), 5) == (Hold.PIVOT, Grip.NONE)
    assert BOX.under(Spot(302, 151), 5) == (Hold.GRIP, FALLING)
    assert BOX.under(Spot(200, 49), 5) == (Hold.GRIP, Grip.TOP)
    assert BOX.under(Spot(130, 80), 5) == (Hold.INSIDE, Grip.NONE)
    assert BOX.under(Spot(330, 180), 5) == (Hold.OUTSIDE, Grip.NONE)


def test_the_pivot_is_drawn_to_handles() -> None:
    assert BOX.with_pivot(Spot(103, 52), 5).pivot == Spot(100, 50)
    assert near(BOX.turned(30).with_pivot(Spot(150, 60)).place, (150, 60))


def test_ending_on_pixels_moves_less_than_one() -> None:
    turned = TransformBox.around(Bounds(0, 0, 5, 4)).turned(90)
    assert turned.projection.whole_turn is None
    assert turned.on_pixels().projection.whole_turn is not None
    assert turned.on_pixels().place.distance(turned.place) < 1
