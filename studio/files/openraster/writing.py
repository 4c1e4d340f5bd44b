"""Writing OpenRaster documents."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import cv2

from studio.core import atomic
from studio.core.compositor import compose, render
from studio.core.document import Document, DocumentSnapshot
from studio.core.errors import PictureError
from studio.core.geometry import Bounds, Point
from studio.core.layers import LayerSnapshot
from studio.core.picture import Pixels
from studio.core.raster import pixels_of
from studio.files.openraster import layout
from studio.files.openraster.layout import own

_COMPRESSION = 1
"""zlib's level: higher ones cost two to five times the time for 5 % of the bytes."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ElementTree.register_namespace(layout.PREFIX, layout.NAMESPACE)


def save_openraster(path: Path, document: Document | DocumentSnapshot) -> None:
    """Writes a document, whole or not at all.

    A snapshot may be saved in another thread while its document is painted on.

    Raises:
        PictureError: if the file cannot be written; what was there before is then intact.
    """
    data = encode_openraster(document)
    try:
        atomic.write_atomically(path, data)
    except OSError as error:
        raise PictureError(
            f"{path} cannot be written because {atomic.reason(error)}: choose another place."
        ) from error


def encode_openraster(document: Document | DocumentSnapshot) -> bytes:
    """The content of the file."""
    snapshot = document.snapshot() if isinstance(document, Document) else document
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        # Readers know the file by this entry: it has to be the first, and not compressed.
        archive.writestr(layout.MIMETYPE_ENTRY, layout.MIMETYPE)
        image = _Writer(archive, snapshot).image()
        xml = ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True)
        archive.writestr(layout.STACK_ENTRY, xml, zipfile.ZIP_DEFLATED)
        archive.writestr(layout.MERGED_ENTRY, _png(compose(snapshot, snapshot.canvas)))
        archive.writestr(layout.THUMBNAIL_ENTRY, _thumbnail(snapshot))
    return buffer.getvalue()


class _Writer:
    """Writes layers' pixels into the archive while it builds the description of the stack."""

    def __init__(self, archive: zipfile.ZipFile, snapshot: DocumentSnapshot) -> None:
        self._archive = archive
        self._snapshot = snapshot

    def image(self) -> ElementTree.Element:
        """The root of ``stack.xml``."""
        canvas = self._snapshot.canvas
        root = ElementTree.Element(
            "image",
            {
                "version": layout.VERSION,
                "w": str(canvas.width),
                "h": str(canvas.height),
                own("canvas"): layout.bounds_text(canvas),
                own("frame"): layout.bounds_text(self._snapshot.frame),
            },
        )
        self._add_mask(root)
        stack = ElementTree.SubElement(root, "stack")
        for number, layer in reversed(list(enumerate(self._snapshot.layers))):
            stack.append(self._layer(layer, number))
        return root

    def _add_mask(self, root: ElementTree.Element) -> None:
        mask = self._snapshot.mask_tiles
        used = mask.used_bounds()
        if not used.is_empty:
            self._archive.writestr(layout.MASK_ENTRY, _png(mask.read_stored(used)))
            root.set(own("mask"), layout.bounds_text(used))

    def _layer(self, layer: LayerSnapshot, number: int) -> ElementTree.Element:
        used = layer.pixels.used_bounds()
        # A layer without pixels still needs a picture.
        part = used if not used.is_empty else Bounds(*self._snapshot.canvas.origin, 1, 1)
        source = f"data/layer{number:03d}.png"
        self._archive.writestr(source, _png(layer.pixels.read_stored(part)))
        element = ElementTree.Element("layer", _attributes(layer, source, self._place(part)))
        if layer.id == self._snapshot.active_id:
            element.set("selected", "true")
        if layer.recipe is not None and layer.area is not None:
            entry = f"sfumato/recipe{number:03d}.json"
            self._archive.writestr(entry, layer.recipe, zipfile.ZIP_DEFLATED)
            element.set(own("recipe"), entry)
            element.set(own("area"), layout.bounds_text(layer.area))
        return element

    def _place(self, part: Bounds) -> Point:
        """Where it lies in the file, whose coordinates start at the canvas' corner."""
        return part.relative_to(self._snapshot.canvas.origin).origin


def _attributes(layer: LayerSnapshot, source: str, place: Point) -> dict[str, str]:
    attributes = {
        "name": _NOT_IN_XML.sub("", layer.name),
        "src": source,
        "x": str(place.x),
        "y": str(place.y),
        "opacity": repr(layer.opacity),
        "visibility": "visible" if layer.visible else "hidden",
        "composite-op": layer.blend_mode.value,
        own("id"): layer.id,
    }
    if layer.locked:
        attributes["edit-locked"] = "true"
    return attributes


def _thumbnail(snapshot: DocumentSnapshot) -> bytes:
    canvas = snapshot.canvas
    scale = min(1.0, layout.THUMBNAIL_SIDE / canvas.extent.longest)
    return _png(pixels_of(render(snapshot, canvas, scale)))


def _png(stored: Pixels) -> bytes:
    """A PNG file's content, of premultiplied BGRA or of a mask."""
    # The conversion leaves the order of the colours alone, and OpenCV expects BGR.
    plain = cv2.cvtColor(stored, cv2.COLOR_mRGBA2RGBA) if stored.ndim == 3 else stored
    options = [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION]
    encoded: Pixels = cv2.imencode(".png", plain, options)[1]
    return encoded.tobytes()
