"""What an engine is, and the events with which it answers.

Every engine (the local worker process, the tests' scripted one, later a remote one) takes jobs and
answers with a stream of events. For a job the order is ``Started``, any number of ``Progress``,
``Candidate`` and ``Note``, and exactly one of ``Finished``, ``Failed`` or ``Cancelled``. Where a
job waits for a model that is loaded ahead of it, progress of that may come first. A job that is
cancelled or lost before it has begun has no ``Started``.
"""

from __future__ import annotations

import enum
from typing import Protocol, TypeAlias

import msgspec

from studio.core.picture import Picture
from studio.generation.jobs import ErrorReport
from studio.generation.memory import Budget, MemoryPlan
from studio.generation.recipe import Recipe
from studio.generation.request import Attachments, Making, Request


class Phase(enum.StrEnum):
    """What the engine is doing, as the person is told."""

    STARTING = "starting the engine"
    LOADING = "loading the model"
    PROMPT = "reading the prompt"
    PREPARING = "preparing the picture"
    DENOISING = "painting"
    DECODING = "developing"
    ENLARGING = "enlarging"
    FINISHING = "finishing"
    RANKING = "scoring"


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something that happened to a job."""

    job_id: str


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """The engine has taken the job up."""


class Progress(Event, frozen=True, kw_only=True, tag="progress"):
    """The job has come further.

    Attributes:
        phase: what is being done now.
        step, total: how far in this phase, in bytes while a model is loaded; total is 0 where
            nobody can say.
        candidate: which candidate it is about, counted from 0.
        preview: the candidate as it looks so far, small, where there is one.
        fraction: how much of the whole job is done, 0 to 1, never falling.
        seconds_left: by the speed measured so far; None until there is one.
    """

    phase: Phase
    step: int = 0
    total: int = 0
    candidate: int = 0
    preview: Picture | None = None
    fraction: float = 0.0
    seconds_left: float | None = None

    @property
    def share(self) -> float:
        """How full a bar is, 0 to 1: of the whole job, or of the model while that is loaded."""
        if self.phase is Phase.LOADING and self.total:
            return self.step / self.total
        return self.fraction


class Note(Event, frozen=True, kw_only=True, tag="note"):
    """A sentence that the person should read though nothing failed, such as a prompt too long."""

    message: str


class Candidate(Event, frozen=True, kw_only=True, tag="candidate"):
    """One result.

    Attributes:
        index: counted from 0.
        seed: its own seed.
        picture: of the request's size. For an inpaint it is a patch: RGBA, transparent where the
            source stays as it is, to be laid over the source by plain source-over.
        score: CLIP's cosine similarity with the prompt, -1 to 1, where the request asked for it.
        seconds: what it took, its share of a batch.
    """

    index: int
    seed: int
    picture: Picture
    score: float | None = None
    seconds: float = 0.0

    def recipe(self, request: Making, parents: tuple[str, ...] = ()) -> Recipe:
        """How it was made.

        Args:
            request: what was asked for.
            parents: gallery ids of the pictures that it was made from, where they are known.
        """
        return Recipe(
            request=request,
            index=self.index,
            score=self.score,
            seconds=self.seconds,
            job_id=self.job_id,
            parents=parents,
        )


class Scored(Event, frozen=True, kw_only=True, tag="scored"):
    """CLIP's cosine similarities of a ranking's pictures, in their order."""

    scores: tuple[float, ...]


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """All is done; ``model_digest`` names the weights by content."""

    seconds: float
    model_digest: str = ""


class Failed(Event, frozen=True, kw_only=True, tag="failed"):
    """The job ended with an error; the engine is ready for the next one."""

    error: ErrorReport


class Cancelled(Event, frozen=True, kw_only=True, tag="cancelled"):
    """The job was stopped as asked."""


EngineEvent: TypeAlias = (
    Started | Progress | Note | Candidate | Scored | Finished | Failed | Cancelled
)
LAST_EVENTS = (Finished, Failed, Cancelled)
"""After one of these a job has no further events."""


class Loading(msgspec.Struct, frozen=True, kw_only=True):
    """How many bytes of a model's weights are read; total is 0 where nobody can say."""

    done: int = 0
    total: int = 0


class EngineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the status bar says of the engine.

    Attributes:
        device: such as ``CPU`` or ``NVIDIA RTX 4070``; empty until the worker is ready.
        on_processor: whether the processor computes, and no graphics card beside it.
        model: id of the loaded model, empty while none is.
        memory: bytes that the worker holds.
        plan: how that model is fitted into memory; None while none is loaded.
        budget: the memory that the device has and could still give; None until it is known.
        loading: how far a model is that is loaded ahead of its first job; else None.
    """

    device: str = ""
    on_processor: bool = True
    model: str = ""
    memory: int = 0
    plan: MemoryPlan | None = None
    budget: Budget | None = None
    loading: Loading | None = None


class Engine(Protocol):
    """Runs jobs one after another, somewhere else.

    An engine may be used from one thread; `cancel` may be called from any.
    """

    def submit(self, job_id: str, request: Request, attachments: Attachments) -> None:
        """Hands over a request; its events follow. Requests run in the order of submission."""

    def next_event(self, timeout: float | None = None) -> EngineEvent | None:
        """Waits for an event, at most ``timeout`` seconds (for ever with None); None on time-out.

        A worker that died or hung is reported as `Failed` for the job that it had; those that
        wait go on in a fresh one.
        """

    def cancel(self, job_id: str) -> None:
        """Asks for a job to end within one step; does nothing if it has ended already.

        A job that does not end within some seconds is ended with the worker.
        """

    def free_memory(self) -> None:
        """Has all models unloaded once the jobs submitted before have ended; returns at once."""

    def status(self) -> EngineStatus:
        """The engine as last heard of."""

    def close(self, *, at_once: bool = False) -> None:
        """Ends the engine and all that it started; may be called twice.

        Args:
            at_once: nothing is asked to end by itself first, which may take some seconds.
        """
