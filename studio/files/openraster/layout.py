"""The names and notations that reader and writer of OpenRaster files share."""

from __future__ import annotations

import math

from studio.core.geometry import Bounds, Extent

MIMETYPE = "image/openraster"
VERSION = "0.0.6"
NAMESPACE = "urn:sfumato:openraster:1"
PREFIX = "sfumato"

MIMETYPE_ENTRY = "mimetype"
STACK_ENTRY = "stack.xml"
MERGED_ENTRY = "mergedimage.png"
THUMBNAIL_ENTRY = "Thumbnails/thumbnail.png"
MASK_ENTRY = "sfumato/mask.png"
SELECTION_ENTRY = "sfumato/selection.png"
EXTRAS_ENTRY = "sfumato/document.json"

THUMBNAIL_SIDE = 256
"""The longest side of the thumbnail, in pixels, as the specification has it."""

_FAR = 2**24
"""No number that a file states may lie further from zero."""


def own(name: str) -> str:
    """An attribute's name in our namespace, as ElementTree writes it."""
    return f"{{{NAMESPACE}}}{name}"


def bounds_text(bounds: Bounds) -> str:
    """As in ``"-64 0 512 512"``: x, y, width, height."""
    return " ".join(str(number) for number in bounds)


def parse_bounds(text: str | None) -> Bounds | None:
    """The inverse of `bounds_text`; None where the text is missing or makes no sense."""
    try:
        x, y, width, height = (int(number) for number in (text or "").split())
    except ValueError:
        return None
    return sane_bounds(Bounds(x, y, width, height))


def sane_bounds(bounds: Bounds) -> Bounds | None:
    """The bounds, or None where they are empty or beyond all sense."""
    sane = all(abs(number) < _FAR for number in bounds)
    return bounds if sane and not bounds.is_empty else None


def parse_integer(text: str | None) -> int:
    """The number, 0 where there is none or it is beyond all sense."""
    try:
        number = int(text or "0")
    except ValueError:
        return 0
    return number if abs(number) < _FAR else 0


def parse_opacity(text: str | None) -> float:
    """The number from 0 to 1 that comes nearest; 1 where there is none."""
    try:
        opacity = float(text or "1")
    except ValueError:
        return 1.0
    return min(1.0, max(0.0, opacity)) if math.isfinite(opacity) else 1.0


def thumbnail_scale(extent: Extent) -> float:
    """How much smaller than a picture of that size its thumbnail is."""
    return min(1.0, THUMBNAIL_SIDE / extent.longest)
