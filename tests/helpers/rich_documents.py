"""Documents with everything that a document can hold, and what is to be known of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import fields

from studio.core.blend import BlendMode
from studio.core.colour import Colour
from studio.core.document import Document, DocumentSnapshot
from studio.core.geometry import Bounds, Point
from studio.core.guides import Guide, Orientation
from studio.core.layers import (
    GeneratedLayer,
    GroupLayer,
    Layer,
    LayerSnapshot,
    Locks,
    RasterLayer,
    TextLayer,
)
from studio.core.text import Alignment, TextContent
from studio.core.tiles import MaskSurface, Snapshot, TiledSurface
from tests.helpers.documents import rgba_noise

CANVAS = Bounds(-20, -10, 96, 64)
EVERYWHERE = Bounds(-400, -400, 800, 800)


def coloured(area: Bounds, seed: int) -> TiledSurface:
    """A surface with random pixels, partly transparent."""
    surface = TiledSurface()
    surface.write(area, rgba_noise(area, seed))
    return surface


def masking(area: Bounds, seed: int, fill: int = 0) -> MaskSurface:
    """A mask with random values in that area."""
    surface = MaskSurface(fill)
    surface.write(area, rgba_noise(area, seed)[..., 0].copy())
    return surface


def rich_document() -> Document:
    """Every kind of layer and property, on a canvas with a negative origin."""
    document = Document(CANVAS, Bounds(-64, 0, 128, 64))
    text = _text_layer()
    clipped = RasterLayer(
        "clipped", coloured(CANVAS, 8), clipped=True, blend_mode=BlendMode.LUMINOSITY
    )
    inner = GroupLayer("inner", [text, clipped], visible=False, blend_mode=BlendMode.MULTIPLY)
    masked = RasterLayer("masked", coloured(CANVAS, 4), mask=masking(Bounds(0, 0, 30, 20), 5, 255))
    mask_off = RasterLayer(
        "mask off", coloured(CANVAS, 6), mask=masking(Bounds(5, 5, 9, 9), 7), mask_enabled=False
    )
    outer = GroupLayer(
        "outer <&>\n../",
        [masked, inner, mask_off],
        collapsed=True,
        opacity=0.25,
        locks=Locks(position=True, pixels=True),
        mask=masking(Bounds(-10, -10, 60, 40), 9),
    )
    last = (GroupLayer("empty group"), RasterLayer("empty", visible=False))
    for layer in (_generated_layer(), outer, *last):
        document.layers.insert(len(document.layers), layer)
    document.active = text
    document.mask.write(Bounds(0, 0, 9, 7), rgba_noise(Bounds(0, 0, 9, 7), 10)[..., 0].copy())
    _add_surroundings(document)
    return document


def described(snapshot: DocumentSnapshot) -> dict[str, Any]:
    """Everything about a document, in values that are equal when it is."""
    return {
        "canvas": snapshot.canvas,
        "frame": snapshot.frame,
        "active": snapshot.active_id,
        "mask": _pixels(snapshot.mask_tiles),
        "selection": _pixels(snapshot.selection),
        "channels": [(name, _pixels(channel)) for name, channel in snapshot.channels.items()],
        "guides": snapshot.guides,
        "layers": [described_layer(layer) for layer in snapshot.layers],
    }


def described_layer(layer: LayerSnapshot) -> dict[str, Any]:
    """Everything about a layer and those inside it."""
    values = {field.name: getattr(layer, field.name) for field in fields(layer)}
    for name in ("pixels", "mask", "request_mask"):
        values[name] = _pixels(values[name])
    if layer.children is not None:
        values["children"] = [described_layer(child) for child in layer.children]
        del values["pixels"]
    return values


_AREAS = st.builds(
    Bounds, st.integers(-40, 60), st.integers(-40, 60), st.integers(1, 70), st.integers(1, 70)
)
_MASKS = st.none() | st.builds(masking, _AREAS, st.integers(0, 9), st.sampled_from((0, 255)))
_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")))
_LOOKS = st.fixed_dictionaries(
    {
        "visible": st.booleans(),
        "opacity": st.sampled_from((1.0, 0.5, 0.123)),
        "blend_mode": st.sampled_from(list(BlendMode)),
        "locks": st.builds(Locks, st.booleans(), st.booleans(), st.booleans()),
        "clipped": st.booleans(),
        "mask": _MASKS,
        "mask_enabled": st.booleans(),
    }
)


@st.composite
def layers(draw: st.DrawFn, depth: int = 2) -> Layer:
    """A layer of pixels, or a group with up to three layers."""
    look, name = draw(_LOOKS), draw(_NAMES)
    if depth == 0 or draw(st.booleans()):
        return RasterLayer(name, coloured(draw(_AREAS), draw(st.integers(0, 9))), **look)
    inside = [draw(layers(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    return GroupLayer(name, inside, collapsed=draw(st.booleans()), **look)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents with a tree of any shape, of few layers."""
    document = Document(CANVAS)
    for _ in range(draw(st.integers(0, 3))):
        document.layers.insert(0, draw(layers()))
    return document


def _text_layer() -> TextLayer:
    content = TextContent(
        "Zwei\nZeilen \N{GRINNING FACE}",
        size_px=23.5,
        bold=True,
        italic=True,
        colour=Colour(9, 99, 200),
        alignment=Alignment.JUSTIFIED,
        line_height=1.25,
        width=80,
    )
    return TextLayer("words", content, Point(3, -4), coloured(Bounds(3, -4, 20, 30), 3))


def _generated_layer() -> GeneratedLayer:
    area = Bounds(-30, 0, 50, 30)
    return GeneratedLayer(
        "sky",
        coloured(area, 1),
        recipe=b'{"prompt": "sky"}',
        area=area,
        request_mask=masking(Bounds(-25, 3, 20, 9), 2).snapshot(),
        opacity=0.517,
        blend_mode=BlendMode.SOFT_LIGHT,
        locks=Locks(pixels=True, alpha=True),
    )


def _add_surroundings(document: Document) -> None:
    document.selection.write(Bounds(-5, 6, 30, 8), np.full((8, 30), 77, dtype=np.uint8))
    document.channels["sky & sea"] = masking(Bounds(2, 2, 9, 9), 11).snapshot()
    document.channels["nothing"] = MaskSurface().snapshot()
    document.guides = (Guide(Orientation.HORIZONTAL, -3), Guide(Orientation.VERTICAL, 40))


def _pixels(snapshot: Snapshot | None) -> object:
    return None if snapshot is None else (snapshot.fill, snapshot.read_stored(EVERYWHERE).tobytes())
