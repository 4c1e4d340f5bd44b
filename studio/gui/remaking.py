"""What can be done with a layer that a model made, because it remembers how."""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.core.commands.selection import SetSelection, Target
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer
from studio.core.picture import Picture
from studio.core.selection import from_alpha
from studio.core.tiles import Snapshot
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.request import (
    MAX_SEED,
    Generation,
    Ranking,
    Upscale,
    Variation,
    from_json,
)
from studio.gui.background import Background
from studio.gui.generation_controller import GenerationController
from studio.gui.models.gallery import GalleryModel
from studio.gui.plans import settings_from, variation_plan
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import ToolId, Workspace


class Remaking(QObject):
    """Acts on the active layer of the current document, where a model made it.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
        prompt_wanted(): the prompt panel should be seen.
        gallery_wanted(): the gallery should be seen.
    """

    message = Signal(str, object, str)
    prompt_wanted = Signal()
    gallery_wanted = Signal()

    def __init__(
        self,
        workspace: Workspace,
        generation: GenerationController,
        gallery: GalleryModel,
        store: Gallery,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._workspace = workspace
        self._generation = generation
        self._gallery = gallery
        self._background = background

    @property
    def layer(self) -> GeneratedLayer | None:
        """The active layer, where a model made it."""
        active = self._workspace.document.active
        return active if isinstance(active, GeneratedLayer) else None

    def is_under_way(self) -> bool:
        """Whether Generate makes the active layer anew."""
        return self.layer is not None and self._workspace.current.remaking is self.layer

    def reroll(self) -> None:
        """Makes it anew with another seed; the result takes its place when it is kept."""
        self._with_layer(self._reroll)

    def edit_prompt(self) -> None:
        """Brings its request into the prompt panel, for Generate to make it anew; or no longer."""
        if self.is_under_way():
            self._workspace.current.remake(None)
            return

        def edit(layer: GeneratedLayer) -> None:
            self._bind(layer)
            self.prompt_wanted.emit()
            self._tell("Generate now makes this layer anew, until you choose Edit Prompt again.")

        self._with_layer(edit)

    def repaint_mask(self) -> None:
        """Brings back the mask that it was asked with, or where it lies, for the mask brush."""
        self._with_layer(self._repaint_mask)

    def show_in_gallery(self) -> None:
        """Searches the gallery for what it was asked for, and chooses the picture itself."""

        def show(layer: GeneratedLayer) -> None:
            request = _request_of(layer)
            self._gallery.find(request.prompt, lambda entry: _made_by(request, entry))
            self.gallery_wanted.emit()

        self._with_layer(show)

    def _reroll(self, layer: GeneratedLayer) -> None:
        request = _request_of(layer)
        if not isinstance(request, Variation):
            self._generation.reroll(layer)
            return
        seed, count = random.randint(0, MAX_SEED), self._workspace.prompt.count
        again = msgspec.structs.replace(request, seed=seed, count=count)
        area = Bounds(*(layer.area or layer.bounds).origin, *request.extent)
        self._generation.remake(lambda: variation_plan(again, area, self._input), layer)

    def _input(self, digest: str) -> Picture:
        """A picture that others were made from; slow.

        Raises:
            KnownError: if the gallery does not have it any more, or it cannot be read.
        """
        from studio.files.pictures import read_picture

        path = self._store.input_path(digest)
        if not path.is_file():
            raise KnownError(
                "The picture that this layer is a variation of is not in the gallery any more: "
                "make variations of the layer itself."
            )
        return read_picture(path)

    def _repaint_mask(self, layer: GeneratedLayer) -> None:
        self._bind(layer)
        tab, canvas = self._workspace.current, self._workspace.document.canvas
        self._workspace.set_tool(ToolId.MASK)

        def show(mask: Snapshot) -> None:
            tab.stack.push(SetSelection(mask, "Repaint the mask", Target.MASK))
            self._tell("Change the mask, then press Generate: this layer is made anew.")

        if layer.request_mask is not None:
            show(layer.request_mask)
            return
        pixels = layer.snapshot().pixels
        self._background.run(lambda: from_alpha(pixels, canvas), show, self._refused)

    def _bind(self, layer: GeneratedLayer) -> None:
        request = _request_of(layer)
        prompt = settings_from(request, request.seed, self._workspace.prompt)
        self._workspace.set_prompt(prompt)
        self._workspace.current.remake(layer)

    def _with_layer(self, call: Callable[[GeneratedLayer], None]) -> None:
        if self.layer is None:
            return
        try:
            call(self.layer)
        except KnownError as error:
            self._refused(error)

    def _tell(self, words: str) -> None:
        self.message.emit(words, Tone.NOTE, "")

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.WARNING, error.details)


def _request_of(layer: GeneratedLayer) -> Generation:
    """The request that made a layer.

    Raises:
        RequestError: if its recipe is none.
        KnownError: if it made no picture.
    """
    request = from_json(layer.recipe)
    if isinstance(request, Ranking | Upscale):
        raise KnownError("No model has painted this layer: there is nothing to be made anew.")
    return request


def _made_by(request: Generation, entry: Entry) -> bool:
    """Whether a picture of the gallery is what that request for one picture made."""
    asked = msgspec.structs.replace(entry.request, seed=request.seed, count=request.count)
    return entry.seed == request.seed and asked == request
