"""Commands whose change of tiles was made, a little at a time, before they were pushed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from studio.core.commands.memory import Holding
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.tiles import TileChange, TileState


class RecordedChange(Command):
    """A recorded change of one surface.

    Args:
        change: the tiles before and after.
        name: as the person reads it.
    """

    def __init__(self, change: TileChange, name: str) -> None:
        self._change = change
        self._name = name

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def cost(self) -> int:
        """Bytes of the touched tiles."""
        return self._change.size

    @property
    def holdings(self) -> Sequence[Holding]:
        """The tiles before and after."""
        return self._change.states

    def do(self, document: Document) -> None:
        """Brings the tiles after the change back."""
        self._apply(document, self._change.after)

    def undo(self, document: Document) -> None:
        """Brings the tiles before the change back."""
        self._apply(document, self._change.before)

    @abstractmethod
    def _apply(self, document: Document, state: TileState) -> None:
        """Gives the surface the tiles of ``state``, and says where it looks different."""
