"""Stopping and pausing what takes long, from another thread."""

from __future__ import annotations

import threading
import time

_POLL_SECONDS = 0.05


class Stopped(Exception):  # noqa: N818 - it is no error
    """The person cancelled what was under way."""


class Control:
    """Handed to a long task; whoever keeps it may pause and cancel from any thread."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()

    @property
    def cancelled(self) -> bool:
        """Whether the task is to end."""
        return self._cancelled.is_set()

    @property
    def paused(self) -> bool:
        """Whether the task is to wait."""
        return not self._running.is_set()

    def cancel(self) -> None:
        """Has the task end soon, also where it is paused; what was fetched is kept."""
        self._cancelled.set()

    def pause(self) -> None:
        """Has the task let go of its connections and wait."""
        self._running.clear()

    def resume(self) -> None:
        """Has the task go on."""
        self._running.set()

    def checkpoint(self) -> None:
        """Waits while paused.

        Raises:
            Stopped: once cancelled.
        """
        while self.paused and not self.cancelled:
            time.sleep(_POLL_SECONDS)
        if self.cancelled:
            raise Stopped
