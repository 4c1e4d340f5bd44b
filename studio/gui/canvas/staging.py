"""The candidates that wait on the canvas for the person's choice."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.core.geometry import Bounds
from studio.core.projection import IDENTITY, Projection, bounds_around
from studio.core.tiles import Snapshot
from studio.gui.engine_thread import StoredCandidate


class StagedRun(msgspec.Struct, frozen=True):
    """A generation whose results are to be shown in place.

    Attributes:
        area: where on the canvas its pictures belong.
        count: how many candidates will come.
        name: what the layer is called that a kept candidate becomes.
        recipe: the request as JSON, kept with that layer.
        shape: where its preview may show, as a greyscale image (white = all of it); None for the
            whole area.
        document: the id of the open document that it was started from; empty for the one that is
            looked at when it begins.
        replaces: the id of the layer whose place a kept candidate takes; None for none.
        mask: that it was asked with; None where it is about all of its area.
        projection: what the picture has gone through since, and takes the area to its place.
    """

    job_id: str
    area: Bounds
    count: int
    name: str
    recipe: bytes
    shape: QImage | None = None
    document: str = ""
    replaces: str | None = None
    mask: Snapshot | None = None
    projection: Projection = IDENTITY

    @property
    def place(self) -> Bounds:
        """Where on the canvas its pictures belong now."""
        return bounds_around(self.projection.quad(self.area), 0.5)

    def projected(self, projection: Projection) -> StagedRun:
        """The same after the picture was scaled, turned or mirrored."""
        return replace(self, projection=self.projection.then(projection))


class StagedCandidate(msgspec.Struct, frozen=True):
    """A result and the run that it came from."""

    run: StagedRun
    stored: StoredCandidate

    @property
    def area(self) -> Bounds:
        """Where on the canvas it belongs."""
        return self.run.place

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


class StagedPreview(msgspec.Struct, frozen=True):
    """The candidate under way as it looks so far.

    Attributes:
        fraction: how much of the run is done, 0 to 1.
        image: None until there is something to see.
    """

    run: StagedRun
    fraction: float
    image: QImage | None


class _Tray(msgspec.Struct):
    """What is staged on one document.

    Attributes:
        index: of the candidate that is shown.
        is_chosen: whether the person went to it since a run was last asked for.
    """

    runs: dict[str, StagedRun] = msgspec.field(default_factory=dict)
    candidates: list[StagedCandidate] = msgspec.field(default_factory=list)
    index: int = 0
    is_chosen: bool = False
    preview: StagedPreview | None = None


class StagingModel(QObject):
    """The candidates of the latest runs, which of them is shown, and the preview of the next.

    Each open document has candidates of its own; those of the document that is looked at are
    what the properties tell and what is looked through, while results of the others' runs arrive
    out of sight. Candidates may be looked through while others still arrive. What is dismissed
    does not come back: results that a dismissed run still yields go to the gallery alone.

    Signals:
        changed(): candidates came or went, or another one is shown.
        preview_changed(): the preview or its progress changed, appeared or went.
    """

    changed = Signal()
    preview_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._trays: dict[str, _Tray] = {"": _Tray()}

    @property
    def _tray(self) -> _Tray:
        return self._trays[self._shown]

    @property
    def candidates(self) -> tuple[StagedCandidate, ...]:
        """The candidates that wait, in the order of their arrival."""
        return tuple(self._tray.candidates)

    @property
    def index(self) -> int:
        """Which one is shown, from 0; 0 where there is none."""
        return self._tray.index

    @property
    def current(self) -> StagedCandidate | None:
        """The candidate that is shown."""
        tray = self._tray
        return tray.candidates[tray.index] if tray.candidates else None

    @property
    def preview(self) -> StagedPreview | None:
        """The candidate under way."""
        return self._tray.preview

    @property
    def is_active(self) -> bool:
        """Whether there is anything to be shown on the canvas."""
        return bool(self._tray.candidates) or self._tray.preview is not None

    @property
    def area(self) -> Bounds | None:
        """Where on the canvas something is shown; None while nothing is."""
        if self.current is not None:
            return self.current.area
        return self.preview.run.place if self.preview is not None else None

    @property
    def expected(self) -> int:
        """How many candidates there will be once the run under way has ended."""
        if self.preview is None:
            return len(self._tray.candidates)
        run = self.preview.run
        arrived = sum(candidate.run is run for candidate in self._tray.candidates)
        return len(self._tray.candidates) + max(0, run.count - arrived)

    def look_at(self, document: str) -> None:
        """Shows what is staged on the document of that id."""
        if document != self._shown:
            self._shown = document
            self._trays.setdefault(document, _Tray())
            self.changed.emit()
            self.preview_changed.emit()

    def forget(self, document: str) -> None:
        """The document of that id was closed: nothing is expected for it any more."""
        if document != self._shown:
            self._trays.pop(document, None)

    def project(self, document: str, projection: Projection) -> None:
        """The picture of the document of that id was scaled, turned or mirrored, and all on it."""
        tray = self._trays.get(document)
        if tray is None:
            return
        runs = {candidate.run.job_id: candidate.run for candidate in tray.candidates} | tray.runs
        moved = {job_id: run.projected(projection) for job_id, run in runs.items()}
        tray.runs = {job_id: moved[job_id] for job_id in tray.runs}
        tray.candidates = [replace(each, run=moved[each.run.job_id]) for each in tray.candidates]
        if tray.preview is not None:
            tray.preview = replace(tray.preview, run=moved[tray.preview.run.job_id])
        if tray is self._tray:
            self.changed.emit()
            self.preview_changed.emit()

    def begin(self, run: StagedRun) -> None:
        """Expects the results of a run; those of earlier ones stay until they are dismissed.

        Who asks for another run wants to see it, whichever candidate was looked at before. A run
        of a document that was closed meanwhile is not expected.
        """
        tray = self._trays.get(run.document or self._shown)
        if tray is None:
            return
        tray.runs[run.job_id] = run
        tray.is_chosen = False
        if tray.preview is None:
            self.show_progress(run.job_id, 0.0)

    def show_progress(self, job_id: str, fraction: float, image: QImage | None = None) -> None:
        """Shows how far a run is; without an image the last one of that run stays."""
        tray, run = self._find(job_id)
        if run is None:
            return
        if image is None and tray.preview is not None and tray.preview.run is run:
            image = tray.preview.image
        self._set_preview(tray, StagedPreview(run, fraction, image))

    def add(self, stored: StoredCandidate) -> None:
        """Shows a result where its run belongs.

        The first of a run is shown at once, unless the person went to another while it was waited
        for; the others when asked.
        """
        tray, run = self._find(stored.job_id)
        if run is None:
            return
        is_first = all(candidate.run is not run for candidate in tray.candidates)
        tray.candidates.append(StagedCandidate(run, stored))
        if is_first and not tray.is_chosen:
            tray.index = len(tray.candidates) - 1
        if tray.preview is not None and tray.preview.run is run:
            tray.preview = StagedPreview(run, tray.preview.fraction, None)
        if tray is self._tray:
            self.changed.emit()

    def finish(self, job_id: str) -> None:
        """Expects nothing further of a run, however it ended."""
        tray, run = self._find(job_id)
        tray.runs.pop(job_id, None)
        if run is not None and tray.preview is not None and tray.preview.run is run:
            following = next(iter(tray.runs.values()), None)
            self._set_preview(tray, StagedPreview(following, 0.0, None) if following else None)

    def step(self, direction: int) -> None:
        """Shows the next (1) or the previous (-1) candidate, going round at the ends."""
        if self._tray.candidates:
            self.jump((self.index + direction) % len(self._tray.candidates))

    def jump(self, index: int) -> None:
        """Shows the candidate of that index, if it has arrived."""
        if 0 <= index < len(self._tray.candidates) and index != self.index:
            self._tray.index = index
            self._tray.is_chosen = True
            self.changed.emit()

    def dismiss(self, document: str | None = None) -> None:
        """Clears a canvas of all candidates and previews, those still to come included.

        Args:
            document: its id; the one that is looked at where it is left out.
        """
        key = self._shown if document is None else document
        if key not in self._trays:
            return
        self._trays[key] = _Tray()
        if key == self._shown:
            self.changed.emit()
            self.preview_changed.emit()

    def _find(self, job_id: str) -> tuple[_Tray, StagedRun | None]:
        """The run of that id and where it is; no run where none is expected."""
        for tray in self._trays.values():
            if job_id in tray.runs:
                return tray, tray.runs[job_id]
        return self._tray, None

    def _set_preview(self, tray: _Tray, preview: StagedPreview | None) -> None:
        tray.preview = preview
        if tray is self._tray:
            self.preview_changed.emit()
