"""What the files of an installed model have to be: ``checksums.json`` beside its parts' folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from studio.core.atomic import write_atomically

CHECKSUMS: Final = "checksums.json"
"""The file's name."""


class Checksum(msgspec.Struct, frozen=True):
    """What a file has to be: its SHA-256 in hexadecimal, and its bytes."""

    sha256: str
    size: int


Checksums: TypeAlias = dict[str, Checksum]
"""By the file's path relative to the folder of `CHECKSUMS`, with slashes."""


def read_checksums(folder: Path) -> Checksums:
    """The checksums of a folder; none where it has no such file.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it holds anything else.
    """
    try:
        written = (folder / CHECKSUMS).read_bytes()
    except FileNotFoundError:
        return {}
    return msgspec.json.decode(written, type=Checksums)


def write_checksums(folder: Path, checksums: Checksums) -> None:
    """Writes the file, whole or not at all, in the order of the names.

    Raises:
        OSError: if that fails; what was there before is intact.
    """
    encoded = msgspec.json.encode(dict(sorted(checksums.items())))
    write_atomically(folder / CHECKSUMS, msgspec.json.format(encoded, indent=2) + b"\n")
