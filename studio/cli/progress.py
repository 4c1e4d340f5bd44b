"""What a person at a terminal sees while pictures are made."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from studio.engine import protocol


class Reporter:
    """Shows progress on standard error while it is a terminal, and notes always."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[left]}"),
                console=self._console,
                transient=True,
                redirect_stdout=False,
            )
            self._task = self._bar.add_task(protocol.Phase.STARTING, total=1.0, left="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def progress(self, event: protocol.Progress, part: str) -> None:
        """Shows how far a job is; ``part`` says which of several, or nothing."""
        if self._bar is None or self._task is None:
            return
        left = "" if event.seconds_left is None else f"{_duration(event.seconds_left)} left"
        self._bar.update(
            self._task,
            description=f"{part}{event.phase}",
            completed=event.share,
            left=left,
        )

    def note(self, message: str) -> None:
        """Says a sentence that the person should read."""
        with self.paused():
            print(message, file=sys.stderr)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Takes the bar away while something else is printed."""
        if self._bar is not None:
            self._bar.stop()
        try:
            yield
        finally:
            if self._bar is not None:
                self._bar.start()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
