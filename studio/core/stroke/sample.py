"""A stroke as a sample of its brush."""

from __future__ import annotations

import math

from msgspec.structs import replace

from studio.core.brush import BrushSettings, Pen, StrokePath
from studio.core.colour import Colour
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Pixels
from studio.core.stroke.layers import LayerStroke
from studio.core.stroke.stencil import Stencil

_TALLEST = 0.55
"""The largest size of a sample's brush, as a part of its height."""
_STEPS = 24


def sample_stroke(settings: BrushSettings, width: int, height: int, colour: Colour) -> Pixels:
    """A wave drawn with that brush, pressed hardest in its middle.

    Large brushes are made smaller, as if seen from farther away.

    Returns:
        Premultiplied BGRA ``(height, width, 4)``.
    """
    size = min(settings.size, height * _TALLEST)
    brush = replace(settings, size=size, colour=colour)
    canvas = Bounds(0, 0, width, height)
    layer = RasterLayer("sample")
    stroke = LayerStroke(layer, brush, Stencil(canvas))
    room = size / 2 + 2
    pens = [_pen(step / _STEPS, width, height, room) for step in range(_STEPS + 1)]
    path = StrokePath(brush, pens[0])
    stroke.paint(path.start())
    for pen in pens[1:]:
        stroke.paint(path.to(pen))
    stroke.paint(path.finish())
    return layer.surface.read_stored(canvas)


def _pen(part: float, width: int, height: int, room: float) -> Pen:
    rise = max(0.0, height / 2 - room)
    return Pen(
        room + part * (width - 2 * room),
        height / 2 - rise * math.sin(part * math.tau),
        0.08 + 0.92 * math.sin(part * math.pi),
        time=part / 2,
    )
