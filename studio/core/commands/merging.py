"""Layers become one plain layer."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from studio.core.blend import BlendMode
from studio.core.commands.memory import Holding
from studio.core.commands.shelf import Shelf
from studio.core.commands.stack import Command
from studio.core.composing import ComposedSnapshot, Drawable
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer, LayerStack, RasterLayer
from studio.core.tiles import TiledSurface, tile_count

_SHORT = 64
"""So many tiles of layers are composed within a frame."""


class _Swap(NamedTuple):
    stack: LayerStack
    old: Sequence[Layer]
    """Neighbours in the stack, the lowest first."""
    new: Layer


class _Plan(NamedTuple):
    stack: LayerStack
    old: Sequence[Layer]
    make: Callable[[], Layer]
    """Makes the new layer of nothing but snapshots, on any thread."""

    @property
    def is_short(self) -> bool:
        return sum(tile_count(layer.bounds) for layer in self.old) <= _SHORT

    def state(self) -> list[tuple[object, ...]]:
        """Differs once the layers do."""
        return [
            (layer, layer.revision, layer.mask_revision, layer.name, layer.visible, layer.opacity)
            + (layer.blend_mode, layer.clipped, layer.mask_enabled)
            for layer in self.old
        ]


class Replacement(Command):
    """Puts one layer in the place of some neighbours; works it out when it is done first.

    On large layers that takes longer than a frame: `prepare` lets it be worked out elsewhere.
    """

    def __init__(self) -> None:
        self._swap: _Swap | None = None
        self._made: tuple[list[tuple[object, ...]], Layer] | None = None
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

    def prepare(self, document: Document) -> Callable[[], None] | None:
        """What to call on another thread before the command is done; None if that is not needed.

        What it makes counts if the layers are the same when the command is done, else it is made
        anew.

        Raises:
            KnownError: as when it is done.
        """
        plan = self._plan(document)
        if plan.is_short:
            return None
        state = plan.state()

        def work() -> None:
            self._made = state, plan.make()

        return work

    def do(self, document: Document) -> None:
        """Puts the new layer in the place of the old ones, and makes it the active one."""
        self._swap = self._swap or self._worked_out(document)
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

    def _worked_out(self, document: Document) -> _Swap:
        plan = self._plan(document)
        state, made = self._made or (None, None)
        self._made = None
        new = made if made is not None and state == plan.state() else plan.make()
        return _Swap(plan.stack, plan.old, new)

    @abstractmethod
    def _plan(self, document: Document) -> _Plan: ...


class MergeDown(Replacement):
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

    def _plan(self, document: Document) -> _Plan:
        stack = document.stack_of(self._upper)
        lower = stack.below(self._upper)
        if lower is None:
            raise KnownError("There is no layer below to merge with: choose a higher one.")
        clipped: list[Layer] = []
        if not self._upper.clipped:
            above = stack[stack.index(self._upper) + 1 :]
            clipped.extend(itertools.takewhile(lambda layer: layer.clipped, above))
        _check_mergeable(lower, self._upper, *clipped)
        return _Plan(stack, (lower, self._upper, *clipped), merging(lower, self._upper, *clipped))


class Rasterise(Replacement):
    """Makes a plain layer of a text, of a generated layer or of a group; it looks as before."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._layer = layer

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Rasterise layer"

    def _plan(self, document: Document) -> _Plan:
        stack = document.stack_of(self._layer)
        name, pixels, look = self._layer.name, self._layer.snapshot().pixels, self._layer.look()
        return _Plan(
            stack, (self._layer,), lambda: RasterLayer(name, TiledSurface.of(pixels), **look)
        )


class ReplaceLayer(Replacement):
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

    def _plan(self, document: Document) -> _Plan:
        return _Plan(document.stack_of(self._old), (self._old,), lambda: self._new)


class FlattenGroup(Rasterise):
    """Makes one plain layer of a group; it looks as before."""

    def __init__(self, group: GroupLayer) -> None:
        super().__init__(group)

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Flatten group"


class FlattenImage(Replacement):
    """Makes one plain layer of all visible layers; hidden ones are left out.

    Raises:
        KnownError: when it is done, if there are no layers.
    """

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Flatten image"

    def _plan(self, document: Document) -> _Plan:
        if not document.layers:
            raise KnownError("There is no layer to flatten: add one first.")
        layers = tuple(document.layers)
        shown = [layer.snapshot() for layer in layers]
        return _Plan(document.layers, layers, lambda: RasterLayer("Picture", composed(shown)))


def merging(lower: Layer, *upper: Layer) -> Callable[[], RasterLayer]:
    """What makes one layer that looks as these do now one above the other; on any thread.

    Either all of ``upper`` are clipped to the layer that ``lower`` is clipped to, or to it, or it
    is not clipped at all.
    """
    # What the lower one's mode and clipping mean to the layers below is left to the result's own.
    bottom, rest = lower.snapshot(), [layer.snapshot() for layer in upper]
    plain = replace(bottom, blend_mode=BlendMode.NORMAL, clipped=False)
    if bottom.clipped:
        rest = [replace(layer, clipped=False) for layer in rest]
    return lambda: RasterLayer(
        bottom.name,
        composed([plain, *rest]),
        blend_mode=bottom.blend_mode,
        clipped=bottom.clipped,
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
