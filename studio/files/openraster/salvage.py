"""What is left of a ZIP archive that was cut off, and so has lost its table of contents."""

from __future__ import annotations

import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

_HEAD = struct.Struct("<4sHHHHHIIIHH")
_SIGNATURE = b"PK\3\4"
_ENCRYPTED_OR_UNSIZED = 0b1001
_MAX_DEFLATED_BYTES = 16 * 2**20
"""Packed entries are small ones; pictures are stored as they are."""
_PIECE = 2**20
_MAX_ENTRIES = 10_000


class _Entry(NamedTuple):
    name: str
    method: int
    size: int


def salvaged(path: Path) -> IO[bytes] | None:
    """A temporary archive with the entries that are whole; None where there are none.

    Raises:
        OSError: if a file cannot be read or written.
    """
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    kept: set[str] = set()
    with path.open("rb") as file, zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as archive:
        length = path.stat().st_size
        for entry in _entries(file, length):
            if entry.name not in kept and _copied(file, entry, archive):
                kept.add(entry.name)
    if kept:
        return copy
    copy.close()
    return None


def _entries(file: IO[bytes], length: int) -> Iterator[_Entry]:
    """The entries from the start of the file; each is to be read before the next is asked for."""
    for _ in range(_MAX_ENTRIES):
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(_SIGNATURE):
            return
        _, _, flags, method, _, _, _, size, _, name_length, extra_length = _HEAD.unpack(head)
        name = file.read(name_length).decode("utf-8", "replace")
        start = file.tell() + extra_length
        file.seek(start)
        if flags & _ENCRYPTED_OR_UNSIZED or start + size > length:
            return
        yield _Entry(name, method, size)
        file.seek(start + size)


def _copied(file: IO[bytes], entry: _Entry, archive: zipfile.ZipFile) -> bool:
    """Whether an entry could be put into the archive."""
    if entry.method == zipfile.ZIP_STORED:
        info = zipfile.ZipInfo(entry.name)
        info.file_size = entry.size
        with archive.open(info, "w") as target:
            for start in range(0, entry.size, _PIECE):
                target.write(file.read(min(_PIECE, entry.size - start)))
        return True
    if entry.method != zipfile.ZIP_DEFLATED or entry.size > _MAX_DEFLATED_BYTES:
        return False
    try:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        content = inflate.decompress(file.read(entry.size), _MAX_DEFLATED_BYTES)
    except zlib.error:
        return False
    archive.writestr(entry.name, content)
    return True
