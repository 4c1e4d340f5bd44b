"""Slow work with files, on other threads, that tells how far it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from studio.files.progress import Cancelled
from studio.gui.background import Background

Report = Callable[[float], None]
"""Is told how much is done, 0 to 1; may be called on any thread."""

T = TypeVar("T")


class Errand(msgspec.Struct, frozen=True):
    """Something under way.

    Attributes:
        words: what, as the person reads it: "Opening lake.ora".
        fraction: how much of it is done, 0 to 1; None while nobody can say.
    """

    words: str
    fraction: float | None = None


class Errands(QObject):
    """Runs work on the threads of a `Background`, and knows what is under way.

    An errand that is cancelled ends at its next report, and nobody hears of it again.

    Signals:
        changed(): something began, came further or ended.
    """

    changed = Signal()
    _reported = Signal(int, float)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._numbers = itertools.count()
        self._under_way: dict[int, Errand] = {}
        self._cancelled: set[int] = set()
        self._reported.connect(self._on_report)

    @property
    def under_way(self) -> tuple[Errand, ...]:
        """What is under way, in the order in which it began."""
        return tuple(self._under_way.values())

    def run(
        self,
        words: str,
        work: Callable[[Report], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Calls ``work`` elsewhere, then ``done`` with its result or ``failed`` with its error.

        Args:
            words: what it is, as the person reads it.
            work: is given a function to report with.
        """
        number = next(self._numbers)
        self._under_way[number] = Errand(words)
        self.changed.emit()

        def report(fraction: float) -> None:
            if number in self._cancelled:
                raise Cancelled
            self._reported.emit(number, fraction)

        def attempt() -> tuple[T] | None:
            try:
                return (work(report),)
            except Cancelled:
                return None

        def ended() -> None:
            del self._under_way[number]
            self._cancelled.discard(number)
            self.changed.emit()

        def succeeded(result: tuple[T] | None) -> None:
            ended()
            if result is not None:
                done(*result)

        def broke(error: Exception) -> None:
            ended()
            failed(error)

        self._background.run(attempt, succeeded, broke)

    def cancel(self) -> None:
        """Has everything under way end before it is done, as far as it reports."""
        self._cancelled.update(self._under_way)

    def _on_report(self, number: int, fraction: float) -> None:
        errand = self._under_way.get(number)
        if errand is not None:
            self._under_way[number] = replace(errand, fraction=fraction)
            self.changed.emit()
