"""Which files were found to be right, and have not been touched since.

Comparing the checksums of a model of thirty gigabytes takes half a minute, each time that it is
loaded. A seal beside the checksums keeps each file's size and time of change as they were when
its content was compared: while they are the same, so is the content, as far as programs go. What
a failing drive does unseen is found by whoever compares everything, as installing does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from studio.core.atomic import write_atomically

SEALS: Final = "verified.json"
"""The file's name."""


class Seal(msgspec.Struct, frozen=True):
    """What a file was like: its bytes, and the time of its last change in nanoseconds."""

    size: int
    changed: int


class Seals:
    """The seals of a folder.

    Args:
        folder: that of the checksums.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seals: dict[str, Seal] = {}
        with contextlib.suppress(OSError, ValueError):
            written = (folder / SEALS).read_bytes()
            self._seals = msgspec.json.decode(written, type=dict[str, Seal])

    def look(self, names: Iterable[str]) -> dict[str, Seal]:
        """What files are like now; those that cannot be looked at are left out."""
        found = {}
        for name in names:
            with contextlib.suppress(OSError):
                state = (self._folder / name).stat()
                found[name] = Seal(state.st_size, state.st_mtime_ns)
        return found

    def hold(self, name: str) -> bool:
        """Whether a file is as it was when its content was compared."""
        return name in self._seals and self.look([name]).get(name) == self._seals[name]

    def renew(self, seen: Mapping[str, Seal]) -> None:
        """Seals files; silent where the folder cannot be written into.

        Args:
            seen: what they were like before their content was compared.
        """
        self._write({**self._seals, **seen})

    def drop(self, names: Iterable[str]) -> None:
        """Takes the seals of files away that were found to be wrong; silent as `renew`."""
        gone = set(names)
        self._write({name: seal for name, seal in self._seals.items() if name not in gone})

    def _write(self, seals: dict[str, Seal]) -> None:
        if seals != self._seals:
            with contextlib.suppress(OSError):
                write_atomically(self._folder / SEALS, msgspec.json.encode(seals))
                self._seals = seals
