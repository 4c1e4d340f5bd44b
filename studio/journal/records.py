"""What a journal's records hold, and the way from a document's snapshot to them and back.

The document's snapshot is written field by field as its classes declare them, so whatever they
come to hold is kept without a word here. Only pixels are set apart: each surface is told by what
differs from one that was written before, and tiles are records of their own, known by number.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from studio.core.composing import ComposedSnapshot
from studio.core.document import DocumentSnapshot
from studio.core.errors import BugError
from studio.core.geometry import Point
from studio.core.layers import LayerSnapshot
from studio.core.packing import pack, unpack
from studio.core.picture import Pixels
from studio.core.tiles import COLOUR, MASK, ORIGIN, SHOWING_MASK, Snapshot, TileFormat, TileIndex

_FORMATS = (COLOUR, MASK, SHOWING_MASK)
_TILE_HEAD = struct.Struct("<QB")
_COMPOSED = -1
"""Stands for pixels that are made of others and are not written."""

Numbers = Mapping[TileIndex, int]
"""The number of each tile of a surface."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known of a drawing besides what it looks like.

    Attributes:
        name: what the person calls it.
        path: of the file that saving writes to; empty while there is none.
        origin: of the file that it was read from where saving does not write there; or empty.
        time: when it looked like that, in seconds since 1970.
        is_saved: whether it is in its file like that, so that nothing would be lost.
    """

    name: str
    path: str = ""
    origin: str = ""
    time: float = 0.0
    is_saved: bool = False


class SurfaceRecord(msgspec.Struct, frozen=True, array_like=True):
    """A surface, as a difference from one of the state before.

    Attributes:
        form: the number of its tile format.
        origin: of its tiles.
        base: the number of the surface that it differs from; None for an empty one.
        put: column, row and number of each tile that is another or new.
        dropped: where there is no tile any more.
    """

    form: int
    origin: Point
    base: int | None
    put: list[tuple[int, int, int]]
    dropped: list[tuple[int, int]]


class StateRecord(msgspec.Struct, frozen=True, array_like=True):
    """A document at one moment.

    Attributes:
        document: its snapshot, in which numbers stand for surfaces.
    """

    about: About
    surfaces: list[SurfaceRecord]
    document: msgspec.Raw


def form_of(snapshot: Snapshot) -> int:
    """The number of a surface's tile format."""
    return _FORMATS.index(snapshot.format)


def difference(
    form: int, origin: Point, numbers: Numbers, base: int | None, before: Numbers
) -> SurfaceRecord:
    """What leads from the surface ``base``, whose tiles were ``before``, to these tiles."""
    put = [(*index, number) for index, number in numbers.items() if before.get(index) != number]
    dropped = [(column, row) for column, row in before.keys() - numbers.keys()]
    return SurfaceRecord(form, origin, base, put, dropped)


def applied(record: SurfaceRecord, surfaces: Sequence[Numbers]) -> Numbers:
    """The tiles of a surface, given those of the state before."""
    numbers = {} if record.base is None else dict(surfaces[record.base])
    for column, row in record.dropped:
        del numbers[TileIndex(column, row)]
    for column, row, number in record.put:
        numbers[TileIndex(column, row)] = number
    return numbers


def encode_tile(number: int, pixels: Pixels) -> bytes:
    """The payload of a tile's record."""
    return _TILE_HEAD.pack(number, pixels.ndim) + pack(pixels)


def tile_number(payload: bytes) -> int:
    """The number of the tile in a record."""
    return int(_TILE_HEAD.unpack_from(payload)[0])


def decode_tile(payload: bytes) -> Pixels:
    """The pixels of the tile in a record.

    Raises:
        ValueError: if it is damaged.
    """
    _, dimensions = _TILE_HEAD.unpack_from(payload)
    shape = COLOUR.shape if dimensions == len(COLOUR.shape) else MASK.shape
    return unpack(memoryview(payload)[_TILE_HEAD.size :], shape)


def encode_document(
    document: DocumentSnapshot, number_of: Callable[[Snapshot], int]
) -> msgspec.Raw:
    """The snapshot without its pixels.

    Args:
        number_of: is asked for the number that stands for a surface.
    """

    def stand_in(value: Any) -> int:
        if isinstance(value, ComposedSnapshot):
            return _COMPOSED
        if isinstance(value, Snapshot):
            return number_of(value)
        raise BugError(f"A snapshot holds a {type(value).__name__}, which cannot be written.")

    return msgspec.Raw(msgspec.msgpack.encode(document, enc_hook=stand_in))


def decode_document(state: StateRecord, surfaces: Sequence[Snapshot]) -> DocumentSnapshot:
    """The snapshot with its pixels.

    Raises:
        msgspec.MsgspecError: if another version of the program wrote it in another way.
    """

    def surface(expected: type, value: Any) -> Snapshot:
        return Snapshot(COLOUR, {}, ORIGIN) if value == _COMPOSED else surfaces[value]

    found = msgspec.msgpack.decode(state.document, type=DocumentSnapshot, dec_hook=surface)
    return replace(found, layers=tuple(map(_with_composed, found.layers)))


def _with_composed(layer: LayerSnapshot) -> LayerSnapshot:
    """The layer with the pixels that are made of its children's."""
    if layer.children is None:
        return layer
    children = tuple(map(_with_composed, layer.children))
    return replace(layer, children=children, pixels=ComposedSnapshot(children))


def format_of(record: SurfaceRecord) -> TileFormat:
    """How the tiles of a surface are stored.

    Raises:
        ValueError: if no such format is known.
    """
    if not 0 <= record.form < len(_FORMATS):
        raise ValueError(f"Tiles of an unknown kind ({record.form}).")
    return _FORMATS[record.form]
