"""Ctrl+C, once and twice."""

from __future__ import annotations

import signal

import pytest

from studio import app
from studio.engine.protocol import EngineEvent
from tests.cli.conftest import Run
from tests.helpers.scripted_engine import ScriptedEngine


class InterruptedEngine(ScriptedEngine):
    """Has Ctrl+C pressed at its first event, and again when it is asked to cancel.

    Attributes:
        presses: how often it is pressed in all.
        cancellations: jobs that it was asked to cancel.
        ends: of each call of `close`, whether it had to be at once.
    """

    def __init__(self, presses: int) -> None:
        super().__init__()
        self.presses = presses
        self.cancellations: list[str] = []
        self.ends: list[bool] = []

    def next_event(self, timeout: float | None = None) -> EngineEvent | None:
        if not self.cancellations:
            signal.raise_signal(signal.SIGINT)
        return super().next_event(timeout)

    def cancel(self, job_id: str) -> None:
        self.cancellations.append(job_id)
        if self.presses > 1:
            signal.raise_signal(signal.SIGINT)
        super().cancel(job_id)

    def close(self, *, at_once: bool = False) -> None:
        self.ends.append(at_once)
        super().close()


@pytest.mark.parametrize(("presses", "ends"), [(1, [False]), (2, [True, False])])
def test_the_first_cancels_and_the_second_does_not_wait_for_the_engine(
    run: Run, monkeypatch: pytest.MonkeyPatch, presses: int, ends: list[bool]
) -> None:
    engine = InterruptedEngine(presses)
    monkeypatch.setattr(app, "make_engine", lambda **_: engine)
    outcome = run("generate", "a boat", "-n", "3", "--size", "64x64")
    assert outcome.code == 130
    assert "cancelled" in outcome.err and "Traceback" not in outcome.err
    assert len(engine.cancellations) == 1
    assert engine.ends == ends
