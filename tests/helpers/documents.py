"""Documents, brushes and pointer drags for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from studio.core.colour import Colour
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import LayerSnapshot, RasterLayer
from studio.core.picture import Picture, Pixels
from studio.core.tiles import Snapshot
from studio.tools import Button, Modifiers, PointerEvent, Tool, ToolContext

RED, GREEN, BLUE = Colour(255, 0, 0), Colour(0, 255, 0), Colour(0, 0, 255)

SMALL = Bounds(0, 0, 96, 64)


def solid(width: int, height: int, colour: Colour, alpha: int = 255) -> Picture:
    """A picture of one colour."""
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    pixels[:] = (*colour, alpha)
    return Picture.from_array(pixels)


def document_with(*pictures: Picture, canvas: Bounds = SMALL) -> Document:
    """A document with a raster layer for each picture, at the canvas' corner, the lowest first."""
    document = Document(canvas)
    for number, picture in enumerate(pictures):
        layer = RasterLayer.from_picture(f"layer {number}", picture, canvas.origin)
        document.layers.insert(number, layer)
    return document


def context_for(document: Document) -> ToolContext:
    """What a tool needs to work on that document, with a stack of its own."""
    return ToolContext(document, CommandStack(document))


def drag(
    tool: Tool,
    *points: tuple[float, float],
    modifiers: Modifiers = Modifiers.NONE,
    zoom: float = 1.0,
) -> None:
    """Presses at the first point, moves through the others, and releases at the last."""

    def event(point: tuple[float, float], button: Button = Button.NONE) -> PointerEvent:
        return PointerEvent(*point, button=button, modifiers=modifiers, zoom=zoom)

    tool.press(event(points[0], Button.LEFT))
    for point in points[1:]:
        tool.move(event(point))
    tool.release(event(points[-1], Button.LEFT))


def fingerprint(document: Document) -> tuple[Any, ...]:
    """Everything about a document that undo has to bring back."""
    snapshot = document.snapshot()
    return (
        snapshot.canvas,
        snapshot.frame,
        snapshot.guides,
        _pixels(snapshot.mask_tiles),
        _pixels(snapshot.selection),
        {name: _pixels(channel) for name, channel in snapshot.channels.items()},
        [_layer_fingerprint(layer) for layer in snapshot.layers],
    )


def _layer_fingerprint(layer: LayerSnapshot) -> tuple[Any, ...]:
    children = layer.children
    return (
        *(layer.id, layer.name, layer.visible, layer.opacity, layer.blend_mode, layer.locks),
        *(layer.clipped, layer.mask_enabled, layer.mask and _pixels(layer.mask)),
        *(layer.recipe, layer.area, layer.request_mask and _pixels(layer.request_mask)),
        *(layer.text, layer.origin),
        _pixels(layer.pixels) if children is None else [_layer_fingerprint(it) for it in children],
    )


def _pixels(tiles: Snapshot) -> tuple[Any, ...]:
    return tiles.fill, tiles.bounds, tiles.read_stored(tiles.bounds).tobytes()


def boxes(reach: int = 600, largest: int = 300) -> st.SearchStrategy[Bounds]:
    """Rectangles that are not empty, on both sides of the origin."""
    place = st.integers(-reach, reach)
    side = st.integers(1, largest)
    return st.builds(Bounds, place, place, side, side)


def rgba_noise(bounds: Bounds, seed: int) -> Pixels:
    """Random straight RGBA of that size, partly transparent."""
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (bounds.height, bounds.width, 4), dtype=np.uint8)


def opaque_noise(bounds: Bounds, seed: int) -> Pixels:
    """Random opaque RGBA of that size."""
    pixels = rgba_noise(bounds, seed)
    pixels[..., 3] = 255
    return pixels


def records(signal: Any) -> list[Any]:
    """A list that grows with what the event emits: its payload, or a tuple of several."""
    heard: list[Any] = []
    signal.connect(lambda *payload: heard.append(payload[0] if len(payload) == 1 else payload))
    return heard


def around(parts: Sequence[Bounds]) -> Bounds:
    """The rectangle around all of them."""
    whole = Bounds(0, 0, 0, 0)
    for part in parts:
        whole = whole.union(part)
    return whole
