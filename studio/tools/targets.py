"""What a tool may change: the active layer's pixels, or its mask."""

from __future__ import annotations

from studio.core.errors import KnownError
from studio.core.layers import GroupLayer, Layer, RasterLayer, TextLayer
from studio.core.tiles import MaskSurface
from studio.tools.tool import ToolContext


def paintable_layer(context: ToolContext, *, takes_away: bool = False) -> RasterLayer:
    """The active layer, if it may be painted on.

    Args:
        takes_away: the tool makes pixels transparent, which a locked alpha forbids.

    Raises:
        KnownError: if there is none, it has no pixels of its own, or it is locked or hidden.
    """
    layer = _shown(context.document.active)
    if isinstance(layer, GroupLayer):
        raise KnownError(f"{layer.name!r} is a group: choose a layer inside it to paint on.")
    if isinstance(layer, TextLayer):
        raise KnownError(f"{layer.name!r} is a text: rasterise it before painting on it.")
    if not isinstance(layer, RasterLayer):
        raise KnownError("There is no layer to paint on: add one first.")
    if layer.locks.pixels:
        raise KnownError(f"The layer {layer.name!r} is locked: unlock it to change it.")
    if takes_away and layer.locks.alpha:
        raise KnownError(
            f"The transparency of the layer {layer.name!r} is locked: unlock it to erase."
        )
    return layer


def edited_mask(context: ToolContext) -> tuple[Layer, MaskSurface] | None:
    """The active layer with its mask, if that is what tools paint on now.

    Raises:
        KnownError: if the layer is locked or hidden.
    """
    layer = context.document.active
    if not context.document.editing_mask or layer is None or layer.mask is None:
        return None
    if layer.locks.pixels:
        raise KnownError(f"The layer {layer.name!r} is locked: unlock it to change its mask.")
    _shown(layer)
    return layer, layer.mask


def _shown(layer: Layer | None) -> Layer | None:
    if layer is not None and not layer.visible:
        raise KnownError(f"The layer {layer.name!r} is hidden: show it to paint on it.")
    return layer
