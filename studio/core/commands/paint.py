"""Changes of a layer's pixels."""

from __future__ import annotations

from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.layers import RasterLayer
from studio.core.tiles import TileChange, TileState


class PaintStroke(Command):
    """A recorded change of one layer's pixels.

    Args:
        layer: that was painted on.
        change: the tiles before and after.
        name: as the person reads it.
    """

    def __init__(self, layer: RasterLayer, change: TileChange, name: str = "Paint stroke") -> None:
        self._layer = layer
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

    def do(self, document: Document) -> None:
        """Brings the pixels after the stroke back."""
        self._apply(self._change.after)

    def undo(self, document: Document) -> None:
        """Brings the pixels before the stroke back."""
        self._apply(self._change.before)

    def _apply(self, state: TileState) -> None:
        for dirty in self._layer.surface.apply(state):
            self._layer.touch(dirty)
