"""Changing the active layer or its mask as a whole, without keeping the person waiting."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from studio.core.commands.erasing import erased, hidden
from studio.core.commands.paint import PaintLayerMask, PaintStroke
from studio.core.commands.stack import Command
from studio.core.layers import Layer, Preview, RasterLayer
from studio.core.selection import rectangle
from studio.core.stroke import Stencil
from studio.core.tiles import MaskSurface, Snapshot, Surface, TileChange
from studio.core.wash import Ink, Wash
from studio.tools.targets import edited_mask, paintable_layer
from studio.tools.tool import ToolContext


class Washable(ABC):
    """What ink can be laid on, and what can be cleared.

    Attributes:
        layer: that it belongs to.
        surface: its pixels.
    """

    layer: Layer
    surface: Surface

    @abstractmethod
    def washed(self, below: Snapshot, ink: Ink, stencil: Stencil) -> Wash:
        """It with ink over it."""

    @abstractmethod
    def command(self, change: TileChange, name: str) -> Command:
        """The change, to be pushed."""

    @abstractmethod
    def show(self, wash: Wash) -> None:
        """Shows it with ink over it, and changes nothing."""

    def hide(self) -> None:
        """Shows it as it is."""
        self.layer.show_preview(None)


class WashableLayer(Washable):
    """A layer's pixels; where alpha is locked the ink covers only what is there."""

    def __init__(self, layer: RasterLayer) -> None:
        self.layer = layer
        self.surface = layer.surface
        self._raster = layer

    def washed(self, below: Snapshot, ink: Ink, stencil: Stencil) -> Wash:
        """The pixels with ink over them."""
        return Wash(below, ink, stencil, atop=self.layer.locks.alpha)

    def command(self, change: TileChange, name: str) -> PaintStroke:
        """The change of the pixels."""
        return PaintStroke(self._raster, change, name)

    def show(self, wash: Wash) -> None:
        """Shows other pixels."""
        self.layer.show_preview(Preview(wash, self.layer.mask))


class WashableMask(Washable):
    """A layer's mask, which takes the ink's brightness."""

    def __init__(self, layer: Layer, mask: MaskSurface) -> None:
        self.layer = layer
        self.surface = mask

    def washed(self, below: Snapshot, ink: Ink, stencil: Stencil) -> Wash:
        """The mask with ink over it."""
        return Wash(below, ink, stencil)

    def command(self, change: TileChange, name: str) -> PaintLayerMask:
        """The change of the mask."""
        return PaintLayerMask(self.layer, change, f"{name} layer mask")

    def show(self, wash: Wash) -> None:
        """Shows the layer by another mask."""
        self.layer.show_preview(Preview(self.layer.pixels, wash))


def washable(context: ToolContext) -> Washable:
    """What tools work on now: the active layer's mask or its pixels.

    Raises:
        KnownError: if there is nothing to paint on, or it is locked.
    """
    masked = edited_mask(context)
    return WashableLayer(paintable_layer(context)) if masked is None else WashableMask(*masked)


def wash(
    context: ToolContext, target: Washable, make_ink: Callable[[], Ink | None], name: str
) -> None:
    """Lays ink on a target as one step; what is selected holds the rest back.

    Args:
        make_ink: called where there is time; None where there is nothing to lay.
        name: of the step.
    """
    stencil = Stencil.of(context.document)

    def change(before: Snapshot) -> TileChange | None:
        ink = make_ink()
        return None if ink is None else target.washed(before, ink, stencil).change()

    change_elsewhere(context, target, change, name)


def clear(context: ToolContext, name: str) -> None:
    """Makes what is selected transparent, or hides it by the mask that tools paint on now.

    All of it where nothing is selected.

    Args:
        name: of the step.

    Raises:
        KnownError: if the layer may not be changed.
    """
    masked = edited_mask(context)
    if masked is None:
        erase(context, paintable_layer(context, takes_away=True), name)
        return
    selection = _selected(context, masked[0])
    target = WashableMask(*masked)
    change_elsewhere(context, target, lambda before: hidden(before, selection), name)


def erase(context: ToolContext, layer: RasterLayer, name: str) -> None:
    """Makes what is selected of a layer transparent, or all of it; locks are up to callers."""
    selection = _selected(context, layer)
    target = WashableLayer(layer)
    change_elsewhere(context, target, lambda before: erased(before, selection), name)


def _selected(context: ToolContext, layer: Layer) -> Snapshot:
    if context.document.has_selection:
        return context.document.selection.snapshot()
    return rectangle(context.document.canvas.union(layer.bounds))


def change_elsewhere(
    context: ToolContext,
    target: Washable,
    change: Callable[[Snapshot], TileChange | None],
    name: str,
) -> None:
    """Changes a target as one step, computed where nobody waits for it.

    Args:
        change: of the pixels that it is given; None where there is nothing to do.
        name: of the step.
    """
    before = target.surface.snapshot()

    def done(made: TileChange | None) -> None:
        target.hide()
        if made is None or made.is_nothing or context.document.find(target.layer.id) is None:
            return
        if not TileChange.between(before, target.surface.snapshot()).is_nothing:
            change_elsewhere(context, target, change, name)  # somebody painted there meanwhile
            return
        context.stack.push(target.command(made, name))
        context.stack.seal()

    context.run(lambda: change(before), done, target.hide)
