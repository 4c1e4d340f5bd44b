"""What OpenRaster has no words for, as JSON in the ``sfumato/`` folder.

Pictures are named by their entries in the archive. What another version of the program wrote in
another way counts as missing.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from studio.core.geometry import Bounds, Point
from studio.core.guides import Guide
from studio.core.text import TextContent

T = TypeVar("T")


class ChannelExtra(msgspec.Struct, frozen=True):
    """A kept selection.

    Attributes:
        name: as the person called it.
        entry: of its picture; empty where nothing is selected.
        area: what that covers on the canvas.
    """

    name: str
    entry: str = ""
    area: Bounds = Bounds(0, 0, 0, 0)


class DocumentExtras(msgspec.Struct, frozen=True):
    """What belongs to the document as a whole.

    Attributes:
        selection: what the picture of the selection covers; None where nothing is selected.
        channels: in their order.
        guides: in canvas coordinates.
        checksums: of pictures by their entries, by which a reader sees whether another program
            has changed one since.
    """

    selection: Bounds | None = None
    channels: tuple[ChannelExtra, ...] = ()
    guides: tuple[Guide, ...] = ()
    checksums: dict[str, int] = {}


class TextExtra(msgspec.Struct, frozen=True):
    """What a text layer says.

    Attributes:
        content: with its looks.
        origin: of the text's top left corner on the canvas.
    """

    content: TextContent
    origin: Point


def encode(extra: DocumentExtras | TextExtra) -> bytes:
    """The JSON."""
    return msgspec.json.encode(extra)


def decode(content: bytes | None, kind: type[T]) -> T | None:
    """The value that was encoded; None where that is missing or something else."""
    try:
        return None if content is None else msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
