"""What painting, compositing, undoing, saving and opening cost, in tables.

Run with ``python -m tests.bench.canvas``; it needs no display. What is compared is measured in
turns within one run, so that a busy machine slows both.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from studio.core.brush import BrushSettings
from studio.core.commands.stack import CommandStack
from studio.core.compositor import CompositeCache
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.layers import RasterLayer
from studio.core.picture import Pixels
from studio.files.openraster import load_openraster, save_openraster
from studio.tools import BrushTool, PointerEvent, ToolContext
from tests.bench.compositing import drawing_table, kinds_table, memory_table
from tests.bench.timing import milliseconds

LAYERS = 20
SIDE = 4096
VIEW = Extent(1600, 1000)
EVENTS = 400
EVENT_STEP = 1000 / 125
"""Pixels between two events: 1000 px/s at 125 events a second."""


def main() -> None:
    """Prints all tables."""
    console = Console()
    for table in (memory_table(), drawing_table(), kinds_table()):
        console.print(table)
    document = crowded_document()
    console.print(painting_table(document))
    console.print(files_table(crowded_document(SIDE // 4)))


def crowded_document(side: int = SIDE) -> Document:
    """Twenty layers, each half full, of soft noise at an opacity of 0.9."""
    document = Document(Bounds(0, 0, side, side))
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (side // 32, side // 64, 4), dtype=np.uint8)
    half = np.asarray(Image.fromarray(coarse).resize((side // 2, side), Image.Resampling.BICUBIC))
    for number in range(LAYERS):
        layer = RasterLayer(f"layer {number}", opacity=0.9)
        place = Bounds(number % 2 * side // 2, 0, side // 2, side)
        layer.surface.write(place, np.roll(half, number * 37, axis=0))
        document.layers.insert(number, layer)
    document.active = document.layers[LAYERS // 2]
    return document


def painting_table(document: Document) -> Table:
    """From pointer event to composed tiles of the view, and undo of such a stroke."""
    table = Table(
        *("brush px", "p50 ms", "p95 ms", "max ms", "undo ms", "undo and repaint ms"),
        title=f"Soft brush at 1000 px/s, {SIDE} px a side, 20 layers",
    )
    for size in (10, 100, 1000):
        times, undo, repainted = stroke_times(document, size)
        p50, p95 = np.quantile(times, (0.5, 0.95))
        row = (p50, p95, max(times), undo, repainted)
        table.add_row(str(size), *(f"{value:.2f}" for value in row))
    return table


def stroke_times(document: Document, size: int) -> tuple[list[float], float, float]:
    """Milliseconds of each event with repaint, of undo, and of undo with repaint."""
    stack, cache = CommandStack(document), CompositeCache(document)
    context = ToolContext(document, stack, replace(BrushSettings(), size=size, hardness=0.0))
    tool = BrushTool(context)
    view = cache.indices(Bounds(1200, 1200, *VIEW), 0)

    def repaint() -> None:
        for index in view:
            cache.image(index)

    def answer(event: PointerEvent) -> None:
        tool.move(event)
        repaint()

    repaint()
    tool.press(PointerEvent(1300, 1700))
    times = []
    for number in range(EVENTS):
        x = 1300 + number * EVENT_STEP % 1400
        event = PointerEvent(x, 1700 + 200 * np.sin(number / 30))
        times.append(milliseconds(partial(answer, event)))
    tool.release(PointerEvent(1300, 1700))
    repaint()
    undo = milliseconds(stack.undo)
    repainted = undo + milliseconds(repaint)
    cache.close()
    return times, undo, repainted


def files_table(document: Document) -> Table:
    """Saving and opening, beside Pillow coding the same pictures as PNG."""
    table = Table(
        *("", "ours ms", "Pillow ms", "ratio"),
        title=f"OpenRaster, 20 layers half full, {document.canvas.extent}",
    )
    layers = [layer.pixels.read(layer.pixels.used_bounds()) for layer in document.layers]
    pictures = [*layers, document.flatten().array()]
    encoded = [encode(picture) for picture in layers]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.ora"
        rows = {
            "save": (
                milliseconds(lambda: save_openraster(path, document)),
                milliseconds(lambda: [encode(picture) for picture in pictures]),
            ),
            "open": (
                milliseconds(lambda: load_openraster(path)),
                milliseconds(lambda: [decode(data) for data in encoded]),
            ),
        }
    for name, (ours, pillow) in rows.items():
        table.add_row(name, f"{ours:.0f}", f"{pillow:.0f}", f"{ours / pillow:.2f}")
    return table


def encode(pixels: Pixels) -> bytes:
    """A PNG at zlib's fastest level, as ours are."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def decode(data: bytes) -> Pixels:
    """The pixels of a PNG."""
    return np.asarray(Image.open(io.BytesIO(data)))


if __name__ == "__main__":
    main()
