"""PNG files written and read strip by strip: memory follows a strip, not the picture.

That is what makes a layer of 16384 pixels a side with two dots in its corners cheap to keep, and a
file that claims to be such a layer harmless.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

import numpy as np
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Pixels

STRIP_BYTES = 2**22
"""About how much of a picture is in memory at a time."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_CHANNELS = {colour_type: channels for channels, colour_type in _COLOUR_TYPES.items()}
_NO_FILTER, _UP = 0, 2
_PIECE = 2**18
_LONGEST_CHUNK = 2**31 - 1
_NEEDS_PILLOW = {b"tRNS", b"iCCP", b"PLTE"}


class Header(NamedTuple):
    """What a PNG file says of itself.

    Attributes:
        extent: its size.
        channels: 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA).
        is_plain: whether `read_strips` can read it: 8 bits, not interlaced, no palette, colour
            profile or transparent colour.
    """

    extent: Extent
    channels: int
    is_plain: bool


def png_pieces(extent: Extent, channels: int, strips: Iterable[Pixels]) -> Iterator[bytes]:
    """The content of a PNG file, piece by piece.

    Args:
        channels: 1 (grey), 3 (RGB) or 4 (RGBA with straight alpha).
        strips: from the top, ``(height, width[, channels])`` each.
    """
    head = struct.pack(">IIBBBBB", *extent, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    yield _SIGNATURE + _chunk(b"IHDR", head)
    # Runs after subtracting the row above are found twice as fast as zlib's usual matches, for the
    # same size of painted pixels.
    deflate = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    above = np.zeros(extent.width * channels, dtype=np.uint8)
    for strip in strips:
        rows = strip.reshape(len(strip), -1)
        yield _chunk(b"IDAT", deflate.compress(_filtered(rows, above).data))
        above = rows[-1]
    yield _chunk(b"IDAT", deflate.flush()) + _chunk(b"IEND", b"")


def read_header(file: IO[bytes]) -> Header:
    """The header of a PNG file; leaves ``file`` at its first pixels.

    Raises:
        ValueError: if it is no PNG file.
        struct.error: if it is cut off.
    """
    if file.read(len(_SIGNATURE)) != _SIGNATURE or file.read(8) != b"\0\0\0\rIHDR":
        raise ValueError("no PNG file")
    width, height, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", file.read(13))
    file.read(4)
    channels = _CHANNELS.get(colour_type, 3)
    is_plain = depth == 8 and colour_type in _CHANNELS and not interlaced
    return Header(Extent(width, height), channels, is_plain)


def read_strips(file: IO[bytes], header: Header) -> Iterator[Pixels] | None:
    """The rest of a plain PNG file, as ``(height, width, channels)`` from the top.

    None where the file turns out to need more than is read here, such as a colour profile.

    Raises:
        ValueError, zlib.error, struct.error, SyntaxError: while it is iterated, if the file is
            damaged or cut off.
    """
    length, kind = _chunk_head(file)
    while kind != b"IDAT":
        if kind in _NEEDS_PILLOW:
            return None
        if kind == b"IEND":
            raise ValueError("no pixels")
        _skip(file, length + 4)
        length, kind = _chunk_head(file)
    return _strips(_compressed(file, length), header)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join(
        (
            struct.pack(">I", len(data)),
            kind,
            data,
            struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))),
        )
    )


def _filtered(rows: Pixels, above: Pixels) -> Pixels:
    """Each row less the one above it, behind the byte that says so."""
    result = np.empty((len(rows), rows.shape[1] + 1), dtype=np.uint8)
    result[:, 0] = _UP
    np.subtract(rows[0], above, out=result[0, 1:])
    np.subtract(rows[1:], rows[:-1], out=result[1:, 1:])
    return result


def _chunk_head(file: IO[bytes]) -> tuple[int, bytes]:
    length, kind = struct.unpack(">I4s", file.read(8))
    if length > _LONGEST_CHUNK:
        raise ValueError("a chunk is too long")
    return length, kind


def _skip(file: IO[bytes], length: int) -> None:
    while length > 0:
        piece = file.read(min(length, _PIECE))
        if not piece:
            raise ValueError("cut off")
        length -= len(piece)


def _compressed(file: IO[bytes], length: int) -> Iterator[bytes]:
    """The pixels' compressed bytes, piece by piece, from within the first chunk that has some."""
    kind = b"IDAT"
    while kind == b"IDAT":
        while length:
            piece = file.read(min(length, _PIECE))
            if not piece:
                raise ValueError("cut off")
            length -= len(piece)
            yield piece
        _skip(file, 4)
        length, kind = _chunk_head(file)


def _strips(pieces: Iterator[bytes], header: Header) -> Iterator[Pixels]:
    width, height = header.extent
    row_bytes = width * header.channels
    above = np.zeros(row_bytes, dtype=np.uint8)
    step = max(1, STRIP_BYTES // (row_bytes + 1))
    inflated = _Inflated(pieces)
    for top in range(0, height, step):
        count = min(step, height - top)
        raw = inflated.take(count * (row_bytes + 1)).reshape(count, row_bytes + 1)
        rows = _unfiltered(raw, above, header.channels)
        above = rows[-1]
        yield rows.reshape(count, width, header.channels)


class _Inflated:
    """Compressed pieces, inflated no further than is asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._inflate = zlib.decompressobj()
        self._piece: bytes | None = b""

    def take(self, count: int) -> Pixels:
        """The next bytes, exactly that many."""
        result = np.empty(count, dtype=np.uint8)
        filled = 0
        while filled < count:
            data = self._inflate.decompress(self._next(), count - filled)
            self._piece = self._inflate.unconsumed_tail or (b"" if data else None)
            result[filled : filled + len(data)] = np.frombuffer(data, dtype=np.uint8)
            filled += len(data)
        return result

    def _next(self) -> bytes:
        """More input, once what was given has no more output; None asks for it."""
        if self._piece is not None:
            return self._piece
        piece = next(self._pieces, None)
        if piece is None:
            raise ValueError("cut off")
        return piece


def _unfiltered(raw: Pixels, above: Pixels, channels: int) -> Pixels:
    filters, rows = raw[:, 0], raw[:, 1:]
    if not filters.any():
        return np.ascontiguousarray(rows)
    if (filters != _UP).any():
        return _decoded(raw, above, channels)
    result = np.empty(rows.shape, dtype=np.uint8)
    for row, difference in zip(result, rows, strict=True):
        np.add(above, difference, out=row)
        above = row
    return result


def _decoded(raw: Pixels, above: Pixels, channels: int) -> Pixels:
    """Rows with filters of any kind: Pillow decodes them as a picture below the row above."""
    count, row_bytes = len(raw), len(above)
    first = np.concatenate([np.array([_NO_FILTER], dtype=np.uint8), above])
    extent = (row_bytes // channels, count + 1)
    head = struct.pack(">IIBBBBB", *extent, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    body = zlib.compress(np.vstack([first, raw]).data, 0)
    data = _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image).reshape(count + 1, row_bytes)[1:]
