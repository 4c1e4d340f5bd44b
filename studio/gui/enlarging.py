"""Enlarging by a learned network: in the engine, while the person goes on, and as one step."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.core.commands.enlarging import (
    Enlargement,
    ImageEnlargement,
    LayerEnlargement,
    Step,
    has_pixels,
)
from studio.core.errors import KnownError
from studio.core.geometry import Extent
from studio.core.picture import Picture
from studio.generation.catalog import Catalog
from studio.generation.enlarging import (
    UpscalerInfo,
    default_upscaler,
    find_upscaler,
    upscale_request,
)
from studio.generation.jobs import Job, JobState
from studio.generation.request import to_json
from studio.gui.background import Background
from studio.gui.engine_thread import EngineThread, ProgressUpdate, StoredCandidate
from studio.gui.open_document import OpenDocument
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace

CHANGED_MEANWHILE = (
    "The picture was changed meanwhile and is left as it is: what was enlarged is in the gallery."
)


class EnlargeWish(msgspec.Struct, frozen=True):
    """What the person wants enlarged.

    Attributes:
        scale: by how much.
        upscaler: its id.
        layer: whether it is the active layer alone.
    """

    scale: int
    upscaler: str
    layer: bool = False


class _Pending(msgspec.Struct, frozen=True):
    """Something that the engine enlarges; without a document, for the gallery alone."""

    tab: OpenDocument | None = None
    step: int = 0
    enlargement: Enlargement | None = None
    recipe: bytes = b""


class Enlarging(QObject):
    """Enlarges the current picture, its active layer, or a picture of the gallery.

    Signals:
        progressed(ProgressUpdate): what is being enlarged has come further.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.

    Args:
        workspace: whose current document is enlarged.
        thread: the engine.
        background: where pictures are put together.
        read_catalog: the models and adapters that there are now.
    """

    progressed = Signal(object)
    message = Signal(str, object, str)

    def __init__(
        self,
        workspace: Workspace,
        thread: EngineThread,
        background: Background,
        read_catalog: Callable[[], Catalog],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thread = thread
        self._background = background
        self._read_catalog = read_catalog
        self._pending: dict[str, _Pending] = {}
        thread.progress.connect(self._on_progress)
        thread.candidate_stored.connect(self._on_candidate)
        thread.job_changed.connect(self._on_job)

    @property
    def canvas_extent(self) -> Extent:
        """How large the current picture is."""
        return self._workspace.document.canvas.extent

    @property
    def layer_extent(self) -> Extent | None:
        """How large the active layer's pixels are; None where it has none to be enlarged."""
        layer = self._workspace.document.active
        if layer is None or not has_pixels(layer):
            return None
        used = layer.pixels.used_bounds()
        return None if used.is_empty else used.extent

    def enlarge(self, wish: EnlargeWish) -> None:
        """Enlarges the current picture or its active layer as one step, once the engine has."""
        self._workspace.tool_finish()
        tab = self._workspace.current
        kind = LayerEnlargement if wish.layer else ImageEnlargement
        try:
            upscaler = find_upscaler(self._read_catalog(), wish.upscaler)
            enlargement: Enlargement = kind.take(tab.document, wish.scale)
        except KnownError as error:
            self._refused(error)
            return
        step = tab.stack.index
        self._submit(
            enlargement.picture,
            wish.scale,
            upscaler,
            lambda recipe: _Pending(tab, step, enlargement, recipe),
        )

    def enlarge_picture(
        self, read: Callable[[], Picture], scale: int, prompt: str, parents: tuple[str, ...]
    ) -> None:
        """Enlarges a picture into the gallery.

        Args:
            read: brings it; called off the window's thread.
            scale: by how much.
            prompt: what it was made from.
            parents: the gallery's ids of it.
        """
        try:
            upscaler = default_upscaler(self._read_catalog())
        except KnownError as error:
            self._refused(error)
            return
        self._submit(read, scale, upscaler, lambda _: _Pending(), prompt, parents)

    def _submit(
        self,
        read: Callable[[], Picture],
        scale: int,
        upscaler: UpscalerInfo,
        pending: Callable[[bytes], _Pending],
        prompt: str = "",
        parents: tuple[str, ...] = (),
    ) -> None:
        def ask() -> Job:
            return Job(*upscale_request(read(), scale, upscaler, prompt))

        def submit(job: Job) -> None:
            self._pending[job.id] = pending(to_json(job.request))
            self._thread.submit(job, parents)

        self._background.run(ask, submit, self._refused)

    def _on_progress(self, update: ProgressUpdate) -> None:
        if update.event.job_id in self._pending:
            self.progressed.emit(update)

    def _on_job(self, job: Job) -> None:
        if job.state in (JobState.CANCELLED, JobState.FAILED):
            self._pending.pop(job.id, None)

    def _on_candidate(self, stored: StoredCandidate) -> None:
        pending = self._pending.pop(stored.job_id, None)
        if pending is None:
            return
        tab, enlargement = pending.tab, pending.enlargement
        if tab is None or enlargement is None:
            self.message.emit("The enlarged picture is in the gallery.", Tone.DONE, "")
            return
        enlarged = stored.candidate.picture
        self._background.run(
            lambda: enlargement.finish(enlarged, pending.recipe),
            lambda made: self._push(tab, pending.step, made),
            self._refused,
        )

    def _push(self, tab: OpenDocument, step: int, made: Step) -> None:
        if tab not in self._workspace.tabs:
            return
        if tab.stack.index != step:
            self.message.emit(CHANGED_MEANWHILE, Tone.WARNING, "")
            return
        tab.stack.push(made(tab.document))
        tab.stack.seal()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.WARNING, error.details)
