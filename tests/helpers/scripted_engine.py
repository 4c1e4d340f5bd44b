"""An engine without a model: it answers by a script, at once or as slowly as a test wants.

It keeps every promise of `studio.engine.protocol.Engine` (order of events, sizes, seeds, patches
transparent outside the mask), so what works with it works with the worker process.

    engine = ScriptedEngine()                       # every job succeeds in four steps
    engine.script(Script(error=ErrorReport(message="No.")))   # the next job fails
    engine.hold()                                   # jobs stop before their next step ...
    engine.release()                                # ... and go on
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from studio.core.picture import Picture, Pixels
from studio.engine.protocol import (
    LAST_EVENTS,
    Cancelled,
    Candidate,
    EngineEvent,
    EngineStatus,
    Failed,
    Finished,
    Note,
    Phase,
    Progress,
    Scored,
    Started,
)
from studio.generation.jobs import ErrorReport
from studio.generation.request import Attachments, Inpaint, Making, Ranking, Request, Upscale

MODEL_DIGEST = "5c" * 32
DEATH = ErrorReport(
    message="The engine's process was killed while it painted: try again.",
    details="exit code -9",
)


@dataclass(frozen=True)
class Script:
    """How one job goes.

    Attributes:
        steps: denoising steps of each candidate.
        step_seconds: what a step takes.
        previews: whether each step brings one.
        notes: sentences told at the start.
        error: the job fails with this, at ``fails_at``.
        dies: the worker dies, at ``fails_at``.
        fails_at: step of the first candidate after which it fails or dies.
    """

    steps: int = 4
    step_seconds: float = 0.0
    previews: bool = True
    notes: tuple[str, ...] = ()
    error: ErrorReport | None = None
    dies: bool = False
    fails_at: int = 1


class _Pause:
    """Between two events: time passes, or the engine is held."""


class ScriptedEngine:
    """An `Engine` that runs scripts; any thread may use it.

    Attributes:
        requests: what was submitted, in order.
        attachments: of each submitted job, by its id.
        deaths: how often the worker died.
        unloads: how often memory was to be freed.
        closed: whether `close` was called.
    """

    def __init__(self, default: Script | None = None) -> None:
        self.requests: list[Request] = []
        self.attachments: dict[str, Attachments] = {}
        self.deaths = 0
        self.unloads = 0
        self.closed = False
        self._default = default or Script()
        self._scripts: deque[Script] = deque()
        self._waiting: deque[tuple[str, Request]] = deque()
        self._running: str | None = None
        self._stream: Iterator[EngineEvent | _Pause] = iter(())
        self._cancelled: set[str] = set()
        self._is_loaded = True
        self._held = False
        self._step_seconds = 0.0
        self._resumes_at: float | None = None
        self._changed = threading.Condition()

    def script(self, *scripts: Script) -> None:
        """Sets how the next jobs to start go, one script each; later ones go by the default."""
        self._scripts.extend(scripts)

    def hold(self) -> None:
        """Lets no job make a step until `release`; one that waits still starts."""
        with self._changed:
            self._held = True

    def release(self) -> None:
        """Lets jobs go on."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def submit(self, job_id: str, request: Request, attachments: Attachments) -> None:
        """Queues a job."""
        with self._changed:
            self.requests.append(request)
            self.attachments[job_id] = attachments
            self._waiting.append((job_id, request))
            self._changed.notify_all()

    def next_event(self, timeout: float | None = None) -> EngineEvent | None:
        """The next event of the running job, or of the next one."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while True:
                event = self._advance()
                if event is not None:
                    return event
                waits = [at - time.monotonic() for at in (deadline, self._due()) if at is not None]
                if deadline is not None and waits[0] <= 0:
                    return None
                self._changed.wait(max(0.0, min(waits)) if waits else None)

    def cancel(self, job_id: str) -> None:
        """Stops a job before its next event."""
        with self._changed:
            self._cancelled.add(job_id)
            self._changed.notify_all()

    def free_memory(self) -> None:
        """Takes effect at once."""
        with self._changed:
            self.unloads += 1
            self._is_loaded = False

    def status(self) -> EngineStatus:
        """A loaded starter on the processor, unless memory was freed since the last job."""
        if not self._is_loaded:
            return EngineStatus(device="CPU", memory=4 * 2**20)
        return EngineStatus(device="CPU", model="starter", memory=64 * 2**20)

    def start(self) -> None:
        """Nothing to warm up; here because the worker's client has it."""

    def close(self, *, at_once: bool = False) -> None:
        """Forgets all jobs."""
        with self._changed:
            self.closed = True
            self._waiting.clear()
            self._running, self._stream = None, iter(())
            self._changed.notify_all()

    def _due(self) -> float | None:
        """When the running job makes its next step, if it is under way and not held."""
        return None if self._held or self._running is None else self._resumes_at

    def _advance(self) -> EngineEvent | None:
        """One event if one is due; None while there is nothing, or time has to pass."""
        if self._running is None:
            if not self._waiting:
                return None
            self._begin(*self._waiting.popleft())
        assert self._running is not None
        if self._running in self._cancelled:
            return self._end(Cancelled(job_id=self._running))
        if self._resumes_at is not None:
            if self._held or time.monotonic() < self._resumes_at:
                return None
            self._resumes_at = None
        event = next(self._stream)
        if isinstance(event, _Pause):
            self._resumes_at = time.monotonic() + self._step_seconds
            return self._advance()
        return self._end(event) if isinstance(event, LAST_EVENTS) else event

    def _begin(self, job_id: str, request: Request) -> None:
        script = self._scripts.popleft() if self._scripts else self._default
        self._running, self._step_seconds = job_id, script.step_seconds
        self._is_loaded = True
        self._resumes_at = None
        self._stream = _events(job_id, request, self.attachments[job_id], script)

    def _end(self, event: EngineEvent) -> EngineEvent:
        if isinstance(event, Failed) and event.error is DEATH:
            self.deaths += 1
        self._cancelled.discard(event.job_id)
        self._running = None
        return event


def painted(request: Making, candidate: int, attachments: Attachments) -> Picture:
    """The picture with which the scripted engine answers: a colour by prompt and seed, shaded.

    For an inpaint it is the patch: that colour, its alpha the mask. An enlarged picture is its own
    pixels, repeated.
    """
    if isinstance(request, Upscale):
        source = attachments[request.source]
        zoom = request.width // source.width
        return Picture.from_array(source.array().repeat(zoom, axis=0).repeat(zoom, axis=1))
    name = f"{request.prompt}|{request.seed_of(candidate)}".encode()
    colour = np.frombuffer(hashlib.sha256(name).digest()[:3], dtype=np.uint8).astype(np.float32)
    shade = np.linspace(0.6, 1.0, request.height, dtype=np.float32)[:, None, None]
    rgb = np.broadcast_to(colour * shade, (request.height, request.width, 3)).astype(np.uint8)
    if not isinstance(request, Inpaint):
        return Picture.from_array(rgb)
    mask: Pixels = attachments[request.mask].array()
    return Picture.from_array(np.concatenate([rgb, mask[..., None]], axis=2))


def score_of(prompt: str, picture: Picture) -> float:
    """A score in 0..1 that depends on nothing but the words and the pixels."""
    digest = hashlib.sha256(prompt.encode() + picture.digest.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _events(
    job_id: str, request: Request, attachments: Attachments, script: Script
) -> Iterator[EngineEvent | _Pause]:
    yield Started(job_id=job_id)
    yield from (Note(job_id=job_id, message=message) for message in script.notes)
    if isinstance(request, Ranking):
        yield from _ranking(job_id, request, attachments, script)
    else:
        yield from _generation(job_id, request, attachments, script)


def _ranking(
    job_id: str, request: Ranking, attachments: Attachments, script: Script
) -> Iterator[EngineEvent | _Pause]:
    if script.error is not None or script.dies:
        yield Failed(job_id=job_id, error=script.error or DEATH)
        return
    yield _Pause()
    scores = tuple(score_of(request.prompt, attachments[name]) for name in request.pictures)
    yield Scored(job_id=job_id, scores=scores)
    yield Finished(job_id=job_id, seconds=script.step_seconds, model_digest=MODEL_DIGEST)


def _generation(
    job_id: str, request: Making, attachments: Attachments, script: Script
) -> Iterator[EngineEvent | _Pause]:
    yield Progress(job_id=job_id, phase=Phase.PROMPT)
    total = script.steps * request.count
    for index in range(request.count):
        picture = painted(request, index, attachments)
        for step in range(1, script.steps + 1):
            yield _Pause()
            done = index * script.steps + step
            yield Progress(
                job_id=job_id,
                phase=Phase.DENOISING,
                step=step,
                total=script.steps,
                candidate=index,
                preview=_small(picture) if script.previews else None,
                fraction=done / (total + 1),
                seconds_left=(total - done) * script.step_seconds,
            )
            if index == 0 and step == script.fails_at and (script.error or script.dies):
                yield Failed(job_id=job_id, error=script.error or DEATH)
                return
        yield Candidate(
            job_id=job_id,
            index=index,
            seed=request.seed_of(index),
            picture=picture,
            score=score_of(request.prompt, picture) if _is_ranked(request) else None,
            seconds=script.steps * script.step_seconds,
        )
    yield Progress(job_id=job_id, phase=Phase.FINISHING, fraction=1.0)
    yield Finished(job_id=job_id, seconds=total * script.step_seconds, model_digest=MODEL_DIGEST)


def _is_ranked(request: Making) -> bool:
    return not isinstance(request, Upscale) and request.rank


def _small(picture: Picture) -> Picture:
    every = max(1, picture.extent.longest // 32)
    return Picture.from_array(picture.rgb()[::every, ::every])
