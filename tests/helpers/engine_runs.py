"""Running a job to its end, with a real engine or on the spot."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.protocol import LAST_EVENTS, Candidate, Engine, EngineEvent, Failed, Progress
from studio.generation.request import Attachments, Request

PATIENCE = 120.0
"""Seconds for which a test waits for an event before it fails."""

AnyEvent = TypeVar("AnyEvent")


def run_job(
    engine: Engine, request: Request, attachments: Attachments | None = None, job_id: str = "job"
) -> list[EngineEvent]:
    """All events of a job."""
    engine.submit(job_id, request, attachments or {})
    return rest_of(engine, job_id)


def rest_of(engine: Engine, job_id: str) -> list[EngineEvent]:
    """The events of a job from now on, its last one included."""
    return until(engine, job_id, lambda event: isinstance(event, LAST_EVENTS))


def until(engine: Engine, job_id: str, is_last: Callable[[EngineEvent], bool]) -> list[EngineEvent]:
    """The events of a job up to the one that is waited for; those of others are left out."""
    events: list[EngineEvent] = []
    deadline = time.monotonic() + PATIENCE
    while not events or not is_last(events[-1]):
        event = engine.next_event(timeout=max(0.0, deadline - time.monotonic()))
        assert event is not None, f"no event in {PATIENCE} s; the last one: {events[-1:]}"
        if event.job_id == job_id:
            events.append(event)
    return events


def of_kind(events: list[EngineEvent], kind: type[AnyEvent]) -> list[AnyEvent]:
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind)]


def pictures_of(events: list[EngineEvent]) -> list[Picture]:
    """The candidates' pictures; an assertion fails if the job did."""
    assert not of_kind(events, Failed), of_kind(events, Failed)
    return [candidate.picture for candidate in of_kind(events, Candidate)]


def failure_of(events: list[EngineEvent]) -> Failed:
    """The failure with which the job ended."""
    [failed] = of_kind(events, Failed)
    return failed


class RecordingDesk(Desk):
    """A desk whose reports can be read, and that may be told to stop at a step.

    Args:
        stop_at: after this many steps the job is cancelled.
    """

    def __init__(self, stop_at: int | None = None) -> None:
        self.events: list[EngineEvent] = []
        super().__init__("job", self.events.append, self._is_stopped)
        self._stop_at = stop_at

    @property
    def steps(self) -> int:
        """How many steps were reported."""
        return sum(isinstance(event, Progress) and event.step > 0 for event in self.events)

    def _is_stopped(self) -> bool:
        return self._stop_at is not None and self.steps >= self._stop_at


def shaded(width: int, height: int, seed: int = 0) -> Picture:
    """A picture of soft colours, never twice the same along a line."""
    chance = np.random.default_rng(seed)
    low, high = chance.integers(0, 100, 3), chance.integers(150, 255, 3)
    y, x = np.mgrid[0:height, 0:width]
    share = ((x / width + y / height) / 2)[..., None]
    return Picture.from_array((low + (high - low) * share).astype(np.uint8))


def box_mask(width: int, height: int, left: int, top: int, right: int, bottom: int) -> Picture:
    """A mask with one box."""
    pixels: Pixels = np.zeros((height, width), np.uint8)
    pixels[top:bottom, left:right] = 255
    return Picture.from_array(pixels)
