"""What a text layer says, and how."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from studio.core.colour import Colour


class Alignment(StrEnum):
    """Where the lines of a text begin and end; the value is its name in a file."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    JUSTIFIED = "justified"


class TextContent(msgspec.Struct, frozen=True):
    """A text with its looks; what is drawn of it is `raster_text.rendered_text`.

    Attributes:
        text: may have several lines.
        family: of the font; one that is not installed is replaced by a similar one.
        size_px: height of the font in canvas pixels, above 0.
        bold, italic: of the font.
        colour: of the letters.
        alignment: within the width, or within the widest line where there is none.
        line_height: distance of two lines, as a multiple of the font's own; above 0.
        width: where lines are wrapped, in canvas pixels; None where only line breaks count.

    Raises:
        ValueError: if a size is not above 0.
    """

    text: str
    family: str = "Sans Serif"
    size_px: float = 32.0
    bold: bool = False
    italic: bool = False
    colour: Colour = Colour(0, 0, 0)
    alignment: Alignment = Alignment.LEFT
    line_height: float = 1.0
    width: int | None = None

    def __post_init__(self) -> None:
        if (
            self.size_px <= 0
            or self.line_height <= 0
            or (self.width is not None and self.width < 1)
        ):
            raise ValueError("A text needs a size, a line height and a width above 0.")
