"""Writing OpenRaster documents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import msgspec

from studio.core import atomic
from studio.core.compositor import render
from studio.core.document import Document, DocumentSnapshot
from studio.core.errors import PictureError
from studio.core.geometry import Extent
from studio.core.raster import pixels_of
from studio.core.tiles import straight
from studio.files.openraster import extras, layout
from studio.files.openraster.describing import Description
from studio.files.openraster.png import png_pieces
from studio.files.openraster.sheets import EncodedSheet
from studio.files.progress import Meter, Progress, in_order, unheeded

ElementTree.register_namespace(layout.PREFIX, layout.NAMESPACE)


def save_openraster(
    path: Path, document: Document | DocumentSnapshot, progress: Progress = unheeded
) -> None:
    """Writes a document, whole or not at all.

    A snapshot may be saved in another thread while its document is painted on.

    Raises:
        PictureError: if the file cannot be written; what was there before is then intact.
        Cancelled: if ``progress`` raises it; likewise.
    """
    snapshot = document.snapshot() if isinstance(document, Document) else document
    try:
        with atomic.replacing(path) as file:
            _write(file, snapshot, progress)
    except OSError as error:
        raise PictureError(
            f"{path} cannot be written because {atomic.reason(error)}: choose another place."
        ) from error


def encode_openraster(document: Document | DocumentSnapshot) -> bytes:
    """The content of the file."""
    snapshot = document.snapshot() if isinstance(document, Document) else document
    buffer = io.BytesIO()
    _write(buffer, snapshot, unheeded)
    return buffer.getvalue()


def _write(file: IO[bytes], snapshot: DocumentSnapshot, progress: Progress) -> None:
    description = Description(snapshot)
    pictures = description.pictures
    meter = Meter(sum(sheet.area.area for sheet in pictures))
    jobs: list[Callable[[], EncodedSheet]] = [partial(sheet.encode, meter) for sheet in pictures]
    xml = ElementTree.tostring(description.root, encoding="UTF-8", xml_declaration=True)
    checksums = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        # Readers know the file by this entry: it has to be the first, and not compressed.
        archive.writestr(layout.MIMETYPE_ENTRY, layout.MIMETYPE)
        # Early in the file, so that of one that is cut off as much as possible can be read.
        archive.writestr(layout.STACK_ENTRY, xml, zipfile.ZIP_DEFLATED)
        for entry, content in description.texts.items():
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
        for sheet, encoded in zip(pictures, in_order(jobs, meter, progress), strict=True):
            _write_pieces(archive, sheet.entry, encoded.pieces)
            if sheet.entry in description.witnessed:
                checksums[sheet.entry] = encoded.crc
        archive.writestr(layout.THUMBNAIL_ENTRY, _thumbnail(snapshot))
        extra = msgspec.structs.replace(description.extras, checksums=checksums)
        archive.writestr(layout.EXTRAS_ENTRY, extras.encode(extra), zipfile.ZIP_DEFLATED)


def _write_pieces(archive: zipfile.ZipFile, entry: str, pieces: list[bytes]) -> None:
    info = zipfile.ZipInfo(entry)
    info.file_size = sum(len(piece) for piece in pieces)
    with archive.open(info, "w") as target:
        for piece in pieces:
            target.write(piece)


def _thumbnail(snapshot: DocumentSnapshot) -> bytes:
    canvas = snapshot.canvas
    pixels = pixels_of(render(snapshot, canvas, layout.thumbnail_scale(canvas.extent)))
    image = straight(pixels)
    extent = Extent(image.shape[1], image.shape[0])
    return b"".join(png_pieces(extent, 4, [image]))
