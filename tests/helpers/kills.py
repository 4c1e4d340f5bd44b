"""Kills hands that paint at random moments, and sees what comes back."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from studio.core.restoring import restored
from studio.journal import lost_drawings
from tests.helpers.painting_hand import STEP_SECONDS
from tests.helpers.states import digest

_MOST_STEPS = 80


class Outcome(NamedTuple):
    """What a kill cost.

    Attributes:
        lost: seconds of the hand's time between what came back and the kill; None where what
            came back is no state that there ever was.
        painted: seconds that the hand had painted.
    """

    lost: float | None
    painted: float


class Killer:
    """Has hands paint with a journal in a folder, and kills them; use `killer`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def kill(self, seed: int) -> Outcome:
        """Starts a hand, kills it, recovers its drawing and compares with the hand's own log."""
        chance = random.Random(seed)
        self._say(seed)
        child = int(self._hear().split()[1])
        lines = [self._hear() for _ in range(chance.randint(1, _MOST_STEPS))]
        time.sleep(chance.uniform(0, STEP_SECONDS))
        os.kill(child, signal.SIGKILL)
        while (line := self._hear()) != "end":
            lines.append(line)
        states = [line.split() for line in lines]
        return _outcome([(float(moment), word) for moment, word in states], self._recovered())

    def _say(self, seed: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seed}\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the hand cannot paint"
        return line

    def _recovered(self) -> str | None:
        """The digest of the one drawing that was left behind, or None."""
        for lost in lost_drawings(self._folder):
            try:
                return digest(restored(lost.read()))
            finally:
                lost.discard()
        return None


@contextlib.contextmanager
def killer(folder: Path) -> Iterator[Killer]:
    """One whose hands keep their journals in ``folder``."""
    command = [sys.executable, "-m", "tests.helpers.painting_hand", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield Killer(process, folder)
        assert process.stdin is not None
        process.stdin.close()


def _outcome(states: list[tuple[float, str]], recovered: str | None) -> Outcome:
    end = states[-1][0]
    if recovered is None:
        return Outcome(end, end)
    # A state lasts until the next one.
    until = [*(moment for moment, _ in states[1:]), end]
    lost = [end - last for (_, word), last in zip(states, until, strict=True) if word == recovered]
    return Outcome(min(lost, default=None), end)
