"""Masks that show a layer only in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from studio.core.commands.memory import Holding
from studio.core.commands.stack import Command
from studio.core.composing import masked
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import Layer, RasterLayer
from studio.core.tiles import (
    MaskSurface,
    Snapshot,
    TileChange,
    TiledSurface,
    TileState,
    tile_count,
)

_SHORT = 64
"""So many tiles are masked within a frame."""


class AddMask(Command):
    """Gives a layer a mask, in the place of one that it has.

    Args:
        layer: to be masked.
        source: what of it is shown, 255 = shown; all of it where this is left out.
    """

    def __init__(self, layer: Layer, source: Snapshot | None = None) -> None:
        self._layer = layer
        self._mask = MaskSurface(fill=255) if source is None else MaskSurface.of(source)
        self._before: MaskSurface | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Add layer mask"

    @property
    def cost(self) -> int:
        """Bytes of the mask that it replaces."""
        return 0 if self._before is None else self._before.size

    def do(self, document: Document) -> None:
        """Sets the mask."""
        self._before = self._layer.mask
        self._layer.mask = self._mask

    def undo(self, document: Document) -> None:
        """Sets the mask that was there, or none."""
        self._layer.mask = self._before


class RemoveMask(Command):
    """Takes a layer's mask away.

    Args:
        layer: that has a mask.
        apply: what the mask hides is erased from the layer, which then looks as before.

    Raises:
        KnownError: when it is done, if there is no mask, or it is to be applied to what has no
            pixels of its own.
    """

    def __init__(self, layer: Layer, *, apply: bool) -> None:
        self._layer = layer
        self._apply = apply
        self._mask: MaskSurface | None = None
        self._change: TileChange | None = None
        self._made: _Erased | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Apply layer mask" if self._apply else "Remove layer mask"

    @property
    def cost(self) -> int:
        """Bytes of the mask, and of the pixels that it changed."""
        return (self._mask.size if self._mask else 0) + (self._change.size if self._change else 0)

    @property
    def holdings(self) -> Sequence[Holding]:
        """The tiles before and after."""
        return self._change.states if self._change else ()

    def prepare(self, document: Document) -> Callable[[], None] | None:
        """What to call on another thread before it is done; None if that is not needed.

        What it makes counts if layer and mask are the same when the command is done.
        """
        layer, mask = self._layer, self._layer.mask
        if not self._apply or mask is None or not isinstance(layer, RasterLayer):
            return None
        if tile_count(layer.surface.bounds) <= _SHORT:
            return None
        pixels, cover = layer.surface.snapshot(), mask.snapshot()

        def work() -> None:
            self._made = _Erased(pixels, cover, _erasing(pixels, cover))

        return work

    def do(self, document: Document) -> None:
        """Takes the mask away."""
        mask = self._layer.mask
        if mask is None:
            raise KnownError(f"The layer {self._layer.name!r} has no mask: choose another one.")
        if self._apply:
            self._erase_hidden(mask)
        self._mask = mask
        self._layer.mask = None

    def undo(self, document: Document) -> None:
        """Brings the mask back, and what it hid."""
        if self._change is not None and isinstance(self._layer, RasterLayer):
            _restore(self._layer, self._change.before)
        self._layer.mask = self._mask

    def _erase_hidden(self, mask: MaskSurface) -> None:
        if not isinstance(self._layer, RasterLayer):
            raise KnownError("The mask of a group cannot be applied: flatten the group first.")
        if self._change is None:
            pixels, cover = self._layer.surface.snapshot(), mask.snapshot()
            made, self._made = self._made, None
            if made is None or not made.is_of(pixels, cover):
                made = _Erased(pixels, cover, _erasing(pixels, cover))
            self._change = made.change
        _restore(self._layer, self._change.after)


class _Erased(NamedTuple):
    """The change that erases what a mask hides, and of what it was made."""

    pixels: Snapshot
    mask: Snapshot
    change: TileChange

    def is_of(self, pixels: Snapshot, mask: Snapshot) -> bool:
        """Whether it was made of these."""
        pairs = ((self.pixels, pixels), (self.mask, mask))
        return all(TileChange.between(mine, theirs).is_nothing for mine, theirs in pairs)


def _erasing(pixels: Snapshot, mask: Snapshot) -> TileChange:
    surface = TiledSurface.of(pixels)
    for place, tile in pixels.tiles_in(pixels.bounds):
        surface.write_stored(place, masked(tile, place, mask))
    return TileChange.between(pixels, surface.snapshot())


def _restore(layer: RasterLayer, state: TileState) -> None:
    for dirty in layer.surface.apply(state):
        layer.touch(dirty)
