"""An append-only file of records, of which a crash can spoil no more than the last.

Each record is framed by its kind, its length and a checksum. Reading ends at the first record that
is not whole: what a process that was killed, or a machine without power, did not finish.
"""

from __future__ import annotations

import enum
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

MAGIC = b"sfumato journal 1\n"
_FRAME = struct.Struct("<BII")


class Kind(enum.IntEnum):
    """What a record holds."""

    TILE = 1
    STATE = 2


class Record(NamedTuple):
    """A record of a log: its kind, where it lies in the file, and what it holds."""

    kind: int
    offset: int
    payload: bytes


class Place(NamedTuple):
    """Where a record lies: its first byte and its length, frame included."""

    offset: int
    length: int


class Log:
    """A new log that is written; closed with `close`.

    Raises:
        OSError: if the file exists or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("xb", buffering=0)
        self._is_torn = False
        self._size = self._write(MAGIC)

    @property
    def size(self) -> int:
        """Bytes that were appended whole."""
        return self._size

    def append(self, kind: Kind, payload: bytes) -> Place:
        """Adds a record at the end.

        Raises:
            OSError: if the disk refuses; whatever of it was written is taken back.
        """
        self.cut(self._size)
        offset = self._size
        self._is_torn = True
        frame = _FRAME.pack(kind, len(payload), zlib.crc32(payload, kind))
        self._size += self._write(frame + payload)
        self._is_torn = False
        return Place(offset, self._size - offset)

    def cut(self, size: int) -> None:
        """Takes back what was appended beyond that size, half of a record included.

        Raises:
            OSError: if the disk refuses that; the next record tries again.
        """
        if self._is_torn or size < self._size:
            self._size, self._is_torn = size, True
            self._file.truncate(size)
            self._file.seek(size)
            self._is_torn = False

    def sync(self) -> None:
        """Brings everything to the disk itself, which a loss of power does not harm.

        Raises:
            OSError: if the disk reports an error.
        """
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Ends writing."""
        self._file.close()

    def _write(self, data: bytes) -> int:
        # An unbuffered file may take a part only.
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        return len(data)


def records(path: Path) -> Iterator[Record]:
    """The whole records of a log, up to the first that is not.

    Raises:
        OSError: if the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return
        while True:
            offset = file.tell()
            frame = file.read(_FRAME.size)
            if len(frame) < _FRAME.size:
                return
            kind, length, checksum = _FRAME.unpack(frame)
            if offset + _FRAME.size + length > size:
                return
            payload = file.read(length)
            if zlib.crc32(payload, kind) != checksum:
                return
            yield Record(kind, offset, payload)


def payloads(path: Path, offsets: Iterable[int]) -> Iterator[bytes]:
    """What the records at these offsets hold.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        for offset in offsets:
            file.seek(offset)
            _, length, _ = _FRAME.unpack(file.read(_FRAME.size))
            yield file.read(length)
