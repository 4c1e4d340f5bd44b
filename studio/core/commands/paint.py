"""Changes of a layer's pixels and of its mask."""

from __future__ import annotations

from studio.core.commands.recorded import RecordedChange
from studio.core.document import Document
from studio.core.errors import BugError
from studio.core.layers import Layer, RasterLayer
from studio.core.tiles import TileChange, TileState


class PaintStroke(RecordedChange):
    """A recorded change of the pixels of ``layer``."""

    def __init__(self, layer: RasterLayer, change: TileChange, name: str = "Paint stroke") -> None:
        super().__init__(change, name)
        self._layer = layer

    def _apply(self, document: Document, state: TileState) -> None:
        for dirty in self._layer.surface.apply(state):
            self._layer.touch(dirty)


class PaintLayerMask(RecordedChange):
    """A recorded change of the mask of ``layer``."""

    def __init__(self, layer: Layer, change: TileChange, name: str = "Paint layer mask") -> None:
        super().__init__(change, name)
        self._layer = layer

    def _apply(self, document: Document, state: TileState) -> None:
        if self._layer.mask is None:
            raise BugError(f"The layer {self._layer.name!r} has lost the mask that was painted.")
        for dirty in self._layer.mask.apply(state):
            self._layer.touch_mask(dirty)
