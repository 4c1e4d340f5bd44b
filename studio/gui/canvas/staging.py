"""The candidates that wait on the canvas for the person's choice."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.core.geometry import Bounds
from studio.gui.engine_thread import StoredCandidate


@dataclass(frozen=True)
class StagedRun:
    """A generation whose results are to be shown in place.

    Attributes:
        area: where on the canvas its pictures belong.
        count: how many candidates will come.
        name: what the layer is called that a kept candidate becomes.
        recipe: the request as JSON, kept with that layer.
        shape: where its preview may show, as a greyscale image (white = all of it); None for the
            whole area.
    """

    job_id: str
    area: Bounds
    count: int
    name: str
    recipe: bytes
    shape: QImage | None = None


@dataclass(frozen=True)
class StagedCandidate:
    """A result and the run that it came from."""

    run: StagedRun
    stored: StoredCandidate

    @property
    def area(self) -> Bounds:
        """Where on the canvas it belongs."""
        return self.run.area

    @property
    def image(self) -> QImage:
        """Its pixels; those that stay as they are on the canvas are transparent."""
        return self.stored.image

    @property
    def seed(self) -> int:
        """The seed that made it."""
        return self.stored.candidate.seed

    @property
    def score(self) -> float | None:
        """How well it fits the prompt, where it was ranked."""
        return self.stored.candidate.score


@dataclass(frozen=True)
class StagedPreview:
    """The candidate under way as it looks so far.

    Attributes:
        fraction: how much of the run is done, 0 to 1.
        image: None until there is something to see.
    """

    run: StagedRun
    fraction: float
    image: QImage | None


class StagingModel(QObject):
    """The candidates of the latest runs, which of them is shown, and the preview of the next.

    Candidates may be looked through while others still arrive. What is dismissed does not come
    back: results that a dismissed run still yields go to the gallery alone.

    Signals:
        changed(): candidates came or went, or another one is shown.
        preview_changed(): the preview or its progress changed, appeared or went.
    """

    changed = Signal()
    preview_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: dict[str, StagedRun] = {}
        self._candidates: list[StagedCandidate] = []
        self._index = 0
        self._preview: StagedPreview | None = None

    @property
    def candidates(self) -> tuple[StagedCandidate, ...]:
        """The candidates that wait, in the order of their arrival."""
        return tuple(self._candidates)

    @property
    def index(self) -> int:
        """Which one is shown, from 0; 0 where there is none."""
        return self._index

    @property
    def current(self) -> StagedCandidate | None:
        """The candidate that is shown."""
        return self._candidates[self._index] if self._candidates else None

    @property
    def preview(self) -> StagedPreview | None:
        """The candidate under way."""
        return self._preview

    @property
    def is_active(self) -> bool:
        """Whether there is anything to be shown on the canvas."""
        return bool(self._candidates) or self._preview is not None

    @property
    def area(self) -> Bounds | None:
        """Where on the canvas something is shown; None while nothing is."""
        if self.current is not None:
            return self.current.area
        return self._preview.run.area if self._preview is not None else None

    @property
    def expected(self) -> int:
        """How many candidates there will be once the run under way has ended."""
        if self._preview is None:
            return len(self._candidates)
        run = self._preview.run
        arrived = sum(candidate.run is run for candidate in self._candidates)
        return len(self._candidates) + max(0, run.count - arrived)

    def begin(self, run: StagedRun) -> None:
        """Expects the results of a run; those of earlier ones stay until they are dismissed."""
        self._runs[run.job_id] = run
        if self._preview is None:
            self.show_progress(run.job_id, 0.0)

    def show_progress(self, job_id: str, fraction: float, image: QImage | None = None) -> None:
        """Shows how far a run is; without an image the last one of that run stays."""
        run = self._runs.get(job_id)
        if run is None:
            return
        if image is None and self._preview is not None and self._preview.run is run:
            image = self._preview.image
        self._preview = StagedPreview(run, fraction, image)
        self.preview_changed.emit()

    def add(self, stored: StoredCandidate) -> None:
        """Shows a result where its run belongs; the first of a run at once, others when asked."""
        run = self._runs.get(stored.job_id)
        if run is None:
            return
        is_first = all(candidate.run is not run for candidate in self._candidates)
        self._candidates.append(StagedCandidate(run, stored))
        if is_first:
            self._index = len(self._candidates) - 1
        if self._preview is not None and self._preview.run is run:
            self._preview = StagedPreview(run, self._preview.fraction, None)
        self.changed.emit()

    def finish(self, job_id: str) -> None:
        """Expects nothing further of a run, however it ended."""
        run = self._runs.pop(job_id, None)
        if self._preview is not None and self._preview.run is run:
            following = next(iter(self._runs.values()), None)
            self._preview = StagedPreview(following, 0.0, None) if following else None
            self.preview_changed.emit()

    def step(self, direction: int) -> None:
        """Shows the next (1) or the previous (-1) candidate, going round at the ends."""
        if self._candidates:
            self.jump((self._index + direction) % len(self._candidates))

    def jump(self, index: int) -> None:
        """Shows the candidate of that index, if it has arrived."""
        if 0 <= index < len(self._candidates) and index != self._index:
            self._index = index
            self.changed.emit()

    def dismiss(self) -> None:
        """Clears the canvas of all candidates and previews, those still to come included."""
        self._runs.clear()
        self._candidates.clear()
        self._index = 0
        self._preview = None
        self.changed.emit()
        self.preview_changed.emit()
