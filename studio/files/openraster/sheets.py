"""The pictures of an OpenRaster document, each made of tiles strip by strip."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.raster import painting
from studio.core.tiles import TILE, TileReader, straight
from studio.files.openraster.png import png_pieces
from studio.files.progress import Meter


class EncodedSheet(NamedTuple):
    """A PNG file's content.

    Attributes:
        pieces: to be written one after the other.
        crc: of all of them, as a ZIP archive states it.
    """

    pieces: list[bytes]
    crc: int


@dataclass(frozen=True)
class Sheet:
    """A picture that is to be written.

    Attributes:
        entry: its name in the archive.
        area: what of the canvas it shows; not empty.
        source: colour tiles, or a mask's.
        covers: masks, and colour tiles whose alpha counts: the picture is as transparent as they
            are, because other programs do not know them.
    """

    entry: str
    area: Bounds
    source: TileReader
    covers: tuple[TileReader, ...] = ()

    def encode(self, meter: Meter) -> EncodedSheet:
        """The PNG file; may be called in any thread.

        Raises:
            Cancelled: if the meter was stopped.
        """
        channels = 4 if self.source.format.shape[2:] else 1
        pieces: list[bytes] = []
        crc = 0
        for piece in png_pieces(self.area.extent, channels, self._strips(meter)):
            crc = zlib.crc32(piece, crc)
            pieces.append(piece)
        return EncodedSheet(pieces, crc)

    def _strips(self, meter: Meter) -> Iterator[Pixels]:
        for strip in strips_of(self.area):
            pixels = self.source.read_stored(strip)
            if self.covers:
                self._cover(pixels, strip)
            meter.advance(strip.area)
            yield straight(pixels) if pixels.ndim == 3 else pixels

    def _cover(self, pixels: Pixels, strip: Bounds) -> None:
        with painting(pixels, strip) as painter:
            for cover in self.covers:
                painter.keep_where(cover.read_stored(strip), strip.origin)


def strips_of(area: Bounds) -> Iterator[Bounds]:
    """The area from the top, cut where tiles end whose origin is the canvas'."""
    top = area.y
    while top < area.bottom:
        bottom = min(area.bottom, (top // TILE + 1) * TILE)
        yield Bounds(area.x, top, area.width, bottom - top)
        top = bottom
