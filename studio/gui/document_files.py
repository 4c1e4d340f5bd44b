"""Opening, saving and exporting, with everything slow done elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Extent, Point
from studio.core.layers import RasterLayer
from studio.gui.dialogs.questions import (
    DOCUMENT,
    DOCUMENTS,
    EXPORTS,
    PICTURES,
    Questions,
    Unasked,
    Unsaved,
)
from studio.gui.document_io import Opened, export_document, read_document, save_document
from studio.gui.errands import Errands
from studio.gui.model_imports import is_model
from studio.gui.open_document import OpenDocument
from studio.gui.recent_files import RecentFiles
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace


def _nothing_further() -> None:
    pass


class DocumentFiles(QObject):
    """The file menu's work.

    Attributes:
        questions: asks the person; nobody does at first.
        folder: where files are looked for.
        recent: the files that were opened or saved last.

    Signals:
        recipe_found(Recipe): an opened picture says how it was made.
        models_dropped(list[Path]): files or folders of models were dropped, which are no pictures.
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    recipe_found = Signal(object)
    models_dropped = Signal(list)
    message = Signal(str, object, str)

    def __init__(
        self, workspace: Workspace, errands: Errands, folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._errands = errands
        self.recent = RecentFiles(self)
        self.questions: Questions = Unasked()
        self.folder = folder

    def new(self, extent: Extent) -> None:
        """Starts an empty document in a tab of its own."""
        self._workspace.new_document(Document(Bounds.of(extent)))

    def open(self) -> None:
        """Asks which files to open, each in a tab of its own."""
        kinds = (*DOCUMENTS, *PICTURES)
        self.take_as_documents(self.questions.which_files("Open", self.folder, kinds))

    def place(self) -> None:
        """Asks which pictures to add as layers."""
        self._place_all(self.questions.which_files("Place as layers", self.folder, PICTURES))

    def take(self, paths: list[Path]) -> None:
        """What was dropped on the canvas or named on the command line.

        The first picture becomes the document where there is nothing yet; further pictures become
        layers. Documents always open as such, and models are imported.
        """
        models = [path for path in paths if is_model(path)]
        if models:
            self.models_dropped.emit(models)
        documents = [path for path in paths if path.suffix.lower() in DOCUMENTS]
        pictures = [path for path in paths if path not in documents and path not in models]
        if pictures and not documents and self._workspace.is_pristine:
            first, *others = pictures
            self.open_path(first, then=lambda: self._place_all(others))
        else:
            self._place_all(pictures)
        self.take_as_documents(documents)

    def take_as_documents(self, paths: list[Path]) -> None:
        """What was chosen to be opened or dropped on the tabs: each file is."""
        for path in paths:
            self.open_path(path)

    def open_path(self, path: Path, then: Callable[[], None] = _nothing_further) -> None:
        """Reads a file and shows it in a tab; one that is open already is only looked at."""
        present = self._workspace.find(path)
        if present is not None:
            self._workspace.switch_to(present)
            then()
            return

        def show(opened: Opened) -> None:
            self._note(path)
            own = path if path.suffix.lower() == DOCUMENT else None
            self._workspace.open_document(opened.document, own, path)
            self._tell_notes(opened.notes)
            if opened.recipe is not None:
                self.recipe_found.emit(opened.recipe)
            then()

        self._errands.run(
            f"Opening {path.name}", lambda report: read_document(path, report), show, self._refused
        )

    def place_path(self, path: Path, at: Point | None = None) -> None:
        """Reads a picture and adds it as a layer, in the middle of the frame or at a place."""
        target = self._workspace.current
        frame = target.document.frame

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
            target.stack.push(command)
            self._tell_notes(notes)

        self._errands.run(f"Placing {path.name}", lambda report: read(), show, self._refused)

    def save(
        self, then: Callable[[], None] = _nothing_further, tab: OpenDocument | None = None
    ) -> None:
        """Writes a document to its file, or asks for one; then goes on with ``then``.

        Args:
            then: called once it is written.
            tab: the document; the current one where it is left out.
        """
        tab = tab or self._workspace.current
        if tab.path is None:
            self.save_as(then, tab)
        else:
            self._write(tab, tab.path, then)

    def save_as(
        self, then: Callable[[], None] = _nothing_further, tab: OpenDocument | None = None
    ) -> None:
        """Asks for a file and writes a document there; the arguments are those of `save`."""
        tab = tab or self._workspace.current
        folder = self.folder if tab.origin is None else tab.origin.parent
        proposal = folder / Path(tab.name).with_suffix(DOCUMENT).name
        path = self.questions.where_to("Save", proposal, (DOCUMENT,))
        if path is not None:
            self._write(tab, path, then)

    def export(self) -> None:
        """Asks for a file and writes the document there as others want it.

        That is one flat picture, with its recipe where it has one, or a Photoshop document.
        """
        self._workspace.tool_finish()
        tab = self._workspace.current
        stem = "picture" if tab.origin is None else tab.origin.stem
        path = self.questions.where_to("Export", self.folder / f"{stem}.png", EXPORTS)
        if path is None:
            return
        snapshot = tab.document.snapshot()

        def done(notes: tuple[str, ...]) -> None:
            self.folder = path.parent
            self.message.emit(f"Exported to {path}.", Tone.DONE, "")
            self._tell_notes(notes)

        self._errands.run(
            f"Exporting {path.name}",
            lambda report: export_document(path, snapshot, report),
            done,
            self._refused,
        )

    def close(self, tab: OpenDocument | None = None) -> None:
        """Closes a document, the current one where it is left out, once nothing is lost by it."""
        closing = tab or self._workspace.current
        self._leave([closing], lambda: self._workspace.close_document(closing))

    def close_others(self, tab: OpenDocument) -> None:
        """Closes all documents but this one, once nothing is lost by it."""
        others = [other for other in self._workspace.tabs if other is not tab]

        def close_all() -> None:
            self._workspace.switch_to(tab)
            for other in others:
                self._workspace.close_document(other)

        self._leave(others, close_all)

    def leave(self, then: Callable[[], None], besides: str = "") -> None:
        """Goes on with ``then`` once nothing is lost by leaving all documents.

        Args:
            then: called unless the person stays.
            besides: a sentence on what else is lost; it is asked about along with the first
                document that has unsaved changes, or by itself where there is none.
        """
        unsaved = self._workspace.unsaved
        if unsaved or not besides or self.questions.whether(besides, "Close Sfumato all the same?"):
            self._leave(list(self._workspace.tabs), then, besides)

    def _leave(self, tabs: list[OpenDocument], then: Callable[[], None], besides: str = "") -> None:
        """Asks for one document after the other what becomes of its changes."""
        self._workspace.tool_finish()
        unsaved = [tab for tab in tabs if tab.has_unsaved_changes]
        if not unsaved:
            then()
            return
        first, *others = unsaved
        self._workspace.switch_to(first)
        answer = self.questions.what_of_changes(first.name, besides)
        if answer is Unsaved.SAVE:
            self.save(lambda: self._leave(unsaved, then), first)
        elif answer is Unsaved.DISCARD:
            self._leave(others, then)

    def _write(self, tab: OpenDocument, path: Path, then: Callable[[], None]) -> None:
        self._workspace.tool_finish()
        stack = tab.stack
        snapshot, entries = tab.document.snapshot(), stack.entries[: stack.index]

        def done(_: None) -> None:
            self._note(path)
            tab.mark_saved(path, whole=stack.entries[: stack.index] == entries)
            self.message.emit(f"Saved to {path}.", Tone.DONE, "")
            then()

        self._errands.run(
            f"Saving {path.name}",
            lambda report: save_document(path, snapshot, report),
            done,
            self._refused,
        )

    def _note(self, path: Path) -> None:
        """Remembers a file that was opened or saved."""
        self.folder = path.parent
        self.recent.add(path)

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
