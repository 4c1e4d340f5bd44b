"""Documents from files and into files; slow, and made to run off the window's thread.

The rooms that know file formats are read in when the first file is: the window opens sooner.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from studio.core.document import Document, DocumentSnapshot
from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.core.layers import LayerSnapshot, RasterLayer
from studio.generation.recipe import Recipe
from studio.generation.request import MAX_SIDE, Ranking, from_json
from studio.gui.dialogs.questions import DOCUMENT, PHOTOSHOP
from studio.gui.errands import Report

QUALITY = 92
"""Of pictures in lossy formats, out of 100."""


class Opened(msgspec.Struct, frozen=True):
    """A file that was read.

    Attributes:
        document: with the picture as its one layer where the file is no document.
        recipe: how it was made, where the file says so.
        notes: what the person should know of it.
    """

    document: Document
    recipe: Recipe | None = None
    notes: tuple[str, ...] = ()


def read_document(path: Path, report: Report) -> Opened:
    """The document of a file; a picture becomes the one layer of a new one.

    Raises:
        PictureError: if it cannot be read.
    """
    from studio.files.openraster import read_openraster
    from studio.files.photoshop import read_psd

    readers = {DOCUMENT: read_openraster, PHOTOSHOP: read_psd}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        return _read_picture(path)
    loaded = reader(path, report)
    return Opened(loaded.document, notes=loaded.notes)


def save_document(path: Path, snapshot: DocumentSnapshot, report: Report) -> None:
    """Writes a document with all that is in it, whole or not at all.

    Raises:
        PictureError: if it cannot be written; what was there before is then intact.
    """
    from studio.files.openraster import save_openraster

    save_openraster(path, snapshot, report)


def export_document(path: Path, snapshot: DocumentSnapshot, report: Report) -> tuple[str, ...]:
    """Writes a document as others want it: one flat picture, or a Photoshop document.

    Returns:
        What the person should know: what the file does not hold.

    Raises:
        PictureError: if it cannot be written; what was there before is then intact.
    """
    from studio.files.photoshop import save_psd
    from studio.files.writing import write_picture

    if path.suffix.lower() == PHOTOSHOP:
        return save_psd(path, snapshot, report)
    write_picture(path, snapshot.flatten(), _recipe_of(snapshot), QUALITY)
    return ()


def _read_picture(path: Path) -> Opened:
    from studio.files.pictures import load_picture

    loaded = load_picture(path)
    canvas = Bounds.of(loaded.picture.extent)
    frame = Bounds(0, 0, min(canvas.width, MAX_SIDE), min(canvas.height, MAX_SIDE))
    document = Document(canvas, frame)
    layer = RasterLayer.from_picture(path.stem, loaded.picture)
    document.layers.insert(0, layer)
    document.active = layer
    return Opened(document, loaded.recipe, loaded.notes)


def _recipe_of(snapshot: DocumentSnapshot) -> Recipe | None:
    """How the picture was made, where one generated layer is all that there is to see."""
    shown = list(_shown(snapshot.layers))
    if len(shown) != 1 or shown[0].recipe is None:
        return None
    try:
        request = from_json(shown[0].recipe)
    except RequestError:  # a file of another version, or of somebody who made it up
        return None
    return None if isinstance(request, Ranking) else Recipe(request=request)


def _shown(layers: tuple[LayerSnapshot, ...]) -> Iterator[LayerSnapshot]:
    """The visible layers, those in groups instead of the groups."""
    for layer in layers:
        if layer.visible and layer.children is not None:
            yield from _shown(layer.children)
        elif layer.visible:
            yield layer
