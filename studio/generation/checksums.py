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


def checksums_of(part: Path) -> tuple[Path, Checksums]:
    """The checksums of one part of a model: a folder, or a file that lies in one of its own.

    Returns:
        The folder that the names are relative to, and those of the part's files; none where
        nobody wrote them down.

    Raises:
        OSError, ValueError: as `read_checksums`.
    """
    places = [part.parent] if part.is_dir() else [part.parent, part.parent.parent]
    for folder in places:
        listed = read_checksums(folder)
        found = {
            name: checksum
            for name, checksum in listed.items()
            if (folder / name).is_relative_to(part)
        }
        if found:
            return folder, found
    return part.parent, {}


def write_checksums(folder: Path, checksums: Checksums) -> None:
    """Writes the file, whole or not at all, in the order of the names.

    Raises:
        OSError: if that fails; what was there before is intact.
    """
    encoded = msgspec.json.encode(dict(sorted(checksums.items())))
    write_atomically(folder / CHECKSUMS, msgspec.json.format(encoded, indent=2) + b"\n")
