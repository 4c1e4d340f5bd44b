from hypothesis import given
from hypothesis import strategies as st

from studio.engine.progress import Meter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_follows_the_speed_so_far() -> None:
    clock = Clock()
    meter = Meter(10, clock)
    meter.begin()
    for _ in range(4):
        clock.now += 3.0
        meter.advance()
    assert meter.fraction == 0.4
    assert meter.seconds_left == 18.0


def test_what_was_done_before_the_clock_started_tells_nothing_of_the_speed() -> None:
    clock = Clock()
    meter = Meter(10, clock)
    meter.reach(0.5)
    meter.begin()
    for _ in range(2):
        clock.now += 3.0
        meter.advance()
    assert meter.seconds_left == 9.0


def test_there_is_no_estimate_before_two_units_are_done() -> None:
    meter = Meter(10, Clock())
    assert meter.seconds_left is None
    meter.advance()
    assert meter.seconds_left is None


@given(
    units=st.floats(0, 100),
    steps=st.lists(st.one_of(st.floats(0, 10), st.floats(0, 1).map(lambda f: -f)), max_size=20),
)
def test_the_fraction_never_falls_and_never_exceeds_one(units: float, steps: list[float]) -> None:
    meter = Meter(units, Clock())
    seen = [meter.fraction]
    for step in steps:
        if step < 0:
            meter.reach(-step)
        else:
            meter.advance(step)
        seen.append(meter.fraction)
    assert seen == sorted(seen)
    assert all(0 <= fraction <= 1 for fraction in seen)
