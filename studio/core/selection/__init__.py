"""What is selected: pure functions from masks to masks, all of them safe in any thread.

A mask is a `Snapshot` with one 8-bit channel, 255 = selected; what lies beyond the canvas that a
function is given does not get into its result.
"""

from studio.core.selection.combining import Operation, combined, inverted
from studio.core.selection.masks import (
    FULL,
    NOTHING,
    aligned,
    clipped,
    mask_from,
    mask_of,
    moved,
    rectangle,
    uniform_value,
)
from studio.core.selection.refining import (
    MAX_RADIUS,
    antialiased,
    bordered,
    feathered,
    grown,
    shrunk,
    smoothed,
)
from studio.core.selection.shapes import Corner, ellipse, ellipse_outline, polygon
from studio.core.selection.similar import ReadPixels, alike, colour_range, flooded
from studio.core.selection.sources import from_alpha, from_luminosity, from_mask

__all__ = [
    "FULL",
    "MAX_RADIUS",
    "NOTHING",
    "Corner",
    "Operation",
    "ReadPixels",
    "aligned",
    "alike",
    "antialiased",
    "bordered",
    "clipped",
    "colour_range",
    "combined",
    "ellipse",
    "ellipse_outline",
    "feathered",
    "flooded",
    "from_alpha",
    "from_luminosity",
    "from_mask",
    "grown",
    "inverted",
    "mask_from",
    "mask_of",
    "moved",
    "polygon",
    "rectangle",
    "shrunk",
    "smoothed",
    "uniform_value",
]
