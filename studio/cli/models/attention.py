"""Long work in a terminal: a bar that shows it, and Ctrl+C that ends it in order."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from studio.cli.errors import CancelledError, ExitCode
from studio.cli.output import print_json
from studio.models.control import Control, Stopped
from studio.models.progress import Progress, Report

_JSON_SECONDS: Final = 1.0
_KEPT: Final = "cancelled; what was downloaded is kept, and the same command continues."


@contextlib.contextmanager
def interruptible() -> Iterator[Control]:
    """A control that Ctrl+C and a request to terminate cancel; a second Ctrl+C ends at once.

    Raises:
        CancelledError: when Ctrl+C stopped the work.
        SystemExit: when the request did.
    """
    control = Control()
    asked: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)
        control.cancel()

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield control
    except Stopped as stop:
        if signal.SIGTERM in asked:
            raise SystemExit(ExitCode.TERMINATED) from stop
        raise CancelledError(_KEPT) from stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def shown(title: str, as_json: bool) -> Iterator[Report]:
    """Shows reports: as JSON lines on standard output, or as a bar while there is a terminal.

    Args:
        title: of what is worked on.
        as_json: one line a second at most, and one for each stage.
    """
    if as_json:
        yield _JsonLines().report
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield _Notes(title).report
        return
    with Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        redirect_stdout=False,
    ) as bar:
        task = bar.add_task(title, total=None)

        def report(progress: Progress) -> None:
            waiting = ", waiting for the hub" if progress.waiting else ""
            bar.update(
                task,
                description=f"{title}: {progress.stage}{waiting}",
                completed=progress.done,
                total=progress.total or None,
            )

        yield report


class _JsonLines:
    """Prints reports for programs."""

    def __init__(self) -> None:
        self._stage = ""
        self._said = float("-inf")

    def report(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage == self._stage and now - self._said < _JSON_SECONDS:
            return
        self._stage, self._said = progress.stage, now
        print_json(
            {
                "event": "progress",
                "stage": progress.stage.name.lower(),
                "done": progress.done,
                "total": progress.total,
                "bytes_per_second": round(progress.speed),
                "seconds_left": progress.seconds_left,
                "file": progress.file,
                "waiting": progress.waiting,
            }
        )


class _Notes:
    """Says where there is no terminal which stage has begun, for logs."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._stage = ""

    def report(self, progress: Progress) -> None:
        if progress.stage != self._stage:
            self._stage = progress.stage
            print(f"{self._title}: {progress.stage}", file=sys.stderr)
