"""Running jobs from the command line: engine, gallery, progress, Ctrl+C."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple, NoReturn

from studio import app
from studio.cli.errors import CancelledError, ExitCode
from studio.cli.options import Options
from studio.cli.output import entry_fields, print_json
from studio.cli.progress import Reporter
from studio.core.errors import BugError, EngineError, KnownError
from studio.core.picture import Picture
from studio.engine.protocol import (
    Cancelled,
    Candidate,
    Engine,
    EngineEvent,
    Failed,
    Finished,
    Note,
    Progress,
    Scored,
)
from studio.files.pictures import LoadedPicture, load_picture
from studio.files.writing import write_picture
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog
from studio.generation.jobs import ErrorReport, Job
from studio.generation.memory import MemoryMode
from studio.generation.request import Attachments, Making, Ranking

POLL_SECONDS = 0.1
"""How soon Ctrl+C is noticed while the engine is silent."""


class Result(NamedTuple):
    """A finished picture.

    Attributes:
        number: which of the command's pictures it is, counted from 0.
        picture: the whole picture.
        request, candidate: how the engine made it, or the last part of it.
        origins: the pictures that it was made from.
    """

    number: int
    picture: Picture
    request: Making
    candidate: Candidate
    origins: tuple[Picture, ...] = ()


class Session:
    """One command's use of the engine and the gallery."""

    def __init__(
        self, engine: Engine, gallery: Gallery, catalog: Catalog, reporter: Reporter
    ) -> None:
        self.catalog = catalog
        self._engine = engine
        self._gallery = gallery
        self._reporter = reporter
        self._interrupted = False

    def read(self, path: Path) -> Picture:
        """The picture of a file; what the person should know of it is said.

        Raises:
            PictureError: if it cannot be read.
        """
        return self.load(path).picture

    def load(self, path: Path) -> LoadedPicture:
        """As `read`, with how the picture was made where its file tells."""
        loaded = load_picture(path)
        for note in loaded.notes:
            self._reporter.note(note)
        return loaded

    def stored_input(self, digest: str) -> Picture:
        """A picture that an earlier result was made from.

        Raises:
            PictureError: if the gallery does not have it.
        """
        return self.read(self._gallery.input_path(digest))

    def candidates(
        self, request: Making, attachments: Attachments, part: str = ""
    ) -> Iterator[Candidate]:
        """Runs a request and yields each result as it arrives.

        Args:
            request: what to make.
            attachments: the pictures that it needs.
            part: which of several requests this is, for the progress; or nothing.

        Raises:
            CancelledError: when the person stopped it; within one step.
            KnownError: if it failed.
        """
        job = Job(request, attachments)
        for event in self._results(job, part):
            if isinstance(event, Candidate):
                yield event

    def scores(self, request: Ranking, attachments: Attachments) -> tuple[float, ...]:
        """Runs a ranking; the scores are in the order of its pictures.

        Raises:
            CancelledError, KnownError: as `candidates`.
        """
        found = [
            event.scores
            for event in self._results(Job(request, attachments), "")
            if isinstance(event, Scored)
        ]
        if not found:
            raise BugError("the engine finished a ranking without scores")
        return found[0]

    def deliver(self, results: Iterable[Result], options: Options) -> None:
        """Stores each result, writes the file that was asked for, and prints what there is.

        Ranked results are printed at the end, the best first; others at once.

        Raises:
            KnownError: if they cannot be made or stored, where possible before any is made.
        """
        targets = options.targets()
        self._gallery.demand_writing()
        delivered: list[tuple[Entry, Path]] = []
        try:
            for result in results:
                entry, path = self._keep(result, targets)
                delivered.append((entry, path))
                if not options.rank:
                    self._print(entry, path, options.json)
        finally:
            if options.rank:
                for entry, path in sorted(delivered, key=_score, reverse=True):
                    self._print(entry, path, options.json)

    def _keep(self, result: Result, targets: Sequence[Path] | None) -> tuple[Entry, Path]:
        try:
            recipe = result.candidate.recipe(result.request)
            entry = self._gallery.add(result.picture, recipe, result.origins)
        except KnownError:
            if targets:  # the gallery refuses it, but the work is not lost
                write_picture(targets[result.number], result.picture)
            raise
        if targets is None:
            return entry, entry.path
        write_picture(targets[result.number], result.picture, entry.recipe)
        return entry, targets[result.number]

    def _print(self, entry: Entry, path: Path, as_json: bool) -> None:
        with self._reporter.paused():
            if as_json:
                print_json(entry_fields(entry, path))
            else:
                print(path, flush=True)

    def _results(self, job: Job, part: str) -> Iterator[Candidate | Scored]:
        """Runs a job: shows its progress, says its notes, and yields what it brings."""
        with self._interruptible():
            self._engine.submit(job.id, job.request, job.attachments)
            for event in self._events(job.id):
                match event:
                    case Progress():
                        self._reporter.progress(event, part)
                    case Note(message=message):
                        self._reporter.note(message)
                    case Candidate() | Scored():
                        yield event
                    case Failed(error=error):
                        raise _raised(error)
                    case Cancelled():
                        raise CancelledError
                    case Finished(model_digest=digest) if digest:
                        self._gallery.complete(job.id, digest)

    def _events(self, job_id: str) -> Iterator[EngineEvent]:
        """The job's events to its last; cancels it once when the person interrupts."""
        cancelling = False
        while True:
            if self._interrupted and not cancelling:
                self._engine.cancel(job_id)
                cancelling = True
            event = self._engine.next_event(timeout=POLL_SECONDS)
            if event is None or event.job_id != job_id:
                continue
            yield event
            if isinstance(event, (Finished, Failed, Cancelled)):
                return

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Turns the first Ctrl+C into a request to cancel; the second one ends at once."""

        def interrupt(number: int, frame: FrameType | None) -> None:
            if self._interrupted:
                raise KeyboardInterrupt
            self._interrupted = True

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def open_session(memory: MemoryMode | None = None, *, together: bool = False) -> Iterator[Session]:
    """A session that is closed, with the engine, at the end.

    Args:
        memory: how models are fitted into memory; as in the person's settings where it is None.
        together: candidates are painted together, also where the settings do not say so.

    Raises:
        KnownError: if the gallery or the list of models cannot be used.
    """
    catalog = app.build_catalog()
    with (
        _orderly_end(),
        contextlib.closing(app.open_gallery()) as gallery,
        Reporter() as reporter,
        _engine(memory, together=together) as engine,
    ):
        for note in gallery.notes:
            reporter.note(note)
        yield Session(engine, gallery, catalog, reporter)


@contextlib.contextmanager
def _engine(memory: MemoryMode | None, *, together: bool) -> Iterator[Engine]:
    """The engine, closed at the end; where the person insists with a second Ctrl+C, at once."""
    engine = app.make_engine(memory=memory, together=together)
    try:
        yield engine
    except KeyboardInterrupt:
        engine.close(at_once=True)
        raise
    finally:
        engine.close()


@contextlib.contextmanager
def _orderly_end() -> Iterator[None]:
    """Has a request to terminate end the engine too, and remove what is temporary."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(ExitCode.TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raised(error: ErrorReport) -> Exception:
    if error.is_bug:
        return BugError(f"{error.message}\n{error.details}")
    return EngineError(error.message, details=error.details)


def _score(delivered: tuple[Entry, Path]) -> float:
    score = delivered[0].score
    return float("-inf") if score is None else score
