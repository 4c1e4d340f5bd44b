from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.brush import (
    BrushSettings,
    Curve,
    Dab,
    Dynamic,
    Pen,
    Source,
    StrokePath,
    Target,
)

COORDINATES = st.floats(-200, 200)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=6)


def stroke(
    brush: BrushSettings, points: list[tuple[float, float]], leash: float = 0.0
) -> list[Dab]:
    path = StrokePath(brush, Pen(*points[0]), leash)
    dabs = path.start()
    for point in points[1:]:
        dabs += path.to(Pen(*point))
    return dabs + path.finish()


def gaps(dabs: list[Dab]) -> list[float]:
    return [math.hypot(b.x - a.x, b.y - a.y) for a, b in zip(dabs, dabs[1:], strict=False)]


def gap(brush: BrushSettings) -> float:
    return max(0.5, brush.size * brush.spacing)


@settings(max_examples=30, deadline=None)
@given(st.floats(4, 100), st.integers(1, 40), st.sampled_from([0.0, 30.0]))
def test_dabs_are_evenly_spaced_whatever_the_event_rate(
    size: float, events: int, leash: float
) -> None:
    brush = BrushSettings(size=size)
    line = [(120 * k / events, 160 * k / events) for k in range(events + 1)]
    dabs = stroke(brush, line, leash)
    assert gaps(dabs) == pytest.approx([gap(brush)] * (len(dabs) - 1), rel=1e-3, abs=1e-3)
    assert len(dabs) == pytest.approx(200 / gap(brush) + 1, abs=1.01)


@settings(max_examples=30, deadline=None)
@given(POINTS, st.floats(4, 100), st.floats(0, 80))
def test_dabs_are_never_farther_apart_than_the_spacing(
    points: list[tuple[float, float]], size: float, leash: float
) -> None:
    brush = BrushSettings(size=size)
    dabs = stroke(brush, points, leash)
    assert max(gaps(dabs), default=0) <= gap(brush) + 1e-6
    end = dabs[-1]
    left = math.hypot(points[-1][0] - end.x, points[-1][1] - end.y)
    assert left <= gap(brush) + 1e-6


@settings(max_examples=30, deadline=None)
@given(POINTS, st.floats(0, 80))
def test_a_stroke_stays_within_the_hull_of_its_points(
    points: list[tuple[float, float]], leash: float
) -> None:
    dabs = stroke(BrushSettings(), points, leash)
    for axis in (0, 1):
        values = [point[axis] for point in points]
        assert min(dab[axis] for dab in dabs) >= min(values) - 1e-6
        assert max(dab[axis] for dab in dabs) <= max(values) + 1e-6


def test_a_click_is_one_dab() -> None:
    assert stroke(BrushSettings(size=7), [(3.5, 4.5)]) == [Dab(3.5, 4.5, 7.0, 0.8)]


def test_corners_are_rounded() -> None:
    dabs = stroke(BrushSettings(size=10), [(0, 0), (100, 0), (100, 100)])
    assert min(math.hypot(dab.x - 100, dab.y) for dab in dabs) > 10


def test_a_straight_line_is_not_rounded() -> None:
    path = StrokePath(BrushSettings(size=10), Pen(0, 0))
    dabs = path.start() + path.line_to(Pen(100, 0)) + path.line_to(Pen(100, 100))
    assert max(gaps(dabs)) <= 1 + 1e-6
    assert min(math.hypot(dab.x - 100, dab.y) for dab in dabs) < 1


def test_a_tremor_narrower_than_the_leash_leaves_no_trace() -> None:
    trembling = [(float(x), 6.0 * (-1) ** x) for x in range(0, 300, 3)]
    free = [dab.y for dab in stroke(BrushSettings(size=10), trembling)]
    led = [dab.y for dab in stroke(BrushSettings(size=10), trembling, 60.0)]
    assert max(free) - min(free) > 4
    assert max(led[60:-70]) - min(led[60:-70]) < 1.5


def test_a_pen_that_stays_within_its_leash_moves_nothing_until_it_lifts() -> None:
    path = StrokePath(BrushSettings(size=10), Pen(0, 0), leash=50.0)
    path.start()
    assert path.to(Pen(30, 0)) == []
    assert path.finish()[-1].x == pytest.approx(30, abs=1)


def test_pressure_changes_along_the_way() -> None:
    path = StrokePath(BrushSettings(size=100), Pen(0, 0, 0.0))
    sizes = [dab.size for dab in path.start() + path.line_to(Pen(100, 0, 1.0))]
    assert sizes == sorted(sizes)
    assert sizes[0] == 1.0
    assert sizes[-1] > 90


def read(source: Source, *pens: Pen) -> float:
    """How large a brush of 100 px becomes at the end, whose size follows only that source."""
    brush = BrushSettings(size=100, spacing=0.01, dynamics=(Dynamic(source, Target.SIZE),))
    path = StrokePath(brush, pens[0])
    dabs = path.start()
    for pen in pens[1:]:
        dabs += path.to(pen)
    return (dabs + path.finish())[-1].size / 100


@pytest.mark.parametrize(
    ("source", "pens", "reading"),
    [
        (Source.PRESSURE, (Pen(0, 0, 0.25),), 0.25),
        (Source.TILT, (Pen(0, 0, tilt_x=30.0),), 0.5),
        (Source.TILT, (Pen(0, 0, tilt_x=-60.0, tilt_y=60.0),), 1.0),
        (Source.LEAN, (Pen(0, 0, tilt_y=40.0),), 0.25),
        (Source.LEAN, (Pen(0, 0, tilt_x=-40.0),), 0.5),
        (Source.DIRECTION, (Pen(0, 0), Pen(0, 90)), 0.25),
        (Source.DIRECTION, (Pen(0, 0), Pen(0, -90)), 0.75),
        (Source.SPEED, (Pen(0, 0), Pen(4000, 0, time=1.0)), 0.3),
    ],
)
def test_the_pen_is_read(source: Source, pens: tuple[Pen, ...], reading: float) -> None:
    assert read(source, *pens) == pytest.approx(reading, abs=0.01)


def test_chance_differs_from_dab_to_dab_but_not_from_time_to_time() -> None:
    brush = BrushSettings(size=100, dynamics=(Dynamic(Source.CHANCE, Target.FLOW),))
    line = [(0.0, 0.0), (300.0, 0.0)]
    flows = [dab.flow for dab in stroke(brush, line)]
    assert len(set(flows)) == len(flows)
    assert flows == [dab.flow for dab in stroke(brush, line)]


def test_spacing_can_follow_the_pen_too() -> None:
    halved = Dynamic(Source.PRESSURE, Target.SPACING, Curve(((0.0, 0.0), (1.0, 0.5))))
    brush = BrushSettings(size=100, spacing=0.2, dynamics=(halved,))
    assert gaps(stroke(brush, [(0, 0), (200, 0)])) == pytest.approx([10.0] * 20)


def test_flat_tips_are_set_closer() -> None:
    brush = BrushSettings(size=100, spacing=0.1, roundness=0.2)
    assert gaps(stroke(brush, [(0, 0), (10, 0)])) == pytest.approx([2.0] * 5)
