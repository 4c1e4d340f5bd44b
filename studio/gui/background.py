"""Work that takes longer than a frame, done on other threads, its result handed to the window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from studio.core.errors import KnownError

log = logging.getLogger(__name__)

T = TypeVar("T")


class Background(QObject):
    """Runs functions on a few threads and calls back on the thread that it was made on.

    Whoever owns it calls `close` before it goes, so that no call comes after that.

    Signals:
        idle(): the last function under way has ended.
    """

    idle = Signal()
    _ended = Signal(object)

    def __init__(self, threads: int = 2, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)
        self._under_way = 0
        self._closed = False
        self._ended.connect(self._deliver)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._under_way == 0

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Calls ``work`` elsewhere, then ``done`` with its result or ``failed`` with its error."""
        self._under_way += 1
        self._pool.start(_Task(work, done, failed, self._ended))

    def close(self, milliseconds: int = 10_000) -> None:
        """Waits for what is under way, and calls nobody back any more."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone(milliseconds)

    @Slot(object)
    def _deliver(self, report: Callable[[], None]) -> None:
        self._under_way -= 1
        if not self._closed:
            report()
            if self.is_idle:
                self.idle.emit()


class _Task(QRunnable):
    """One function on its way through the pool."""

    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        ended: Any,
    ) -> None:
        super().__init__()
        self._work = work
        self._done = done
        self._failed = failed
        self._ended = ended

    def run(self) -> None:
        """Works, and reports on the thread that waits for it."""
        try:
            result = self._work()
        except Exception as error:  # the thread's last resort: the caller is told, never the void
            if not isinstance(error, KnownError):
                log.exception("background work failed")
            failure = error
            self._ended.emit(lambda: self._failed(failure))
        else:
            self._ended.emit(lambda: self._done(result))
