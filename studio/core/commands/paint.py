"""Changes of a layer's pixels and of its mask."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.commands.memory import Holding
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.errors import BugError
from studio.core.layers import Layer, RasterLayer
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

    @property
    def holdings(self) -> Sequence[Holding]:
        """The tiles before and after."""
        return self._change.states

    def do(self, document: Document) -> None:
        """Brings the pixels after the stroke back."""
        self._apply(self._change.after)

    def undo(self, document: Document) -> None:
        """Brings the pixels before the stroke back."""
        self._apply(self._change.before)

    def _apply(self, state: TileState) -> None:
        for dirty in self._layer.surface.apply(state):
            self._layer.touch(dirty)


class PaintLayerMask(Command):
    """A recorded change of one layer's mask; as `PaintStroke`."""

    def __init__(self, layer: Layer, change: TileChange, name: str = "Paint layer mask") -> None:
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

    @property
    def holdings(self) -> Sequence[Holding]:
        """The tiles before and after."""
        return self._change.states

    def do(self, document: Document) -> None:
        """Brings the mask after the stroke back."""
        self._apply(self._change.after)

    def undo(self, document: Document) -> None:
        """Brings the mask before the stroke back."""
        self._apply(self._change.before)

    def _apply(self, state: TileState) -> None:
        if self._layer.mask is None:
            raise BugError(f"The layer {self._layer.name!r} has lost the mask that was painted.")
        for dirty in self._layer.mask.apply(state):
            self._layer.touch_mask(dirty)
