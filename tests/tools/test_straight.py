from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.tools.straight import constrained

PLACES = st.floats(-1000, 1000)


@given(PLACES, PLACES, PLACES, PLACES)
def test_lines_are_kept_to_steps_of_15_degrees(x0: float, y0: float, x: float, y: float) -> None:
    end_x, end_y = constrained(x0, y0, x, y)
    way = math.hypot(end_x - x0, end_y - y0)
    if way > 1e-3:
        steps = math.degrees(math.atan2(end_y - y0, end_x - x0)) / 15
        assert steps == pytest.approx(round(steps), abs=1e-3)
    assert way <= math.hypot(x - x0, y - y0) + 1e-6
    assert (
        math.hypot(x - end_x, y - end_y)
        <= math.hypot(x - x0, y - y0) * math.sin(math.radians(7.6)) + 1e-6
    )
