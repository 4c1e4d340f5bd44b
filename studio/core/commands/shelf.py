"""Layers that a command keeps out of the document, their pixels in memory or on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from studio.core.commands.memory import Holding
from studio.core.commands.stack import Command
from studio.core.layers import Layer, RasterLayer
from studio.core.spool import Spool
from studio.core.tiles import Surface, TileState


class Shelf:
    """Where layers lie that were taken out of the document, or are not in it yet.

    What lies there may be put away on the disk: its surfaces are empty then, so `take` the layers
    back before anything looks at them.
    """

    def __init__(self) -> None:
        self._surfaces: tuple[_ShelvedSurface, ...] = ()

    @property
    def cost(self) -> int:
        """Bytes of pixels in memory."""
        return sum(shelved.size for shelved in self._surfaces)

    @property
    def holdings(self) -> tuple[_ShelvedSurface, ...]:
        """The pixels of each layer."""
        return self._surfaces

    def put(self, *layers: Layer) -> None:
        """Lays layers here, with all that they hold; nothing else may lie here."""
        self._surfaces = tuple(_ShelvedSurface(surface) for surface in _surfaces(layers))

    def take(self) -> None:
        """Everything is needed again, and whole.

        Raises:
            SpoolError: if the disk does not give pixels back; all of it still lies here.
        """
        for shelved in self._surfaces:
            shelved.bring_back()
        for shelved in self._surfaces:
            shelved.discard()
        self._surfaces = ()


class ShelvingCommand(Command):
    """A command with layers that lie on a shelf of its own while the document has them not.

    Args:
        layers: that are not in the document yet.
    """

    def __init__(self, *layers: Layer) -> None:
        self._shelf = Shelf()
        self._shelf.put(*layers)

    @property
    def cost(self) -> int:
        """Bytes of the layers that lie there; what the document holds, the command does not."""
        return self._shelf.cost

    @property
    def holdings(self) -> Sequence[Holding]:
        """The pixels of these layers."""
        return self._shelf.holdings


class _ShelvedSurface:
    """The pixels of one layer; a `memory.Holding`."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._state: TileState | None = None

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return self._surface.size

    @property
    def is_pending(self) -> bool:
        """Whether they are on their way to the disk."""
        return self._state is not None and self._state.is_pending

    @property
    def stored(self) -> int:
        """Bytes that they take up on the disk."""
        return self._state.stored if self._state is not None else 0

    def put_away(self, spool: Spool) -> None:
        """Starts to write them to the disk, unless they are there already."""
        if self._state is None:
            snapshot = self._surface.snapshot()
            self._state = TileState(snapshot.tiles, snapshot.origin)
        self._state.put_away(spool)

    def fetch(self) -> None:
        """Starts to read them back."""
        if self._state is not None:
            self._state.fetch()

    def let_go(self) -> None:
        """Empties the surface if its pixels are on the disk."""
        if self._state is not None:
            self._state.let_go()
            if not self._state.size:
                self._surface.clear_all()

    def bring_back(self) -> None:
        """Fills the surface as it was.

        Raises:
            SpoolError: if the disk does not give the pixels back.
        """
        if self._state is not None:
            self._surface.apply(self._state)

    def discard(self) -> None:
        """Removes them from the disk."""
        if self._state is not None:
            self._state.discard()


def _surfaces(layers: Iterable[Layer]) -> Iterator[Surface]:
    for layer in layers:
        if isinstance(layer, RasterLayer):
            yield layer.surface
        yield from _surfaces(layer.children)
