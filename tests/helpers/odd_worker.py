"""A worker process without a model that misbehaves as its jobs' prompts say.

`odd_python` makes an "interpreter" that runs it in the place of the real worker.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from studio.engine import wire, worker
from studio.engine.desk import Desk
from studio.engine.protocol import EngineStatus, Phase
from studio.generation.request import Attachments, Ranking, Request

if TYPE_CHECKING:
    from studio.engine.diffusion.runner import Runner

HANG = "hang"
"""Waits in a native call that never returns; other threads go on."""
SEIZE = "seize"
"""The same, and no other thread of Python gets on either."""
SPIN = "spin"
"""Computes for ever in a native call, deaf to everything."""
STOP = "stop"
"""Has its whole process stopped."""
DEAF = "deaf"
"""Makes steps, but never asks whether it is to end."""
SLOW = "slow"
"""Takes several times the limits' standstill for a step, and computes all the while."""
LOAD = "load"
"""Loads for ever, and tells how far it is."""
LOAD_BRIEFLY = "load briefly"
"""Does so for half a second."""
WELL = "well"
"""Ends at once."""

WAYS = (HANG, SEIZE, SPIN, STOP, DEAF, LOAD, *[WELL] * 6)
"""All that end only where somebody sees to it, and as many that end by themselves."""

_AGES = 600
_SLOW_SECONDS = 2.5


class OddRunner:
    """Does what the prompt says."""

    def __init__(self) -> None:
        self._model = ""

    def status(self) -> EngineStatus:
        """A device without a name."""
        return EngineStatus(device="odd", model=self._model)

    def preload(self, model_id: str, desk: Desk) -> None:
        """Misbehaves as the model's name says."""
        desk.loading(1, 100)
        if model_id == HANG:
            _wait_for_ever(ctypes.CDLL(None))
        elif model_id == LOAD:
            _load(desk, _AGES)
        self._model = model_id

    def unload(self) -> None:
        """Forgets the model."""
        self._model = ""

    def run(self, request: Request, attachments: Attachments, desk: Desk) -> str:
        """Misbehaves, or does not."""
        assert not isinstance(request, Ranking)
        desk.phase(Phase.LOADING)
        if request.prompt == LOAD:
            _load(desk, _AGES)
        elif request.prompt == LOAD_BRIEFLY:
            _load(desk, 0.5)
        self._model = request.model
        desk.step(Phase.DENOISING, 1, 2)
        match request.prompt:
            case str(word) if word == HANG:
                _wait_for_ever(ctypes.CDLL(None))
            case str(word) if word == SEIZE:
                _wait_for_ever(ctypes.PyDLL(None))
            case str(word) if word == SPIN:
                sum(range(10**12))
            case str(word) if word == STOP:
                os.kill(os.getpid(), signal.SIGSTOP)
            case str(word) if word == DEAF:
                _make_steps(desk)
            case str(word) if word == SLOW:
                _compute(_SLOW_SECONDS)
        desk.step(Phase.DENOISING, 2, 2)
        return ""


def _wait_for_ever(library: ctypes.CDLL) -> None:
    """Takes a lock twice, as a driver may; no signal ends that."""
    mutex = ctypes.create_string_buffer(256)
    library.pthread_mutex_init(mutex, None)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)


def _make_steps(desk: Desk) -> None:
    """Reports, and overhears that it is to stop."""
    deaf = Desk(desk.job_id, desk.send, lambda: False)
    for step in range(_AGES * 20):
        deaf.step(Phase.DENOISING, step, _AGES * 20)
        time.sleep(0.05)


def _load(desk: Desk, seconds: float) -> None:
    for done in range(round(seconds * 20)):
        desk.loading(done, round(seconds * 20))
        time.sleep(0.05)


def _compute(seconds: float) -> None:
    """Uses whatever processor time it gets."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))


def _make_runner(setup: wire.Setup) -> Runner:
    return cast("Runner", OddRunner())


def odd_python(folder: Path) -> str:
    """The path of a script that starts this worker, whatever it is told to run."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m {__name__}\n')
    path.chmod(0o755)
    return str(path)


if __name__ == "__main__":
    worker._make_runner = _make_runner
    worker._step_back = lambda: None  # so that it gets on a little where others are busy
    worker.main()
