"""Documents told apart: every pixel and property of them in one short word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from studio.core.document import Document
from studio.core.layers import GeneratedLayer, GroupLayer, Layer, TextLayer
from studio.core.tiles import TileReader


def digest(document: Document) -> str:
    """The same for two documents that are the same in everything that undo and files keep."""
    summed = hashlib.blake2b(digest_size=12)
    for part in _parts(document):
        summed.update(part if isinstance(part, bytes) else repr(part).encode())
    return summed.hexdigest()


def _parts(document: Document) -> Iterator[Any]:
    yield document.canvas, document.frame, document.guides
    yield from _pixels(document.mask)
    yield from _pixels(document.selection)
    for name, channel in document.channels.items():
        yield name
        yield from _pixels(channel)
    for layer in document.walk():
        yield from _layer(layer)


def _layer(layer: Layer) -> Iterator[Any]:
    yield layer.id, layer.name, layer.visible, layer.opacity, layer.blend_mode
    yield layer.locks, layer.clipped, layer.mask_enabled
    if layer.mask is not None:
        yield from _pixels(layer.mask)
    if isinstance(layer, GroupLayer):
        yield layer.collapsed, [child.id for child in layer.layers]
        return
    yield from _pixels(layer.pixels)
    if isinstance(layer, TextLayer):
        yield layer.text, layer.origin
    if isinstance(layer, GeneratedLayer):
        yield layer.recipe, layer.area
        if layer.request_mask is not None:
            yield from _pixels(layer.request_mask)


def _pixels(surface: TileReader) -> Iterator[Any]:
    yield surface.origin, surface.fill
    for index in sorted(surface.tiles):
        if (surface.tiles[index] != surface.fill).any():
            yield index
            yield surface.tiles[index].tobytes()
