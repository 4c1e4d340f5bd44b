"""The names that reader and writer of OpenRaster files share."""

from __future__ import annotations

from studio.core.geometry import Bounds

MIMETYPE = "image/openraster"
VERSION = "0.0.6"
NAMESPACE = "urn:sfumato:openraster:1"
PREFIX = "sfumato"

MIMETYPE_ENTRY = "mimetype"
STACK_ENTRY = "stack.xml"
MERGED_ENTRY = "mergedimage.png"
THUMBNAIL_ENTRY = "Thumbnails/thumbnail.png"
MASK_ENTRY = "sfumato/mask.png"

THUMBNAIL_SIDE = 256
"""The longest side of the thumbnail, in pixels, as the specification has it."""


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
    bounds = Bounds(x, y, width, height)
    sane = all(abs(number) < 2**24 for number in bounds)
    return bounds if sane and not bounds.is_empty else None
