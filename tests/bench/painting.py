"""What strokes, fills and gradients cost, in tables."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from msgspec.structs import replace
from PIL import Image
from rich.table import Table

from studio.core.brush import BrushSettings, Pen, StrokePath
from studio.core.commands.stack import CommandStack
from studio.core.compositor import CompositeCache
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.core.layers import RasterLayer
from studio.core.stroke import LayerStroke, Stencil
from studio.tools import (
    BrushTool,
    CloneTool,
    FillSettings,
    FillTool,
    GradientTool,
    Modifiers,
    PointerEvent,
    SmudgeTool,
    Tool,
    ToolContext,
)
from tests.bench.mypaint import MyPaintStroke
from tests.bench.timing import milliseconds

LAYERS = 20
SIDE = 4096
VIEW = Extent(1600, 1000)
EVENTS = 400
EVENT_STEP = 1000 / 125
"""Pixels between two events: 1000 px/s at 125 events a second."""
ALONE_STEP = 6.0
"""Pixels between two events where painting alone is measured."""


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
    """From pointer event to composed tiles of the view, and undo of such a stroke.

    A busy machine makes the person wait, and so the times; the last but one column says what the
    processor had to do for it.
    """
    table = Table(
        *("brush px", "p50 ms", "p95 ms", "max ms", "processor p95 ms", "undo ms"),
        *("undo and repaint ms",),
        title=f"Soft brush at 1000 px/s, {SIDE} px a side, 20 layers",
    )
    for size in (10, 100, 1000):
        times, worked, undo, repainted = stroke_times(document, size)
        p50, p95 = np.quantile(times, (0.5, 0.95))
        row = (p50, p95, max(times), np.quantile(worked, 0.95), undo, repainted)
        table.add_row(str(size), *(f"{value:.2f}" for value in row))
    return table


def stroke_times(document: Document, size: int) -> tuple[list[float], list[float], float, float]:
    """Milliseconds of each event with repaint, by clock and processor, of undo, with repaint."""
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
    times, worked = [], []
    for x, y in wave(EVENT_STEP):
        before = time.process_time()
        times.append(milliseconds(partial(answer, PointerEvent(x, y))))
        worked.append(1000 * (time.process_time() - before))
    tool.release(PointerEvent(1300, 1700))
    repaint()
    undo = milliseconds(stack.undo)
    repainted = undo + milliseconds(repaint)
    cache.close()
    return times, worked, undo, repainted


def wave(step: float) -> Iterator[tuple[float, float]]:
    """Where the pen is at each event."""
    for number in range(EVENTS):
        yield 1300 + number * step % 1400, 1700 + 200 * math.sin(number / 30)


def alone_table() -> Table:
    """Painting alone, without a screen, beside MyPaint's library where that is installed."""
    table = Table(
        *("brush px", "ours p50", "p95", "max", "MyPaint p50", "p95", "max"),
        title=f"Painting alone, ms, {ALONE_STEP:.0f} px an event, 4 dabs a radius",
    )
    for size in (100, 1000):
        hands = [_our_hand(size)]
        try:
            hands.append(_mypaint_hand(size))
        except OSError:
            table.caption = "libmypaint is not installed"
        times: list[list[float]] = [[] for _ in hands]
        for x, y in wave(ALONE_STEP):
            for hand, taken in zip(hands, times, strict=True):
                taken.append(milliseconds(partial(hand, x, y)))
        cells = [f"{value:.2f}" for taken in times for value in (*_middles(taken), max(taken))]
        table.add_row(str(size), *cells)
    return table


def _middles(times: list[float]) -> tuple[float, float]:
    p50, p95 = np.quantile(times, (0.5, 0.95))
    return float(p50), float(p95)


def _our_hand(size: int) -> Callable[[float, float], None]:
    brush = BrushSettings(size=size, hardness=0.1, spacing=0.125)
    stroke = LayerStroke(RasterLayer("alone"), brush, Stencil(Bounds(0, 0, SIDE, SIDE)))
    path = StrokePath(brush, Pen(1300, 1700))

    def move(x: float, y: float) -> None:
        stroke.paint(path.to(Pen(x, y)))

    return move


def _mypaint_hand(size: int) -> Callable[[float, float], None]:
    stroke = MyPaintStroke(SIDE, size)
    return lambda x, y: stroke.to(x, y, ALONE_STEP / 1000)


def laying_table(document: Document) -> Table:
    """What works on the whole canvas in the background, and what a hand does with it."""
    table = Table("tool", "ms", title=f"Other tools, {SIDE} px a side, 20 layers")
    context = ToolContext(document, CommandStack(document), BrushSettings(size=100, hardness=0.5))
    context.settings.put(FillSettings(tolerance=255))
    clone = CloneTool(context)
    clone.press(PointerEvent(300, 300, modifiers=Modifiers.ALT))
    clone.release(PointerEvent(300, 300, modifiers=Modifiers.ALT))
    actions: dict[str, Callable[[], None]] = {
        "fill everything": partial(_drag, FillTool(context), 1),
        "gradient over everything": partial(_drag, GradientTool(context), 2),
        "clone, 100 px, one second": partial(_drag, clone, 125),
        "smudge, 100 px, one second": partial(_drag, SmudgeTool(context), 125),
    }
    for name, action in actions.items():
        table.add_row(name, f"{milliseconds(action):.0f}")
        context.stack.undo()
    return table


def _drag(tool: Tool, events: int) -> None:
    tool.press(PointerEvent(1300, 1700))
    for number in range(events):
        tool.move(PointerEvent(1300 + number * EVENT_STEP, 1700))
    tool.release(PointerEvent(1300 + events * EVENT_STEP, 1700))
