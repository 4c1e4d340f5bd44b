from __future__ import annotations

import threading
from functools import partial

import pytest

from studio.files.progress import Cancelled, Meter, in_order, part_of


def work(meter: Meter, number: int) -> int:
    meter.advance(1)
    return number


def test_results_come_in_the_order_of_the_jobs() -> None:
    meter = Meter(50)
    heard: list[float] = []
    results = in_order([partial(work, meter, number) for number in range(50)], meter, heard.append)
    assert list(results) == list(range(50))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_an_error_of_a_job_reaches_whoever_waits() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(in_order([fail], Meter(1)))


def test_cancelling_ends_jobs_that_would_go_on_for_ever() -> None:
    meter = Meter(1)
    ended = threading.Event()

    def endless() -> None:
        try:
            while True:
                meter.advance(0)
        finally:
            ended.set()

    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(in_order([endless], meter, cancel))
    assert ended.is_set()


def test_few_results_are_made_before_they_are_wanted() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    results = in_order([partial(make, number) for number in range(1000)], Meter(1000))
    next(results)
    results.close()
    assert len(made) < 20


def test_a_step_reports_its_part_of_the_whole() -> None:
    heard: list[float] = []
    step = part_of(heard.append, 0.5, 0.75)
    step(0.0)
    step(1.0)
    assert heard == [0.5, 0.75]


def test_a_meter_of_nothing_is_never_beyond_its_end() -> None:
    meter = Meter(0)
    assert meter.fraction == 0.0
    meter.advance(5)
    assert meter.fraction == 1.0
