"""Opening, saving and exporting, with everything slow done elsewhere.

The rooms that know file formats are read in when the first file is: the window opens sooner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.core.commands.layer import AddLayer
from studio.core.document import Document, DocumentSnapshot
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Extent, Point
from studio.core.layers import RasterLayer
from studio.generation.recipe import Recipe
from studio.generation.request import MAX_SIDE, Ranking, from_json
from studio.gui.background import Background
from studio.gui.dialogs.questions import (
    DOCUMENT,
    EXPORTS,
    PICTURES,
    Questions,
    Unasked,
    Unsaved,
)
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace

_QUALITY = 92


def _nothing_further() -> None:
    pass


@dataclass(frozen=True)
class Opened:
    """A file that was read.

    Attributes:
        document: with the picture as its one layer where the file is no document.
        recipe: how it was made, where the file says so.
        notes: what the person should know of it.
    """

    document: Document
    recipe: Recipe | None = None
    notes: tuple[str, ...] = ()


class DocumentFiles(QObject):
    """The file menu's work.

    Attributes:
        questions: asks the person; nobody does at first.
        folder: where files are looked for.

    Signals:
        recipe_found(Recipe): an opened picture says how it was made.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    recipe_found = Signal(object)
    message = Signal(str, object, str)

    def __init__(
        self,
        workspace: Workspace,
        background: Background,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = background
        self.questions: Questions = Unasked()
        self.folder = folder

    def new(self, extent: Extent) -> None:
        """Starts an empty document, once the present one may go."""
        self.leave(lambda: self._workspace.replace_document(Document(Bounds.of(extent))))

    def open(self) -> None:
        """Asks which file to open."""
        path = self.questions.which_file("Open", self.folder, (DOCUMENT, *PICTURES))
        if path is not None:
            self.leave(lambda: self.open_path(path))

    def place(self) -> None:
        """Asks which picture to add as a layer."""
        path = self.questions.which_file("Place as a layer", self.folder, PICTURES)
        if path is not None:
            self.place_path(path)

    def take(self, paths: list[Path]) -> None:
        """Takes files that were dropped or named at the start.

        The first opens as the document where there is nothing yet; further pictures become
        layers. Documents always open as such.
        """
        for path in paths:
            if path.suffix.lower() == DOCUMENT:
                self.leave(lambda path=path: self.open_path(path))  # type: ignore[misc]
            elif self._workspace.is_pristine and path is paths[0]:
                self.open_path(path, then=lambda: self._place_all(paths[1:]))
                return
            else:
                self.place_path(path)

    def open_path(self, path: Path, then: Callable[[], None] = _nothing_further) -> None:
        """Reads a file and shows it in place of the present document."""

        def show(opened: Opened) -> None:
            self.folder = path.parent
            self._workspace.replace_document(
                opened.document, path if path.suffix.lower() == DOCUMENT else None
            )
            self._tell_notes(opened.notes)
            if opened.recipe is not None:
                self.recipe_found.emit(opened.recipe)
            then()

        self._background.run(lambda: read_document(path), show, self._refused)

    def place_path(self, path: Path, at: Point | None = None) -> None:
        """Reads a picture and adds it as a layer, in the middle of the frame or at a place."""
        frame = self._workspace.document.frame

        def read() -> tuple[AddLayer, tuple[str, ...]]:
            from studio.files.pictures import load_picture

            loaded = load_picture(path)
            extent = loaded.picture.extent
            origin = at or Point(
                frame.x + (frame.width - extent.width) // 2,
                frame.y + (frame.height - extent.height) // 2,
            )
            layer = RasterLayer.from_picture(path.stem, loaded.picture, origin)
            return AddLayer(layer, name="Place picture"), loaded.notes

        def show(placed: tuple[AddLayer, tuple[str, ...]]) -> None:
            command, notes = placed
            self._workspace.stack.push(command)
            self._tell_notes(notes)

        self._background.run(read, show, self._refused)

    def save(self, then: Callable[[], None] = _nothing_further) -> None:
        """Writes the document to its file, or asks for one; then goes on with ``then``."""
        path = self._workspace.path
        if path is None:
            self.save_as(then)
        else:
            self._write(path, then)

    def save_as(self, then: Callable[[], None] = _nothing_further) -> None:
        """Asks for a file and writes the document there."""
        proposal = self._workspace.path or self.folder / f"untitled{DOCUMENT}"
        path = self.questions.where_to("Save", proposal, (DOCUMENT,))
        if path is not None:
            self._write(path, then)

    def export(self) -> None:
        """Asks for a file and writes one flat picture there, with its recipe where it has one."""
        stem = self._workspace.path.stem if self._workspace.path else "picture"
        path = self.questions.where_to("Export", self.folder / f"{stem}.png", EXPORTS)
        if path is None:
            return
        snapshot = self._workspace.document.snapshot()

        def done(_: None) -> None:
            self.folder = path.parent
            self.message.emit(f"Exported to {path}.", Tone.DONE, "")

        self._background.run(lambda: _export(path, snapshot), done, self._refused)

    def leave(self, then: Callable[[], None]) -> None:
        """Goes on with ``then`` once nothing is lost by leaving the present document."""
        if not self._workspace.has_unsaved_changes:
            then()
            return
        answer = self.questions.what_of_changes(self._workspace.title.rstrip("*"))
        if answer is Unsaved.SAVE:
            self.save(then)
        elif answer is Unsaved.DISCARD:
            then()

    def _write(self, path: Path, then: Callable[[], None]) -> None:
        stack = self._workspace.stack
        snapshot, entries = self._workspace.document.snapshot(), stack.entries[: stack.index]

        def done(_: None) -> None:
            self.folder = path.parent
            if stack is self._workspace.stack:
                same = stack.entries[: stack.index] == entries
                self._workspace.mark_saved(path, whole=same)
            self.message.emit(f"Saved to {path}.", Tone.DONE, "")
            then()

        self._background.run(lambda: _save(path, snapshot), done, self._refused)

    def _place_all(self, paths: list[Path]) -> None:
        for path in paths:
            self.place_path(path)

    def _tell_notes(self, notes: tuple[str, ...]) -> None:
        for note in notes:
            self.message.emit(note, Tone.NOTE, "")

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.message.emit(error.message, Tone.FAILURE, error.details)


def read_document(path: Path) -> Opened:
    """The document of a file; a picture becomes the one layer of a new one.

    Raises:
        PictureError: if it cannot be read.
    """
    from studio.files.openraster import load_openraster
    from studio.files.pictures import load_picture

    if path.suffix.lower() == DOCUMENT:
        return Opened(load_openraster(path))
    loaded = load_picture(path)
    canvas = Bounds.of(loaded.picture.extent)
    frame = Bounds(0, 0, min(canvas.width, MAX_SIDE), min(canvas.height, MAX_SIDE))
    document = Document(canvas, frame)
    layer = RasterLayer.from_picture(path.stem, loaded.picture)
    document.layers.insert(0, layer)
    document.active = layer
    return Opened(document, loaded.recipe, loaded.notes)


def _save(path: Path, snapshot: DocumentSnapshot) -> None:
    from studio.files.openraster import save_openraster

    save_openraster(path, snapshot)


def _export(path: Path, snapshot: DocumentSnapshot) -> None:
    from studio.files.writing import write_picture

    write_picture(path, snapshot.flatten(), _recipe_of(snapshot), _QUALITY)


def _recipe_of(snapshot: DocumentSnapshot) -> Recipe | None:
    """How the picture was made, where one generated layer is all that there is to see."""
    visible = [layer for layer in snapshot.layers if layer.visible]
    if len(visible) != 1 or visible[0].recipe is None:
        return None
    request = from_json(visible[0].recipe)
    return None if isinstance(request, Ranking) else Recipe(request=request)
