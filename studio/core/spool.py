"""Pixels that wait on the disk until undo needs them.

A spool belongs to one process and is no archive: its files mean nothing without it, nothing is
brought to the disk in earnest, and all of it goes with its folder.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from studio.core.atomic import discard, reason
from studio.core.errors import KnownError
from studio.core.packing import pack, unpack
from studio.core.picture import Pixels

DEFAULT_LIMIT_BYTES = 4 * 2**30

T = TypeVar("T")
Place = tuple[int, ...]
Parcel = Mapping[Any, Pixels | None]
"""Tiles by their place, None where there is nothing."""


class SpoolError(KnownError):
    """Pixels cannot be read back from the disk."""


class Spool:
    """Writes parcels of tiles into a folder, one file each, in another thread.

    Args:
        make_folder: called once, when the first parcel is written: a folder that this process
            alone holds. It may raise OSError.
        executor: whose one thread writes.
        limit_bytes: how much all files may take up together.
    """

    def __init__(
        self,
        make_folder: Callable[[], Path],
        executor: Executor,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        self._make_folder = make_folder
        self._folder: Path | None = None
        self._executor = executor
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._used = 0
        self._number = 0
        self._failure: OSError | None = None

    @property
    def used(self) -> int:
        """Bytes on the disk."""
        return self._used

    @property
    def excess(self) -> int:
        """How many bytes too many are on the disk; not positive while there is room."""
        return self._used - self._limit

    @property
    def failure(self) -> OSError | None:
        """Why the disk refused to take something; nothing more is given to it then."""
        return self._failure

    def put(self, parcel: Parcel) -> Spooled:
        """Starts to write tiles, which nobody may change any more."""
        self._number += 1
        return Spooled(self, self.submit(partial(self._write, self._number, parcel)))

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Has something done in the thread that writes."""
        return self._executor.submit(work)

    def _write(self, number: int, parcel: Parcel) -> _Contents | None:
        """What is where in which file; None where it could not be written."""
        if self._failure is not None:
            return None
        try:
            self._folder = self._folder or self._make_folder()
            contents = _write_file(self._folder / f"{number}.tiles", parcel)
        except OSError as error:
            self._failure = error
            return None
        self._account(contents.size)
        return contents

    def _account(self, size: int) -> None:
        with self._lock:
            self._used += size


class _Entry(NamedTuple):
    offset: int
    length: int
    shape: tuple[int, ...]


class _Contents(NamedTuple):
    path: Path
    entries: Mapping[Place, _Entry | None]
    size: int


class Spooled:
    """A parcel on its way to the disk, or there; made by `Spool.put`."""

    def __init__(self, spool: Spool, writing: Future[_Contents | None]) -> None:
        self._spool = spool
        self._writing = writing
        self._reading: Future[Parcel] | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it is still being written."""
        return not self._writing.done()

    @property
    def is_whole(self) -> bool:
        """Whether all of it is on the disk."""
        return self._writing.done() and self._writing.result() is not None

    @property
    def size(self) -> int:
        """Bytes on the disk; 0 while it is being written."""
        contents = self._writing.result() if self._writing.done() else None
        return contents.size if contents is not None else 0

    def fetch(self) -> None:
        """Starts to read the tiles in the spool's thread, unless they are still being written."""
        if self.is_whole and self._reading is None:
            self._reading = self._spool.submit(self._load)

    def forget(self) -> None:
        """Those that were fetched are not wanted after all."""
        self._reading = None

    def read(self) -> Parcel:
        """The tiles, read-only; those that were fetched are handed out and kept no longer.

        Raises:
            SpoolError: if the disk does not give them back.
        """
        reading, self._reading = self._reading, None
        # What waits behind others is read sooner here.
        return self._load() if reading is None or reading.cancel() else reading.result()

    def _load(self) -> Parcel:
        contents = self._writing.result()
        if contents is None:
            raise SpoolError("These steps cannot be undone: their pixels were not kept.")
        try:
            return _read_file(contents)
        except OSError as error:
            raise SpoolError(f"These steps cannot be undone because {reason(error)}.") from error
        except ValueError as error:
            raise SpoolError(
                "These steps cannot be undone because their file is damaged."
            ) from error

    def discard(self) -> None:
        """Takes the file away, once it is written."""
        self._writing.add_done_callback(self._remove)

    def _remove(self, writing: Future[_Contents | None]) -> None:
        contents = None if writing.cancelled() else writing.result()
        if contents is not None:
            discard(contents.path)
            self._spool._account(-contents.size)


def _write_file(path: Path, parcel: Parcel) -> _Contents:
    # A tile that stands in several places is written once.
    tiles = {id(tile): tile for tile in parcel.values() if tile is not None}
    entries: dict[int, _Entry] = {}
    offset = 0
    try:
        with path.open("xb") as file:
            for key, tile in tiles.items():
                length = file.write(pack(tile))
                entries[key] = _Entry(offset, length, tile.shape)
                offset += length
    except OSError:
        discard(path)
        raise
    places = {place: entries.get(id(tile)) for place, tile in parcel.items()}
    return _Contents(path, places, offset)


def _read_file(contents: _Contents) -> Parcel:
    data = memoryview(contents.path.read_bytes())
    tiles = {
        entry: unpack(data[entry.offset : entry.offset + entry.length], entry.shape)
        for entry in contents.entries.values()
        if entry is not None
    }
    return {
        place: None if entry is None else tiles[entry] for place, entry in contents.entries.items()
    }
