"""Bytes, speed and the time that is left."""

from __future__ import annotations

import pytest

from studio.models.progress import Meter, Progress, Stage


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> list[Progress]:
    return []


@pytest.fixture
def meter(clock: Clock, said: list[Progress]) -> Meter:
    return Meter(said.append, clock)


def test_speed_is_that_of_the_last_seconds(
    meter: Meter, clock: Clock, said: list[Progress]
) -> None:
    meter.begin(Stage.FETCHING, total=100_000)
    for second in range(1, 21):
        clock.now = second
        meter.add(1000 if second <= 10 else 2000, "a")
    assert said[-1].done == 30_000
    assert said[-1].speed == pytest.approx(2000, rel=0.2)
    assert said[-1].seconds_left == pytest.approx(35, rel=0.2)
    assert said[-1].fraction == 0.3


def test_it_speaks_ten_times_a_second_at_most(
    meter: Meter, clock: Clock, said: list[Progress]
) -> None:
    meter.begin(Stage.FETCHING, total=1000)
    for step in range(1000):
        clock.now = step / 1000
        meter.add(1, "a")
    assert 9 <= len(said) <= 12


def test_what_was_there_before_makes_no_speed(
    meter: Meter, clock: Clock, said: list[Progress]
) -> None:
    meter.begin(Stage.FETCHING, total=1000, done=900)
    clock.now = 1
    meter.add(10, "a")
    assert said[0] == Progress(Stage.FETCHING, 900, 1000)
    assert said[-1].speed == 10 and said[-1].seconds_left == 9


def test_a_pause_is_said_and_does_not_slow_what_follows(
    meter: Meter, clock: Clock, said: list[Progress]
) -> None:
    meter.begin(Stage.FETCHING, total=1000)
    meter.pause()
    assert said[-1].paused
    clock.now = 100
    meter.begin(Stage.FETCHING, total=1000)
    clock.now = 101
    meter.add(50, "a")
    assert said[-1].speed == 50 and not said[-1].paused


def test_an_unknown_total_has_no_end(meter: Meter, clock: Clock, said: list[Progress]) -> None:
    meter.begin(Stage.CHECKING)
    clock.now = 1
    meter.add(50, "a")
    assert said[-1].seconds_left is None and said[-1].fraction == 0.0
