from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.brush import MIN_SIZE, BrushSettings, Dab, StrokePath, dab_mask, mask_reach

SIZES = st.floats(1, 300)
COORDINATES = st.floats(-500, 500)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=12)


def stroke(settings: BrushSettings, points: list[tuple[float, float]]) -> list[Dab]:
    path = StrokePath(settings, *points[0])
    dabs = path.start()
    for point in points[1:]:
        dabs += path.to(*point)
    return dabs + path.finish()


def gaps(dabs: list[Dab]) -> list[float]:
    return [math.hypot(b.x - a.x, b.y - a.y) for a, b in zip(dabs, dabs[1:], strict=False)]


@given(st.floats(1, 100), st.integers(1, 40))
def test_dabs_are_evenly_spaced_whatever_the_event_rate(size: float, events: int) -> None:
    settings = BrushSettings(size=size)
    line = [(300 * k / events, 400 * k / events) for k in range(events + 1)]
    spacing = max(0.5, size * settings.spacing)
    dabs = stroke(settings, line)
    assert gaps(dabs) == pytest.approx([spacing] * (len(dabs) - 1), rel=1e-3, abs=1e-3)
    assert len(dabs) == pytest.approx(500 / spacing + 1, abs=1.01)


@given(POINTS, st.floats(1, 100))
def test_dabs_are_never_farther_apart_than_the_spacing(
    points: list[tuple[float, float]], size: float
) -> None:
    settings = BrushSettings(size=size)
    dabs = stroke(settings, points)
    assert max(gaps(dabs), default=0) <= max(0.5, size * settings.spacing) + 1e-6
    end = dabs[-1]
    left = math.hypot(points[-1][0] - end.x, points[-1][1] - end.y)
    assert left <= max(0.5, size * settings.spacing) + 1e-6


@given(POINTS)
def test_a_stroke_stays_within_the_hull_of_its_points(points: list[tuple[float, float]]) -> None:
    dabs = stroke(BrushSettings(), points)
    for axis in (0, 1):
        values = [point[axis] for point in points]
        assert min(dab[axis] for dab in dabs) >= min(values) - 1e-6
        assert max(dab[axis] for dab in dabs) <= max(values) + 1e-6


def test_a_click_is_one_dab() -> None:
    assert stroke(BrushSettings(), [(3.5, 4.5)]) == [Dab(3.5, 4.5, 1.0)]


def test_corners_are_rounded() -> None:
    dabs = stroke(BrushSettings(size=10), [(0, 0), (100, 0), (100, 100)])
    assert min(math.hypot(dab.x - 100, dab.y) for dab in dabs) > 10


def test_a_straight_line_is_not_rounded() -> None:
    path = StrokePath(BrushSettings(size=10), 0, 0)
    dabs = path.start() + path.line_to(100, 0) + path.line_to(100, 100)
    assert max(gaps(dabs)) <= 1 + 1e-6
    assert min(math.hypot(dab.x - 100, dab.y) for dab in dabs) < 1


def test_pressure_changes_along_the_way() -> None:
    path = StrokePath(BrushSettings(), 0, 0, 0.0)
    pressures = [dab.pressure for dab in path.start() + path.line_to(100, 0, 1.0)]
    assert pressures == sorted(pressures)
    assert pressures[0] == 0.0
    assert pressures[-1] > 0.9


def test_pressure_acts_on_what_it_is_told_to() -> None:
    thin = BrushSettings(size=100, flow=0.8)
    assert thin.size_at(0.5) == 50
    assert thin.size_at(0.0) == MIN_SIZE
    assert thin.flow_at(0.5) == 0.8
    faint = BrushSettings(size=100, flow=0.8, pressure_size=False, pressure_flow=True)
    assert faint.size_at(0.5) == 100
    assert faint.flow_at(0.5) == 0.4


@given(SIZES, st.floats(0, 1), st.floats(0, 0.999), st.floats(0, 0.999))
def test_a_dab_covers_its_disc_and_fades_outwards(
    size: float, hardness: float, fraction_x: float, fraction_y: float
) -> None:
    mask = dab_mask(size, hardness, fraction_x, fraction_y).astype(int)
    reach = mask_reach(size)
    assert mask.shape == (2 * reach + 1, 2 * reach + 1)
    assert mask[reach, reach] == mask.max()
    along = mask[reach, reach:]
    assert (np.diff(along) <= 0).all()


@pytest.mark.parametrize("size", [3.0, 10.0, 40.0, 150.0, 600.0])
def test_a_hard_dab_covers_the_area_of_its_disc(size: float) -> None:
    mask = dab_mask(size, 1.0, 0.5, 0.5)
    assert mask.sum() / 255 == pytest.approx(math.pi * size * size / 4, rel=0.06)


@given(st.floats(2, 200), st.floats(0, 0.999), st.floats(0, 0.999))
def test_a_dab_lies_where_its_centre_is(size: float, fraction_x: float, fraction_y: float) -> None:
    mask = dab_mask(size, 0.7, fraction_x, fraction_y).astype(float)
    reach = mask_reach(size)
    positions = np.arange(-reach, reach + 1) + 0.5
    x = (mask.sum(axis=0) * positions).sum() / mask.sum()
    y = (mask.sum(axis=1) * positions).sum() / mask.sum()
    tolerance = 0.2 if size < 64 else 0.3
    assert abs(x - fraction_x) <= tolerance
    assert abs(y - fraction_y) <= tolerance


def test_masks_are_shared_and_cannot_be_written() -> None:
    mask = dab_mask(40.0, 0.5, 0.1, 0.1)
    assert dab_mask(40.0, 0.5, 0.1, 0.1) is mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0, 0] = 1
