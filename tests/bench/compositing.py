"""What it costs to draw layers one above the other, and to hold them, in tables.

Run with ``python -m tests.bench.compositing``, or as a part of ``tests.bench.canvas``; it needs no
display.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from studio.core.blend import BlendMode
from studio.core.compositor import CompositeCache, compose
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GroupLayer, Layer, RasterLayer
from studio.core.picture import Pixels
from studio.core.raster import blank, painting
from studio.core.tiles import TILE, MaskSurface, premultiplied
from tests.bench.timing import in_turns

LAYERS = 20
OPACITY = 0.9
CANVAS = Bounds(0, 0, 2048, 2048)
FULL = Bounds(768, 768, 1024, 1024)
"""What the layers cover."""
PART = 512
DAB = Bounds(1024 + 70, 1024 + 70, 100, 100)
LARGE = 16384
HELD = 4096


def main() -> None:
    """Prints all tables."""
    console = Console()
    for table in (memory_table(), drawing_table(), kinds_table()):
        console.print(table)


def drawing_table() -> Table:
    """A part of the canvas through all layers, beside QPainter drawing as many images.

    Images that are cut to the part lie in memory as they are drawn, row after row; whole ones,
    as a program without tiles has them, do not.
    """
    table = Table(
        *("part", "ours ms", "cut images ms", "ratio", "whole images ms", "ratio"),
        title=f"{PART} px a side through {LAYERS} layers, beside plain QPainter",
    )
    document = document_of(noisy_layers())
    whole = [premultiplied(layer.pixels.read(CANVAS)) for layer in document.layers]
    for title, x in (("on tile borders", 1024), ("across tile borders", 1024 + 100)):
        part = Bounds(x, x, PART, PART)
        cut = [premultiplied(layer.pixels.read(part)) for layer in document.layers]
        ours, close, loose = in_turns(
            partial(compose, document, part),
            partial(draw_plain, cut, part.origin, part),
            partial(draw_plain, whole, CANVAS.origin, part),
        )
        figures = (ours, close, ours / close, loose, ours / loose)
        table.add_row(title, *(f"{figure:.2f}" for figure in figures))
    return table


def kinds_table() -> Table:
    """A dab's place repainted through layers of each kind, beside layers without anything."""
    table = Table(
        *("layers", "repaint ms", "ratio"),
        title=f"{DAB.width} px repainted through {LAYERS} layers",
    )
    documents = {
        "plain": document_of(noisy_layers()),
        "in two groups, one painted on": document_of(grouped(noisy_layers())),
        "each with a mask": document_of(noisy_layers(mask=soft_mask)),
        "each second one clipped": document_of(noisy_layers(clipped=True)),
        "one of hue": document_of(noisy_layers(mode=BlendMode.HUE)),
        "under an opaque one": document_of([*noisy_layers(), opaque_layer()]),
    }
    plain, *others = in_turns(*(repaint(document) for document in documents.values()))
    for name, taken in zip(documents, (plain, *others), strict=True):
        table.add_row(name, f"{taken:.2f}", f"{taken / plain:.2f}")
    return table


def memory_table() -> Table:
    """What documents add to the process, beside the bytes of their tiles."""
    table = Table(
        *("document", "tiles MB", "process MB", "ratio"), title="Memory, with the whole canvas seen"
    )
    builders = {
        f"empty, {LARGE} px a side": lambda: document_of([], Bounds(0, 0, LARGE, LARGE)),
        f"one white layer, {LARGE} px a side": white_document,
        f"{LAYERS} layers half full, {HELD} px a side": half_full_document,
    }
    for name, build in builders.items():
        before = resident()
        document = build()
        cache = CompositeCache(document)
        for index in cache.indices(document.canvas, 4):
            cache.image(index, 4)
        held = sum(layer.pixels.size for layer in document.layers) / 2**20
        grown = (resident() - before) / 2**20
        ratio = f"{grown / held:.2f}" if held >= 1 else ""
        table.add_row(name, f"{held:.0f}", f"{grown:.0f}", ratio)
        cache.close()
    return table


def document_of(layers: Sequence[Layer], canvas: Bounds = CANVAS) -> Document:
    """A document with these layers, the lowest first."""
    document = Document(canvas)
    for layer in layers:
        document.layers.insert(len(document.layers), layer)
    return document


def noisy_layers(
    *,
    mask: Callable[[], MaskSurface | None] = lambda: None,
    clipped: bool = False,
    mode: BlendMode = BlendMode.NORMAL,
) -> list[Layer]:
    """Layers of noise; each second one clipped, and the one in the middle of that mode."""
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (FULL.height, FULL.width, 4), dtype=np.uint8)
    layers: list[Layer] = []
    for number in range(LAYERS):
        layer = RasterLayer(
            f"layer {number}",
            opacity=OPACITY,
            mask=mask(),
            clipped=clipped and number % 2 == 1,
            blend_mode=mode if number == LAYERS // 2 else BlendMode.NORMAL,
        )
        layer.surface.write(FULL, np.roll(pixels, number, axis=1))
        layers.append(layer)
    return layers


def grouped(layers: list[Layer]) -> list[Layer]:
    """The same layers in two groups."""
    half = len(layers) // 2
    return [GroupLayer("lower", layers[:half]), GroupLayer("upper", layers[half:])]


def soft_mask() -> MaskSurface:
    """A mask with something everywhere."""
    mask = MaskSurface()
    values = np.random.default_rng(2).integers(0, 256, (FULL.height, FULL.width), dtype=np.uint8)
    mask.write(FULL, values)
    return mask


def opaque_layer() -> RasterLayer:
    """A layer that hides all below it."""
    layer = RasterLayer("opaque")
    layer.surface.write(FULL, np.full((FULL.height, FULL.width, 4), 255, dtype=np.uint8))
    return layer


def white_document() -> Document:
    """A large white sheet, filled strip by strip."""
    layer = RasterLayer("white")
    for y in range(0, LARGE, TILE):
        layer.surface.write(
            Bounds(0, y, LARGE, TILE), np.full((TILE, LARGE, 4), 255, dtype=np.uint8)
        )
    return document_of([layer], Bounds(0, 0, LARGE, LARGE))


def half_full_document() -> Document:
    """Layers of which each covers one half."""
    generator = np.random.default_rng(3)
    pixels = generator.integers(0, 256, (HELD, HELD // 2, 4), dtype=np.uint8)
    layers: list[Layer] = []
    for number in range(LAYERS):
        layer = RasterLayer(f"layer {number}")
        place = Bounds(number % 2 * HELD // 2, 0, HELD // 2, HELD)
        layer.surface.write(place, np.roll(pixels, number, axis=0))
        layers.append(layer)
    return document_of(layers, Bounds(0, 0, HELD, HELD))


def draw_plain(images: list[Pixels], origin: Point, part: Bounds) -> None:
    """The same layers as one image each, whose top left lies at ``origin``."""
    with painting(blank(*part.extent), part, clip=part) as painter:
        for image in images:
            painter.style(BlendMode.NORMAL, OPACITY)
            painter.draw(image, origin)


def repaint(document: Document) -> Callable[[], None]:
    """What a view does after a dab on a layer in the upper half of the stack."""
    cache = CompositeCache(document)
    layers = [layer for layer in document.walk() if not layer.children]
    painted = layers[LAYERS * 3 // 4]
    indices = cache.indices(DAB, 0)

    def action() -> None:
        painted.touch(DAB)
        for index in indices:
            cache.image(index)

    action()
    return action


def resident() -> int:
    """Bytes of this process that lie in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
