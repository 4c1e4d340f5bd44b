"""Reading OpenRaster documents, ours and other programs', whole or damaged."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from studio.core import atomic
from studio.core.document import Document
from studio.core.errors import PictureError
from studio.core.geometry import Bounds
from studio.core.layers import Layer, RasterLayer
from studio.files.limits import MAX_CANVAS_SIDE, Limits
from studio.files.loaded import LoadedDocument
from studio.files.openraster import extras, layout
from studio.files.openraster.archive import Archive
from studio.files.openraster.decoding import SheetToRead
from studio.files.openraster.layout import own
from studio.files.openraster.salvage import salvaged
from studio.files.openraster.surroundings import Surroundings
from studio.files.openraster.tree import LayerTree
from studio.files.progress import Meter, Progress, in_order, unheeded


def load_openraster(path: Path) -> Document:
    """As `read_openraster`, without the notes."""
    return read_openraster(path).document


def read_openraster(path: Path, progress: Progress = unheeded) -> LoadedDocument:
    """Reads a document; what is damaged or unknown in it is told in a note.

    A layer whose picture is missing or damaged comes back empty; of a file that is cut off, what
    is whole in it is read. Works in any thread.

    Raises:
        PictureError: if it is no such file, exceeds the limits, or nothing in it can be read.
        Cancelled: if ``progress`` raises it.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return _Reader(Archive(file, path), path).read(progress)
    except zipfile.BadZipFile:
        return _read_rest(path, progress)
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {atomic.reason(error)}.") from error


def _read_rest(path: Path, progress: Progress) -> LoadedDocument:
    """As `read_openraster`, of a file that is cut off."""
    broken = PictureError(
        f"{path} is not an OpenRaster document, or is cut off: get the whole file."
    )
    try:
        rest = salvaged(path)
    except OSError as error:
        raise broken from error
    if rest is None:
        raise broken
    with rest, zipfile.ZipFile(rest) as file:
        try:
            document, notes = _Reader(Archive(file, path), path).read(progress)
        except PictureError as error:
            raise broken from error
    return LoadedDocument(document, (f"{path} is cut off: what was left was opened.", *notes))


class _Reader:
    def __init__(self, archive: Archive, path: Path) -> None:
        self._archive = archive
        self._path = path
        self._limits = Limits(path.stat().st_size)
        self._notes: dict[str, None] = {}

    def read(self, progress: Progress) -> LoadedDocument:
        """The document of the archive."""
        root = self._archive.stack()
        canvas = self._canvas(root)
        document = Document(canvas, layout.parse_bounds(root.get(own("frame"))))
        extra = extras.decode(self._archive.text(layout.EXTRAS_ENTRY), extras.DocumentExtras)
        extra = extra or extras.DocumentExtras()
        tree = LayerTree(self._archive, canvas.origin, extra.checksums, self._path, self._note)
        makers = tree.plan(root)
        around = Surroundings(document, extra, root)
        self._fill([*tree.sheets, *around.sheets], progress)
        around.settle()
        self._add_layers(document, [make() for make in makers])
        document.active = document.find(tree.selected_id or "") or document.active
        if tree.is_lost:
            self._add_merged(document)
        return LoadedDocument(document, tuple(self._notes))

    def _canvas(self, root: Element) -> Bounds:
        """The size that the file states, at the origin that ours remember."""
        width, height = (layout.parse_integer(root.get(side)) for side in ("w", "h"))
        if not (0 < width <= MAX_CANVAS_SIDE and 0 < height <= MAX_CANVAS_SIDE):
            raise PictureError(
                f"{self._path} has {width}x{height} pixels: 1 to {MAX_CANVAS_SIDE} a side can be "
                "opened."
            )
        stated = layout.parse_bounds(root.get(own("canvas")))
        if stated is not None and stated.extent == (width, height):
            return stated
        return Bounds(0, 0, width, height)

    def _fill(self, sheets: list[SheetToRead], progress: Progress) -> None:
        """Reads all pictures, and notes what is wrong with them."""
        meter = Meter(
            sum(self._archive.size(entry) for sheet in sheets for entry in sheet.entries[:1])
        )
        jobs = [partial(sheet.read, self._archive, self._limits, meter) for sheet in sheets]
        for sheet, _ in zip(sheets, in_order(jobs, meter, progress), strict=True):
            if sheet.fault is not None:
                self._note(f"{sheet.what} {sheet.fault} and was left empty.")

    def _add_layers(self, document: Document, layers: list[Layer]) -> None:
        for layer in layers:
            document.layers.insert(len(document.layers), layer)

    def _add_merged(self, document: Document) -> None:
        """Where no layer could be read, the picture that they made."""
        layer = RasterLayer("Merged picture")
        sheet = SheetToRead(
            (layout.MERGED_ENTRY,), layer.surface, document.canvas.origin, "The merged picture"
        )
        sheet.read(self._archive, self._limits, Meter(0))
        if sheet.fault is not None:
            raise PictureError(
                f"Nothing in {self._path} can be read: its layers are missing or damaged.",
                details="\n".join(self._notes),
            )
        self._note("Its layers are lost: the merged picture is shown instead.")
        self._add_layers(document, [layer])
        document.active = layer

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None
