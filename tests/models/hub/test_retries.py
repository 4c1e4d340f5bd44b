"""When the network is asked again, and when it is given up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from studio.core.errors import ModelError
from studio.models.hub.retries import Busy, Retries


class Times:
    """Fails a number of times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.bytes = 0

    async def once(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, in no time."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("asyncio.sleep", sleep)
    return waited


def run(times: Times, policy: Retries) -> str:
    return asyncio.run(policy.run(times.once, lambda: times.bytes))


def test_pauses_double_up_to_the_longest_with_a_little_chance(slept: list[float]) -> None:
    times = Times(*(httpx2.ReadTimeout("") for _ in range(4)))
    assert run(times, Retries(attempts=5, first=1, longest=4)) == "done"
    for waited, wanted in zip(slept, (1, 2, 4, 4), strict=True):
        assert 0.75 * wanted <= waited <= 1.25 * wanted


def test_the_server_says_when_to_come_back(slept: list[float]) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    times = Times(Busy("", "7"), Busy("", later), Busy("", "1000000"), Busy("", "nonsense"))
    assert run(times, Retries(first=1)) == "done"
    assert slept[0] == 7
    assert 80 <= slept[1] <= 90
    assert slept[2] == 300
    assert slept[3] < 11


@pytest.mark.parametrize(
    "error",
    [httpx2.TooManyRedirects(""), httpx2.UnsupportedProtocol(""), httpx2.InvalidURL("")],
)
def test_what_will_be_so_again_is_not_tried_again(error: Exception, slept: list[float]) -> None:
    times = Times(error)
    with pytest.raises(ModelError, match="sends on and on, or to an address that is none"):
        run(times, Retries())
    assert times.calls == 1 and not slept


def test_it_ends_after_so_many_attempts() -> None:
    times = Times(*(Busy("HTTP 503") for _ in range(9)))
    with pytest.raises(ModelError, match=r"too busy \(HTTP 503\)"):
        run(times, Retries(attempts=4))
    assert times.calls == 4


def test_progress_begins_the_count_anew() -> None:
    class Slow(Times):
        async def once(self) -> str:
            self.bytes += 1
            return await super().once()

    slow = Slow(*(httpx2.ReadError("") for _ in range(9)))
    assert run(slow, Retries(attempts=2)) == "done"


def test_where_nobody_answers_few_attempts_are_enough() -> None:
    times = Times(*(httpx2.ConnectError("") for _ in range(9)))
    with pytest.raises(ModelError, match="cannot be reached"):
        run(times, Retries(attempts=9, knocks=2))
    assert times.calls == 2


def test_a_connection_that_breaks_each_time_is_said() -> None:
    times = Times(*(httpx2.RemoteProtocolError("secret") for _ in range(9)))
    with pytest.raises(ModelError, match="keeps breaking") as caught:
        run(times, Retries(attempts=2))
    assert "secret" not in caught.value.message


def test_what_no_attempt_can_mend_is_raised_at_once() -> None:
    times = Times(ModelError("No."))
    with pytest.raises(ModelError, match=r"No\."):
        run(times, Retries())
    assert times.calls == 1
