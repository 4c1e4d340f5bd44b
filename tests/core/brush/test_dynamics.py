from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.brush import LINEAR, BrushSettings, Curve, Dynamic, Source, Target

SHARES = st.floats(0, 1)
NEUTRAL = {
    Source.PRESSURE: 0.5,
    Source.TILT: 0.0,
    Source.LEAN: 0.25,
    Source.DIRECTION: 0.0,
    Source.SPEED: 0.0,
    Source.CHANCE: 0.0,
}


@given(st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=6, unique_by=lambda p: p[0]))
def test_a_curve_goes_through_its_points(points: list[tuple[float, float]]) -> None:
    inner = sorted(point for point in points if 0 < point[0] < 1)
    curve = Curve(((0.0, 0.2), *inner, (1.0, 0.9)))
    for x, y in curve.points:
        assert curve.at(x) == pytest.approx(y)
    assert curve.at(-1) == 0.2
    assert curve.at(2) == 0.9


@given(SHARES, SHARES)
def test_a_curve_lies_between_its_points(x: float, middle: float) -> None:
    curve = Curve(((0.0, 0.0), (0.5, middle), (1.0, 1.0)))
    assert 0.0 <= curve.at(x) <= 1.0


@pytest.mark.parametrize(
    "points",
    [
        (),
        ((0.0, 0.0),),
        ((0.0, 0.0), (0.9, 1.0)),
        ((0.1, 0.0), (1.0, 1.0)),
        ((0.0, 0.0), (0.5, 0.1), (0.5, 0.2), (1.0, 1.0)),
        ((0.0, 0.0), (1.0, 1.5)),
        ((0.0, -0.1), (1.0, 1.0)),
    ],
)
def test_what_is_no_curve_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="points of a curve"):
        Curve(points)


def brush(target: Target, source: Source = Source.PRESSURE) -> BrushSettings:
    return BrushSettings(size=80, flow=0.6, hardness=0.4, dynamics=(Dynamic(source, target),))


def test_each_target_is_acted_on_and_no_other() -> None:
    plain = BrushSettings(size=80, flow=0.6, hardness=0.4, dynamics=()).dab(0, 0, NEUTRAL)
    expected = {
        Target.SIZE: plain._replace(size=40),
        Target.HARDNESS: plain._replace(hardness=0.2),
        Target.OPACITY: plain._replace(opacity=0.5),
        Target.FLOW: plain._replace(flow=0.3),
        Target.SPACING: plain,
        Target.ANGLE: plain._replace(angle=180.0),
        Target.ROUNDNESS: plain._replace(roundness=0.5),
    }
    assert {target: brush(target).dab(0, 0, NEUTRAL) for target in Target} == expected


def test_several_sources_multiply() -> None:
    settings = brush(Target.SIZE).driven(Source.LEAN, Target.SIZE, LINEAR)
    assert settings.dab(0, 0, NEUTRAL).size == 80 * 0.5 * 0.25


def test_no_dab_is_smaller_than_a_pixel() -> None:
    assert brush(Target.SIZE, Source.TILT).dab(0, 0, NEUTRAL).size == 1.0


def test_a_source_is_put_on_and_taken_off_a_target() -> None:
    gentle = Curve(((0.0, 0.5), (1.0, 1.0)))
    settings = BrushSettings().driven(Source.TILT, Target.FLOW, gentle)
    assert settings.curve(Source.TILT, Target.FLOW) == gentle
    assert settings.curve(Source.PRESSURE, Target.SIZE) == LINEAR
    assert settings.driven(Source.TILT, Target.FLOW, None) == BrushSettings()
    assert BrushSettings().curve(Source.TILT, Target.FLOW) is None
