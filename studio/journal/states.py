"""States of a document on their way into a journal: which tiles are new, and which are known.

A tile of a snapshot is never written into, so it is known by its identity as long as the state
that it was written with is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from studio.core.document import DocumentSnapshot
from studio.core.picture import Pixels
from studio.core.tiles import Snapshot
from studio.journal.records import (
    About,
    Numbers,
    StateRecord,
    SurfaceRecord,
    difference,
    encode_document,
    form_of,
)


class WrittenSurface(msgspec.Struct, frozen=True):
    """A surface of a state, and the number of each of its tiles."""

    snapshot: Snapshot
    numbers: Numbers


class State(msgspec.Struct, frozen=True):
    """A state that was written.

    Attributes:
        surfaces: in the order of their numbers.
        numbers: of all tiles, by the tile's identity.
        owners: the number of a surface that has the tile, by the tile's identity.
    """

    about: About
    document: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b""))
    surfaces: tuple[WrittenSurface, ...] = ()
    numbers: dict[int, int] = msgspec.field(default_factory=dict)
    owners: dict[int, int] = msgspec.field(default_factory=dict)

    @property
    def tile_numbers(self) -> set[int]:
        """The numbers of all tiles."""
        return set(self.numbers.values())

    def whole_record(self) -> StateRecord:
        """A record of it that needs no other."""
        return StateRecord(self.about, list(self._whole_surfaces()), self.document)

    def _whole_surfaces(self) -> Iterator[SurfaceRecord]:
        for surface in self.surfaces:
            snapshot = surface.snapshot
            yield difference(form_of(snapshot), snapshot.origin, surface.numbers, None, {})


class Draft:
    """A state that is about to be written.

    Args:
        document: as it is now.
        about: what else is to be known of it.
        last: the state that was written before.
        next_number: of the first tile that is new.

    Attributes:
        record: of the state.
        new_tiles: with their numbers; to be written before the record.
        next_number: of the first tile of the state after this one.
    """

    def __init__(
        self, document: DocumentSnapshot, about: About, last: State, next_number: int
    ) -> None:
        self.new_tiles: list[tuple[int, Pixels]] = []
        self.next_number = next_number
        self._last = last
        self._surfaces: list[WrittenSurface] = []
        self._numbers: dict[int, int] = {}
        self._owners: dict[int, int] = {}
        self._records: list[SurfaceRecord] = []
        raw = encode_document(document, self._refer)
        self.record = StateRecord(about, self._records, raw)

    def written(self) -> State:
        """The state, once it is in the journal."""
        return State(
            self.record.about,
            self.record.document,
            tuple(self._surfaces),
            self._numbers,
            self._owners,
        )

    def _refer(self, snapshot: Snapshot) -> int:
        numbers = {index: self._number(tile) for index, tile in snapshot.tiles.items()}
        base = self._base(snapshot)
        before = {} if base is None else self._last.surfaces[base].numbers
        self._records.append(difference(form_of(snapshot), snapshot.origin, numbers, base, before))
        self._surfaces.append(WrittenSurface(snapshot, numbers))
        number = len(self._surfaces) - 1
        for tile in snapshot.tiles.values():
            self._owners[id(tile)] = number
        return number

    def _number(self, tile: Pixels) -> int:
        key = id(tile)
        number = self._numbers.get(key)
        if number is None:
            number = self._last.numbers.get(key)
            if number is None:
                number = self.next_number
                self.next_number += 1
                self.new_tiles.append((number, tile))
            self._numbers[key] = number
        return number

    def _base(self, snapshot: Snapshot) -> int | None:
        """A surface of the last state that has a tile of this one: most likely the same, before."""
        owners = self._last.owners
        known = (owners[id(tile)] for tile in snapshot.tiles.values() if id(tile) in owners)
        return next(known, None)
