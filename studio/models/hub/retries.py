"""Trying again what the network refused for a moment."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import httpx2

from studio.core.errors import ModelError

log = logging.getLogger(__name__)

_MOST_SECONDS: Final = 300.0
"""Nobody is waited for longer than this at once."""

_HOPELESS: Final = (httpx2.TooManyRedirects, httpx2.UnsupportedProtocol, httpx2.InvalidURL)
"""A server that answers so does so again."""

_UNREACHABLE: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)

Result = TypeVar("Result")


class Busy(Exception):  # noqa: N818 - it is an answer
    """A server that cannot serve now.

    Args:
        what: it said, for the message.
        retry_after: its header: seconds or a date; may be empty.
    """

    def __init__(self, what: str, retry_after: str = "") -> None:
        super().__init__(what)
        self.wait = _seconds(retry_after)


@dataclass(frozen=True)
class Retries:
    """How often to try, and how long to wait in between.

    Attributes:
        attempts: without any progress in between.
        knocks: where nothing was ever reached: most likely nobody is there.
        first: seconds before the second attempt, doubled each time.
        longest: seconds; a server that names a longer time is heeded all the same.
        waiting: called before each wait.
    """

    attempts: int = 6
    knocks: int = 3
    first: float = 1.0
    longest: float = 30.0
    waiting: Callable[[], None] = lambda: None

    async def run(
        self, once: Callable[[], Awaitable[Result]], progress: Callable[[], int] = lambda: 0
    ) -> Result:
        """Calls ``once`` until it succeeds.

        Args:
            once: raises `Busy` or an error of the connection where trying again may help.
            progress: a number that grows while there is any; then attempts are counted anew.

        Raises:
            ModelError: if it never succeeds, or cannot.
        """
        failures, reached = 0, progress()
        while True:
            try:
                return await once()
            except _HOPELESS as error:
                raise ModelError(_LOST) from error
            except (Busy, httpx2.RequestError, httpx2.StreamError) as error:
                if progress() > reached:
                    failures, reached = 0, progress()
                failures += 1
                log.info("attempt %d failed: %s", failures, type(error).__name__)
                if failures >= self._most(error, reached):
                    raise ModelError(_gave_up(error)) from error
                self.waiting()
                await asyncio.sleep(self._pause(failures, error))

    def _most(self, error: Exception, reached: int) -> int:
        if isinstance(error, _UNREACHABLE) and not reached:
            return min(self.knocks, self.attempts)
        return self.attempts

    def _pause(self, failures: int, error: Exception) -> float:
        if isinstance(error, Busy) and error.wait is not None:
            return min(error.wait, _MOST_SECONDS)
        # A little chance keeps many programs from coming back at once.
        pause: float = min(self.first * 2 ** (failures - 1), self.longest)
        return pause * random.uniform(0.75, 1.25)


USUAL: Final = Retries()
"""For people's own connections."""

_LOST: Final = (
    "The model hub sends on and on, or to an address that is none: check the address of the mirror "
    "and whether this network asks you to sign in; what was downloaded is kept."
)


def _gave_up(error: Exception) -> str:
    if isinstance(error, Busy):
        return f"The model hub is too busy ({error}): try again later; what was downloaded is kept."
    if isinstance(error, _UNREACHABLE):
        return (
            "The model hub cannot be reached: check the connection to the internet and the "
            "address of the mirror; what was downloaded is kept."
        )
    return (
        "The connection to the model hub keeps breaking: try again later; what was downloaded "
        "is kept."
    )


def _seconds(retry_after: str) -> float | None:
    """What a ``Retry-After`` header asks for; None where it asks for nothing sensible."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment.tzinfo else None
