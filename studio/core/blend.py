"""How a layer is mixed with what lies below it.

The modes and their names are those of OpenRaster, whose formulas are those of the W3C's
Compositing and Blending Level 1.
"""

from __future__ import annotations

from enum import Enum


class BlendMode(Enum):
    """A composite operation; the value is its name in an OpenRaster file.

    The last four mix hue, saturation and lightness, and so look at all channels of a pixel at
    once; the others work on each channel by itself.
    """

    NORMAL = "svg:src-over"
    MULTIPLY = "svg:multiply"
    SCREEN = "svg:screen"
    OVERLAY = "svg:overlay"
    DARKEN = "svg:darken"
    LIGHTEN = "svg:lighten"
    COLOR_DODGE = "svg:color-dodge"
    COLOR_BURN = "svg:color-burn"
    HARD_LIGHT = "svg:hard-light"
    SOFT_LIGHT = "svg:soft-light"
    DIFFERENCE = "svg:difference"
    PLUS = "svg:plus"
    HUE = "svg:hue"
    SATURATION = "svg:saturation"
    COLOR = "svg:color"
    LUMINOSITY = "svg:luminosity"

    @property
    def title(self) -> str:
        """Its name as people know it."""
        return _TITLES[self]

    @classmethod
    def named(cls, name: str) -> BlendMode | None:
        """The mode of that OpenRaster name, or None where it is not known."""
        return next((mode for mode in cls if mode.value == name), None)


_TITLES = {
    BlendMode.NORMAL: "Normal",
    BlendMode.MULTIPLY: "Multiply",
    BlendMode.SCREEN: "Screen",
    BlendMode.OVERLAY: "Overlay",
    BlendMode.DARKEN: "Darken",
    BlendMode.LIGHTEN: "Lighten",
    BlendMode.COLOR_DODGE: "Colour dodge",
    BlendMode.COLOR_BURN: "Colour burn",
    BlendMode.HARD_LIGHT: "Hard light",
    BlendMode.SOFT_LIGHT: "Soft light",
    BlendMode.DIFFERENCE: "Difference",
    BlendMode.PLUS: "Addition",
    BlendMode.HUE: "Hue",
    BlendMode.SATURATION: "Saturation",
    BlendMode.COLOR: "Colour",
    BlendMode.LUMINOSITY: "Luminosity",
}
