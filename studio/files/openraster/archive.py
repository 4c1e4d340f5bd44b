"""The ZIP archive of an OpenRaster document, read with distrust.

What an entry says of itself is checked before it is read, and pictures' headers before they are
decoded, so that a file of some kilobytes cannot ask for gigabytes.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from studio.core.errors import PictureError
from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.tiles import TILE, MaskSurface, Surface
from studio.files.colour import to_srgb
from studio.files.openraster import layout

MAX_SIDE = 16_384
"""No picture in the document may be wider or higher, in pixels."""
MAX_PIXELS = 300_000_000
"""All pictures that are decoded may not have more pixels together."""
MAX_ENTRY_BYTES = 2**30
"""No entry may be larger when it is unpacked."""
MAX_XML_BYTES = 8 * 2**20
MAX_RECIPE_BYTES = 2**20
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
"""What zipfile and Pillow's decoders raise on entries that break their format's rules."""


# The limits above are checked before decoding; Pillow's own would warn, or refuse, at others.
Image.MAX_IMAGE_PIXELS = None


class DamagedEntry(Exception):
    """An entry cannot be used; the text completes "The layer ... and was left out"."""


class Archive:
    """An opened document.

    Args:
        file: the archive.
        path: for messages.
    """

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self._path = path
        self._pixels_left = MAX_PIXELS

    def stack(self) -> ElementTree.Element:
        """The root of ``stack.xml``.

        Raises:
            PictureError: if it is missing, damaged or dangerous.
        """
        try:
            return _parse(self._entry(layout.STACK_ENTRY, MAX_XML_BYTES))
        except (DamagedEntry, ElementTree.ParseError, *_DAMAGE) as error:
            raise PictureError(
                f"{self._path} is not an OpenRaster document, or is damaged: its list of layers "
                "cannot be read.",
                details=str(error),
            ) from error

    def recipe(self, name: str | None) -> bytes | None:
        """A generated layer's recipe, None where it is missing or damaged."""
        try:
            return self._entry(name, MAX_RECIPE_BYTES)
        except DamagedEntry:
            return None

    def read_picture(self, name: str | None, surface: Surface, place: Point) -> None:
        """Decodes a picture into a surface, its top left pixel at ``place``.

        Raises:
            DamagedEntry: if it is missing, damaged or too large; nothing is then in the surface.
        """
        data = self._entry(name, MAX_ENTRY_BYTES)
        try:
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
                self._count(image.size)
                image.load()
                _copy(image, surface, place)
        except _DAMAGE as error:
            surface.clear_all()
            raise DamagedEntry("is damaged") from error

    def _count(self, size: tuple[int, int]) -> None:
        """Refuses a picture whose header exceeds what is left of the limits."""
        pixels = size[0] * size[1]
        if max(size) > MAX_SIDE or pixels > self._pixels_left:
            raise DamagedEntry("is too large")
        self._pixels_left -= pixels

    def _entry(self, name: str | None, limit: int) -> bytes:
        """An entry's content; names are looked up in the archive alone, never on the disk."""
        try:
            info = self._file.getinfo(name or "")
            if info.file_size > limit:
                raise DamagedEntry("is too large")
            # zipfile unpacks no more than the stated size, whatever the data claim later.
            return self._file.read(info)
        except KeyError as error:
            raise DamagedEntry("is missing from the file") from error
        except _DAMAGE as error:
            raise DamagedEntry("is damaged") from error


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses declarations, with which a few bytes can expand to gigabytes."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Called as soon as one begins."""
        raise DamagedEntry("declares a document type")


def _parse(xml: bytes) -> ElementTree.Element:
    root: Any = ElementTree.fromstring(xml, ElementTree.XMLParser(target=_NoDoctype()))
    if root.tag != "image":
        raise DamagedEntry("has no image")
    element: ElementTree.Element = root
    return element


def _copy(image: Image.Image, surface: Surface, place: Point) -> None:
    """Writes the image into the surface in strips, to need little memory beside both."""
    for top in range(0, image.height, TILE):
        strip = image.crop((0, top, image.width, min(image.height, top + TILE)))
        pixels = to_srgb(strip)
        is_mask = isinstance(surface, MaskSurface)
        bounds = Bounds(place.x, place.y + top, strip.width, strip.height)
        surface.write(bounds, _grey(pixels) if is_mask else _rgba(pixels))


def _grey(pixels: Pixels) -> Pixels:
    return pixels if pixels.ndim == 2 else pixels[..., 0]


def _rgba(pixels: Pixels) -> Pixels:
    """Grey, RGB or RGBA pixels as RGBA."""
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[2] == 4:
        return pixels
    opaque = np.full((*pixels.shape[:2], 1), 255, dtype=np.uint8)
    return np.concatenate([pixels, opaque], axis=2)
