"""Decoding the pictures of an OpenRaster document, strip by strip and within limits.

What they fill is counted, so that a file of some kilobytes cannot ask for gigabytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from PIL import Image

from studio.core.geometry import Bounds, Extent, Point
from studio.core.picture import Pixels
from studio.core.tiles import MaskSurface, Surface
from studio.files.colour import rgba, rgba_strips
from studio.files.limits import DAMAGE, DamagedPartError, Limits
from studio.files.openraster.archive import Archive
from studio.files.openraster.png import read_header, read_strips
from studio.files.progress import Meter

MAX_WHOLE_PIXELS = 32_000_000
"""Of pictures that can only be decoded as a whole, such as interlaced ones."""
MAX_WHOLE_BYTES = 2**28
"""Of their files."""

# The limits above are checked before decoding; Pillow's own would warn, or refuse, at others.
Image.MAX_IMAGE_PIXELS = None


@dataclass(eq=False)
class SheetToRead:
    """A picture of the document.

    Attributes:
        entries: its names in the archive, of which the first that can be read counts.
        surface: is filled with it.
        place: of its top left pixel.
        what: it is, as a sentence begins: "The layer 'sky'".
        fault: what is wrong with it, as in "is damaged", and then nothing is in the surface; None
            where all is well, and before it is read.
    """

    entries: tuple[str, ...]
    surface: Surface
    place: Point
    what: str
    fault: str | None = None

    def read(self, archive: Archive, limits: Limits, meter: Meter) -> None:
        """Fills the surface, or notes what is wrong; may be called in any thread.

        Raises:
            Cancelled: if the meter was stopped.
        """
        self.fault = "is missing from the file"
        for entry in self.entries:
            self.fault = self._read(entry, archive, limits, meter)
            if self.fault is None:
                return

    def _read(self, entry: str, archive: Archive, limits: Limits, meter: Meter) -> str | None:
        size, held = archive.size(entry), 0
        try:
            for bounds, strip, height in self._strips(archive, entry, limits):
                meter.advance(size * len(strip) // height)
                if self.surface.fill or strip.any():
                    self.surface.write(bounds, strip)
                more, held = self.surface.size - held, self.surface.size
                limits.hold(more)
        except DamagedPartError as damage:
            fault = str(damage)
        except DAMAGE:
            fault = "is damaged"
        else:
            return None
        self.surface.clear_all()
        limits.hold(-held)
        return fault

    def _strips(
        self, archive: Archive, entry: str, limits: Limits
    ) -> Iterator[tuple[Bounds, Pixels, int]]:
        """Where each strip lies, its pixels as the surface takes them, and the whole height."""
        with archive.entry(entry) as file:
            extent, strips = _opened(file, limits)
            if strips is not None:
                yield from self._placed(strips, extent)
                return
        with archive.entry(entry) as file:
            yield from self._placed(_whole(file), extent)

    def _placed(
        self, strips: Iterator[Pixels], extent: Extent
    ) -> Iterator[tuple[Bounds, Pixels, int]]:
        top = self.place.y
        fitting = _grey if isinstance(self.surface, MaskSurface) else rgba
        for strip in strips:
            bounds = Bounds(self.place.x, top, extent.width, len(strip))
            yield bounds, fitting(strip), extent.height
            top = bounds.bottom


def _opened(file: IO[bytes], limits: Limits) -> tuple[Extent, Iterator[Pixels] | None]:
    """The size of a picture, and its strips unless it can only be decoded as a whole."""
    header = read_header(file)
    limits.begin(header.extent)
    strips = read_strips(file, header) if header.is_plain else None
    if strips is None and header.extent.area > MAX_WHOLE_PIXELS:
        raise DamagedPartError("is too large")
    return header.extent, strips


def _whole(file: IO[bytes]) -> Iterator[Pixels]:
    """A picture that needs more than `read_strips` knows."""
    content = file.read(MAX_WHOLE_BYTES)
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        image.load()
        yield from rgba_strips(image)


def _grey(pixels: Pixels) -> Pixels:
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])
