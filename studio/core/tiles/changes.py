"""What differs between two states of a surface."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from studio.core.geometry import Point
from studio.core.picture import Pixels
from studio.core.spool import Spool, Spooled
from studio.core.tiles.grid import TileIndex
from studio.core.tiles.readers import Snapshot


class TileState:
    """Some tiles of a surface, None where there was none, and the place of all.

    The tiles may wait on the disk: `put_away` writes them there, `let_go` then forgets them in
    memory, and asking for them reads them back.

    Args:
        tiles: nobody writes into them any more.
        origin: of the surface.
    """

    def __init__(self, tiles: Mapping[TileIndex, Pixels | None], origin: Point) -> None:
        self.origin = origin
        self._tiles: Mapping[TileIndex, Pixels | None] | None = tiles
        # A tile that stands in several places counts once.
        distinct = {id(tile): tile for tile in tiles.values() if tile is not None}
        self._size = sum(tile.nbytes for tile in distinct.values())
        self._spooled: Spooled | None = None

    @property
    def tiles(self) -> Mapping[TileIndex, Pixels | None]:
        """The tiles by index.

        Raises:
            SpoolError: if the disk does not give them back.
        """
        if self._tiles is None:
            tiles = self._spooled.read() if self._spooled else {}
            self._tiles = {TileIndex(*index): tile for index, tile in tiles.items()}
        return self._tiles

    @property
    def size(self) -> int:
        """Bytes held by the tiles in memory."""
        return 0 if self._tiles is None else self._size

    @property
    def stored(self) -> int:
        """Bytes that the tiles take up on the disk."""
        return self._spooled.size if self._spooled else 0

    @property
    def is_pending(self) -> bool:
        """Whether the tiles are on their way to the disk."""
        return self._spooled is not None and self._spooled.is_pending

    def put_away(self, spool: Spool) -> None:
        """Starts to write the tiles to the disk, unless they are there already."""
        if self._tiles is not None and self._size and self._spooled is None:
            self._spooled = spool.put(self._tiles)

    def fetch(self) -> None:
        """Starts to read the tiles back, where they are on the disk alone: soon asked for."""
        if self._tiles is None and self._spooled is not None:
            self._spooled.fetch()

    def let_go(self) -> None:
        """Forgets the tiles in memory if they are on the disk."""
        if self._spooled is None or self._spooled.is_pending:
            return
        if self._spooled.is_whole:
            self._spooled.forget()
            self._tiles = None
        else:
            self._spooled = None

    def discard(self) -> None:
        """Removes the tiles from the disk; nobody asks for them any more."""
        if self._spooled is not None:
            self._spooled.discard()


class TileChange(msgspec.Struct, frozen=True):
    """What differs between two snapshots of one surface: enough to go either way."""

    before: TileState
    after: TileState

    @classmethod
    def between(cls, before: Snapshot, after: Snapshot) -> TileChange:
        """The tiles that are not the same object in both."""
        old, new = before.tiles, after.tiles
        touched = [
            index for index in old.keys() | new.keys() if old.get(index) is not new.get(index)
        ]
        return cls(
            TileState({index: old.get(index) for index in touched}, before.origin),
            TileState({index: new.get(index) for index in touched}, after.origin),
        )

    @property
    def is_nothing(self) -> bool:
        """Whether both snapshots were the same."""
        return not self.before.tiles and self.before.origin == self.after.origin

    @property
    def states(self) -> tuple[TileState, TileState]:
        """Both sides."""
        return self.before, self.after

    @property
    def size(self) -> int:
        """Bytes that keeping it costs: one side lives on in the surface or in a neighbour."""
        return max(self.before.size, self.after.size)

    def then(self, later: TileChange) -> TileChange:
        """Both changes as one."""
        before = {**later.before.tiles, **self.before.tiles}
        after = {**self.after.tiles, **later.after.tiles}
        return TileChange(
            TileState(before, self.before.origin), TileState(after, later.after.origin)
        )
