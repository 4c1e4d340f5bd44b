"""What a tool takes in hand to move, scale or turn: layers whole, or what of them is selected."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import cv2
import msgspec

from studio.core.composing import masked
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Layer, Preview, RasterLayer
from studio.core.picture import Pixels
from studio.core.projection import Projection
from studio.core.selection import aligned, uniform_value
from studio.core.tiles import Snapshot, TiledSurface, TileIndex, TileReader, tiles_over
from studio.core.warping import Draft, Warp, laid_over

_NOTHING = Bounds(0, 0, 0, 0)


class Outcome(msgspec.Struct, frozen=True):
    """A layer after the projection; None for what stays as it is."""

    pixels: Snapshot | None
    mask: Snapshot | None


class Piece(msgspec.Struct, frozen=True):
    """One layer in hand, as it was when it was taken.

    Attributes:
        layer: itself.
        moving: the pixels in hand; None of a group, which has none, and where only a mask is.
        staying: the pixels that are not in hand because they are not selected, else None.
        area: the rectangle around what is in hand; empty where there is nothing.
        mask: the mask that moves along; None where there is none, or only a selection moves.
    """

    layer: Layer
    moving: Snapshot | None
    staying: Snapshot | None
    area: Bounds
    mask: Snapshot | None

    def preview(self, projection: Projection, *, coarse: bool) -> Preview:
        """What to show while it is in hand."""
        mask: TileReader | None = self.layer.mask
        if self.mask is not None and not (masked := self.mask.used_bounds()).is_empty:
            mask = Draft(Warp(self.mask, masked, projection), coarse=coarse)
        if self.moving is None or self.area.is_empty:
            return Preview(self.layer.pixels, mask)
        warp = Warp(self.moving, self.area, projection)
        return Preview(Draft(warp, self.staying, coarse=coarse), mask)

    def projected(self, projection: Projection) -> Outcome:
        """The final pixels; works in any thread, and may take a while."""
        pixels = mask = None
        if self.moving is not None and not self.area.is_empty:
            pixels = Warp(self.moving, self.area, projection).snapshot()
            if self.staying is not None:
                pixels = _joined(self.staying, pixels)
        if self.mask is not None and not (masked := self.mask.used_bounds()).is_empty:
            mask = Warp(self.mask, masked, projection).snapshot()
        return Outcome(pixels, mask)


class Subject(msgspec.Struct, frozen=True):
    """What is in hand: layers, what of them is selected, or the mask of one alone.

    Attributes:
        pieces: the layers that take part, the lowest first.
        selection: what is selected, if only that is in hand; else None.
        bounds: the rectangle around all pixels in hand; not empty.
    """

    pieces: tuple[Piece, ...]
    selection: Snapshot | None
    bounds: Bounds

    @classmethod
    def take(cls, document: Document, layer: Layer | None, *others: Layer) -> Subject:
        """Layers with all that they hold, or their selected pixels where anything is selected.

        While tools paint on the first layer's mask it is that mask alone, and all of it.

        Raises:
            KnownError: if there is no layer, one is locked, or nothing is there to be moved.
        """
        if layer is None:
            raise KnownError("There is no layer to change: add one first.")
        if document.editing_mask and layer.mask is not None:
            return cls._of_mask(layer, layer.mask.snapshot())
        selection = document.selection.snapshot() if document.has_selection else None
        parts = dict.fromkeys(part for it in (layer, *others) for part in with_all_inside(it))
        for part in parts:
            _check_unlocked(part)
        pieces = tuple(_piece(part, selection) for part in parts)
        bounds = _around(pieces)
        if bounds.is_empty and selection is not None:
            raise KnownError(f"Nothing of the layer {layer.name!r} is selected: select a part.")
        if bounds.is_empty:
            raise KnownError(f"The layer {layer.name!r} is empty: paint on it or choose another.")
        return cls(pieces, selection, bounds)

    @classmethod
    def _of_mask(cls, layer: Layer, mask: Snapshot) -> Subject:
        _check_unlocked(layer)
        area = mask.used_bounds()
        if area.is_empty:
            raise KnownError(f"The mask of the layer {layer.name!r} is empty: paint on it first.")
        return cls((Piece(layer, None, None, area, mask),), None, area)

    @classmethod
    def whole(cls, document: Document) -> Subject:
        """All layers, whatever is selected or locked; ``bounds`` may be empty."""
        pieces = tuple(_piece(layer, None) for layer in document.walk())
        return cls(pieces, None, _around(pieces))

    def show(self, projection: Projection, *, coarse: bool = False) -> None:
        """Shows the layers as they will look.

        Args:
            projection: of all of it.
            coarse: roughly, while it is dragged; else as well as `projected` makes it, though
                only where it is looked at.
        """
        for piece in self.pieces:
            piece.layer.show_preview(piece.preview(projection, coarse=coarse))

    def let_go(self) -> None:
        """Shows the layers as they are."""
        for piece in self.pieces:
            piece.layer.show_preview(None)

    def projected(self, projection: Projection) -> Sequence[Outcome]:
        """The final pixels of each piece; works in any thread, and may take a while."""
        return [piece.projected(projection) for piece in self.pieces]


def with_all_inside(layer: Layer) -> Iterator[Layer]:
    """A layer and all that it holds, itself last."""
    for child in layer.children:
        yield from with_all_inside(child)
    yield layer


def outermost(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Those that do not lie inside another one of them."""
    held = {part for layer in layers for part in with_all_inside(layer) if part is not layer}
    return tuple(layer for layer in layers if layer not in held)


def _around(pieces: Sequence[Piece]) -> Bounds:
    return functools.reduce(Bounds.union, (piece.area for piece in pieces), _NOTHING)


def _check_unlocked(layer: Layer) -> None:
    locks = layer.locks
    if locks.position or (locks.pixels and not isinstance(layer, GroupLayer)):
        raise KnownError(f"The layer {layer.name!r} is locked: unlock it to change it.")


def _piece(layer: Layer, selection: Snapshot | None) -> Piece:
    mask = layer.mask.snapshot() if layer.mask is not None and selection is None else None
    if not isinstance(layer, RasterLayer):
        return Piece(layer, None, None, _NOTHING, mask)
    pixels = layer.surface.snapshot()
    if selection is None:
        return Piece(layer, pixels, None, pixels.used_bounds(), mask)
    moving, staying = split(pixels, selection)
    return Piece(layer, moving, staying, moving.used_bounds(), None)


def split(pixels: Snapshot, selection: Snapshot) -> tuple[Snapshot, Snapshot]:
    """What of a layer is selected, and the rest; half of what is half selected goes with each."""
    selection = aligned(selection)
    moving: dict[TileIndex, Pixels] = {}
    rest = dict(pixels.tiles)
    for place, tile in pixels.tiles_in(selection.bounds):
        relative = place.relative_to(pixels.origin)
        index = TileIndex(relative.x // place.width, relative.y // place.height)
        chosen = uniform_value(selection, place)
        if chosen == 255:
            moving[index] = rest.pop(index)
        elif chosen is None:
            taken = masked(tile, place, selection)
            if taken.any():
                moving[index] = _frozen(taken)
                _put(rest, index, cv2.subtract(tile, taken))
    kinds = pixels.format, pixels.origin
    return Snapshot(kinds[0], moving, kinds[1]), Snapshot(kinds[0], rest, kinds[1])


def _joined(staying: Snapshot, moved: Snapshot) -> Snapshot:
    """What moved, laid over what stayed."""
    surface, origin = TiledSurface.of(staying), staying.origin
    for index in tiles_over(moved.bounds.relative_to(origin)):
        place = index.bounds.moved(*origin)
        if not moved.has_tiles_in(place):
            continue
        pixels = moved.read_stored(place)
        if staying.has_tiles_in(place):
            pixels = laid_over(staying.read_stored(place), pixels)
        surface.write_stored(place, pixels)
    return surface.snapshot()


def _put(tiles: dict[TileIndex, Pixels], index: TileIndex, pixels: Pixels) -> None:
    """Replaces a tile; one without anything needs none."""
    if pixels.any():
        tiles[index] = _frozen(pixels)
    else:
        del tiles[index]


def _frozen(pixels: Pixels) -> Pixels:
    pixels.setflags(write=False)
    return pixels
