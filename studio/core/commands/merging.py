"""Layers become one plain layer."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from studio.core.blend import BlendMode
from studio.core.commands.memory import Holding
from studio.core.commands.shelf import Shelf
from studio.core.commands.stack import Command
from studio.core.composing import ComposedSnapshot, Drawable
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer, LayerStack, RasterLayer
from studio.core.tiles import TiledSurface


class _Swap(NamedTuple):
    stack: LayerStack
    old: Sequence[Layer]
    """Neighbours in the stack, the lowest first."""
    new: Layer


class _Replacement(Command):
    """Puts one layer in the place of some neighbours; works it out when it is done first."""

    def __init__(self) -> None:
        self._swap: _Swap | None = None
        self._active_before: Layer | None = None
        self._old_shelf, self._new_shelf = Shelf(), Shelf()

    @property
    def cost(self) -> int:
        """Bytes of the layers that are not in the document: those replaced, or the new one."""
        return self._old_shelf.cost + self._new_shelf.cost

    @property
    def holdings(self) -> Sequence[Holding]:
        """The pixels of those."""
        return self._old_shelf.holdings + self._new_shelf.holdings

    def do(self, document: Document) -> None:
        """Puts the new layer in the place of the old ones, and makes it the active one."""
        self._swap = self._swap or self._prepared(document)
        self._new_shelf.take()
        stack, old, new = self._swap
        self._active_before = document.active
        index = stack.index(old[0])
        for layer in reversed(old):
            stack.remove(layer)
        stack.insert(index, new)
        self._old_shelf.put(*old)
        document.active = new

    def undo(self, document: Document) -> None:
        """Puts the old layers back."""
        if self._swap is None:
            return
        self._old_shelf.take()
        stack, old, new = self._swap
        index = stack.remove(new)
        self._new_shelf.put(new)
        for number, layer in enumerate(old):
            stack.insert(index + number, layer)
        document.active = self._active_before

    @abstractmethod
    def _prepared(self, document: Document) -> _Swap: ...


class MergeDown(_Replacement):
    """Merges a layer into the one below, so that they look as before.

    The result has the name and the blend mode of the lower one, and is opaque. What is clipped to
    the upper layer is merged with it, for nothing else would clip it as before.

    Raises:
        KnownError: when it is done, if there is no layer below, one of them is locked or hidden,
            or the lower one is clipped and the upper one is not.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._upper = layer

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Merge down"

    def _prepared(self, document: Document) -> _Swap:
        stack = document.stack_of(self._upper)
        lower = stack.below(self._upper)
        if lower is None:
            raise KnownError("There is no layer below to merge with: choose a higher one.")
        clipped: list[Layer] = []
        if not self._upper.clipped:
            above = stack[stack.index(self._upper) + 1 :]
            clipped.extend(itertools.takewhile(lambda layer: layer.clipped, above))
        _check_mergeable(lower, self._upper, *clipped)
        return _Swap(stack, (lower, self._upper, *clipped), merged(lower, self._upper, *clipped))


class Rasterise(_Replacement):
    """Makes a plain layer of a text, of a generated layer or of a group; it looks as before."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._layer = layer

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Rasterise layer"

    def _prepared(self, document: Document) -> _Swap:
        plain = rasterised(self._layer)
        return _Swap(document.stack_of(self._layer), (self._layer,), plain)


class ReplaceLayer(_Replacement):
    """Puts a layer in the place of another one.

    Args:
        old: in the document.
        new: in no stack yet.
        name: as the person reads it.
    """

    def __init__(self, old: Layer, new: Layer, name: str = "Replace layer") -> None:
        super().__init__()
        self._old = old
        self._new = new
        self._name = name

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def _prepared(self, document: Document) -> _Swap:
        return _Swap(document.stack_of(self._old), (self._old,), self._new)


class FlattenGroup(Rasterise):
    """Makes one plain layer of a group; it looks as before."""

    def __init__(self, group: GroupLayer) -> None:
        super().__init__(group)

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Flatten group"


class FlattenImage(_Replacement):
    """Makes one plain layer of all visible layers; hidden ones are left out.

    Raises:
        KnownError: when it is done, if there are no layers.
    """

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Flatten image"

    def _prepared(self, document: Document) -> _Swap:
        if not document.layers:
            raise KnownError("There is no layer to flatten: add one first.")
        layers = tuple(document.layers)
        picture = composed([layer.snapshot() for layer in layers])
        return _Swap(document.layers, layers, RasterLayer("Picture", picture))


def rasterised(layer: Layer) -> RasterLayer:
    """A plain layer that looks as this one does."""
    return RasterLayer(layer.name, TiledSurface.of(layer.snapshot().pixels), **layer.look())


def merged(lower: Layer, *upper: Layer) -> RasterLayer:
    """One layer that looks as these do one above the other.

    Either all of ``upper`` are clipped to the layer that ``lower`` is clipped to, or to it, or it
    is not clipped at all.
    """
    # What the lower one's mode and clipping mean to the layers below is left to the result's own.
    bottom = replace(lower.snapshot(), blend_mode=BlendMode.NORMAL, clipped=False)
    rest = [layer.snapshot() for layer in upper]
    if lower.clipped:
        rest = [replace(layer, clipped=False) for layer in rest]
    return RasterLayer(
        lower.name,
        composed([bottom, *rest]),
        blend_mode=lower.blend_mode,
        clipped=lower.clipped,
    )


def composed(layers: Sequence[Drawable]) -> TiledSurface:
    """What these layers show together, the lowest first."""
    surface, pixels = TiledSurface(), ComposedSnapshot(layers)
    for place, tile in pixels.tiles_in(pixels.bounds):
        surface.write_stored(place, tile)
    return surface


def _check_mergeable(lower: Layer, *upper: Layer) -> None:
    if lower.clipped and not upper[0].clipped:
        raise KnownError(
            f"The layer {lower.name!r} is clipped: release it, or clip the one above it too, to "
            "merge them."
        )
    for layer in (lower, *upper):
        if layer.locks.pixels:
            raise KnownError(f"The layer {layer.name!r} is locked: unlock it to merge it.")
        if not layer.visible:
            raise KnownError(f"The layer {layer.name!r} is hidden: show it to merge it.")
