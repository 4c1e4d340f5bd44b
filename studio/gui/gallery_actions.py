"""What can be done with the gallery's pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from studio.core.errors import KnownError
from studio.core.picture import Picture
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.enlarging import SCALES
from studio.generation.request import Making, Upscale, to_json
from studio.gui.background import Background
from studio.gui.engine_thread import StoredCandidate
from studio.gui.generation_controller import GenerationController, layer_name
from studio.gui.models.gallery import EntryAction, GalleryModel
from studio.gui.plans import settings_from
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace

if TYPE_CHECKING:
    from studio.gui.enlarging import Enlarging


class GalleryActions(QObject):
    """Does what the gallery's menu asks for.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
        used(): something was put on the canvas, which should now be seen.
    """

    message = Signal(str, object, str)
    used = Signal()

    def __init__(
        self,
        gallery: Gallery,
        model: GalleryModel,
        workspace: Workspace,
        generation: GenerationController,
        enlarging: Callable[[], Enlarging],
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._model = model
        self._workspace = workspace
        self._generation = generation
        self._enlarging = enlarging
        self._background = background

    def do(self, choice: EntryAction, entries: list[Entry]) -> None:
        """Does that with these entries; what is about one picture takes the first."""
        first = entries[0]
        match choice:
            case EntryAction.OPEN:
                self.open(first)
            case EntryAction.REUSE:
                self.reuse(first.request, first.seed)
            case EntryAction.VARY:
                self._generation.vary(lambda: _read(first.path), (first.id,))
            case EntryAction.ENLARGE:
                self._enlarging().enlarge_picture(
                    lambda: _read(first.path), SCALES[0], first.prompt, (first.id,)
                )
            case EntryAction.STAR:
                starred = not all(entry.starred for entry in entries)
                self._change(entries, lambda entry: self._gallery.star(entry.id, starred))
            case EntryAction.SHOW:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(first.path.parent)))
            case EntryAction.TRASH:
                self._change(entries, lambda entry: self._gallery.trash(entry.id))
                count = len(entries)
                words = "The picture is" if count == 1 else f"{count} pictures are"
                self.message.emit(f"{words} in the trash.", Tone.NOTE, "")

    def open(self, entry: Entry) -> None:
        """Puts a picture on the canvas, as a layer that knows how it was made."""
        recipe = to_json(_of_one(entry.request, entry.seed))
        name = layer_name(entry.prompt, "Picture")
        self._generation.use(lambda: _read(entry.path), recipe, name)
        self.used.emit()

    def use_candidate(self, stored: StoredCandidate) -> None:
        """Puts a result of this session on the canvas."""
        if stored.entry is not None:
            self.open(stored.entry)

    def more_like(self, stored: StoredCandidate) -> None:
        """Makes variations of a result of this session."""
        parents = (stored.entry.id,) if stored.entry is not None else ()
        self._generation.vary(lambda: stored.candidate.picture, parents)

    def reuse(self, request: Making, seed: int) -> None:
        """Asks for the same again: everything but how many."""
        if isinstance(request, Upscale):
            self.message.emit("It was made larger: that takes no settings.", Tone.NOTE, "")
            return
        self._workspace.set_prompt(settings_from(request, seed, self._workspace.prompt))
        self.message.emit("Its settings are in the prompt panel.", Tone.DONE, "")

    def _change(self, entries: list[Entry], change: Callable[[Entry], Entry]) -> None:
        def done(changed: list[Entry]) -> None:
            for entry in changed:
                self._model.replace(entry)

        self._background.run(lambda: [change(entry) for entry in entries], done, self._refused)

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.FAILURE, error.details)


def _read(path: Path) -> Picture:
    from studio.files.pictures import read_picture

    return read_picture(path)


def _of_one(request: Making, seed: int) -> Making:
    """The request that makes one of its candidates."""
    if isinstance(request, Upscale):
        return request
    return msgspec.structs.replace(request, seed=seed, count=1)
