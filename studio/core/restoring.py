"""From a snapshot back to a document that can be edited."""

from __future__ import annotations

from typing import Any

from studio.core.document import Document, DocumentSnapshot
from studio.core.layers import GeneratedLayer, GroupLayer, Layer, LayerSnapshot, RasterLayer
from studio.core.layers.text import TextLayer
from studio.core.tiles import ORIGIN, MaskSurface, TiledSurface


def restored(snapshot: DocumentSnapshot) -> Document:
    """A document that is as the snapshot says; pixels are shared until they are painted on."""
    document = Document(snapshot.canvas, snapshot.frame)
    for layer in snapshot.layers:
        document.layers.insert(len(document.layers), restored_layer(layer))
    document.mask.restore(snapshot.mask_tiles)
    document.selection.restore(snapshot.selection)
    document.channels.update(snapshot.channels)
    document.guides = snapshot.guides
    document.active = document.find(snapshot.active_id) if snapshot.active_id else None
    return document


def restored_layer(snapshot: LayerSnapshot) -> Layer:
    """A layer that is as the snapshot says, with its id; a group with all that it holds."""
    if snapshot.children is not None:
        layers = [restored_layer(child) for child in snapshot.children]
        look = _look(snapshot)
        return GroupLayer(snapshot.name, layers, collapsed=snapshot.collapsed, **look)
    surface = TiledSurface.of(snapshot.pixels)
    if snapshot.text is not None:
        origin = snapshot.origin or ORIGIN
        return TextLayer(snapshot.name, snapshot.text, origin, surface, **_look(snapshot))
    if snapshot.recipe is not None and snapshot.area is not None:
        return GeneratedLayer(
            snapshot.name,
            surface,
            recipe=snapshot.recipe,
            area=snapshot.area,
            request_mask=snapshot.request_mask,
            **_look(snapshot),
        )
    return RasterLayer(snapshot.name, surface, **_look(snapshot))


def _look(snapshot: LayerSnapshot) -> dict[str, Any]:
    return {
        "layer_id": snapshot.id,
        "visible": snapshot.visible,
        "opacity": snapshot.opacity,
        "blend_mode": snapshot.blend_mode,
        "locks": snapshot.locks,
        "clipped": snapshot.clipped,
        "mask": None if snapshot.mask is None else MaskSurface.of(snapshot.mask),
        "mask_enabled": snapshot.mask_enabled,
    }
