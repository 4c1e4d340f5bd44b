"""What crashes left behind."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from studio.core.atomic import reason
from studio.core.claims import Claim, left_behind
from studio.core.document import DocumentSnapshot
from studio.core.errors import PictureError
from studio.core.picture import Pixels
from studio.core.tiles import Snapshot, TileIndex
from studio.journal.journal import SUFFIX
from studio.journal.log import Kind, payloads, records
from studio.journal.records import (
    About,
    Numbers,
    StateRecord,
    SurfaceRecord,
    applied,
    decode_document,
    decode_tile,
    format_of,
    tile_number,
)

log = logging.getLogger(__name__)


class LostDrawing(msgspec.Struct, frozen=True):
    """A drawing that was not saved when its process ended; claimed until it is let go.

    Attributes:
        about: its name, its file and when it was kept last.
    """

    about: About
    claim: Claim

    def read(self) -> DocumentSnapshot:
        """The drawing as it was.

        Raises:
            PictureError: if it cannot be read.
        """
        try:
            found = read_journal(self.claim.folder)
        except OSError as error:
            raise PictureError(
                f"{self.about.name!r} cannot be read because {reason(error)}."
            ) from error
        if found is None:
            raise PictureError(f"What was kept of {self.about.name!r} is gone.")
        return found[1]

    def keep(self) -> None:
        """Leaves it for the next start."""
        self.claim.release()

    def discard(self) -> None:
        """Removes it: it is open with a journal of its own, or not wanted."""
        self.claim.remove()


def lost_drawings(parent: Path) -> Iterator[LostDrawing]:
    """Claims what processes that are gone left in ``parent``; sweeps what is saved.

    What cannot be read is left alone, for a version of the program that can.

    Raises:
        OSError: if ``parent`` exists and cannot be read.
    """
    for claim in left_behind(parent):
        try:
            found = _last_state(claim.folder)
        except (PictureError, OSError) as error:
            log.warning("the journal %s cannot be read: %s", claim.folder, error)
            claim.release()
            continue
        if found is None or found.record.about.is_saved:
            claim.remove()
        else:
            yield LostDrawing(found.record.about, claim)


def read_journal(folder: Path) -> tuple[About, DocumentSnapshot] | None:
    """The last state in a journal; None where it holds none.

    Raises:
        PictureError: if it was written in another way than this program knows.
        OSError: if it cannot be read.
    """
    found = _last_state(folder)
    if found is None:
        return None
    with _known_way():
        return found.record.about, found.document()


class _LastState(NamedTuple):
    """The last state in a log, and where the tiles are that it names."""

    path: Path
    record: StateRecord
    surfaces: Sequence[Numbers]
    places: Mapping[int, int]

    def document(self) -> DocumentSnapshot:
        tiles = _read_tiles(self.path, self.places, self.surfaces)
        snapshots = [
            _surface(record, numbers, tiles)
            for record, numbers in zip(self.record.surfaces, self.surfaces, strict=True)
        ]
        return decode_document(self.record, snapshots)


def _last_state(folder: Path) -> _LastState | None:
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        with _known_way():
            found = _scan(path)
        # The newest log has no state yet while it is still being filled from the one before.
        if found is not None:
            return found
    return None


def _scan(path: Path) -> _LastState | None:
    places: dict[int, int] = {}
    surfaces: Sequence[Numbers] = ()
    last: StateRecord | None = None
    for record in records(path):
        if record.kind == Kind.TILE:
            places[tile_number(record.payload)] = record.offset
        elif record.kind == Kind.STATE:
            last = msgspec.msgpack.decode(record.payload, type=StateRecord)
            surfaces = [applied(surface, surfaces) for surface in last.surfaces]
    return _LastState(path, last, surfaces, places) if last is not None else None


@contextlib.contextmanager
def _known_way() -> Iterator[None]:
    """Says what it means when a record that is whole cannot be understood."""
    try:
        yield
    except (msgspec.MsgspecError, ValueError, LookupError) as error:
        raise PictureError(
            "A drawing that was not saved was kept by another version of Sfumato: start that "
            "version to get it back.",
            details=str(error),
        ) from error


def _read_tiles(
    path: Path, places: Mapping[int, int], surfaces: Sequence[Numbers]
) -> dict[int, Pixels]:
    numbers = sorted({number for surface in surfaces for number in surface.values()})
    offsets = [places[number] for number in numbers]
    return {
        number: decode_tile(payload)
        for number, payload in zip(numbers, payloads(path, offsets), strict=True)
    }


def _surface(record: SurfaceRecord, numbers: Numbers, tiles: dict[int, Pixels]) -> Snapshot:
    return Snapshot(
        format_of(record),
        {TileIndex(*index): tiles[number] for index, number in numbers.items()},
        record.origin,
    )
