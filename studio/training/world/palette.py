"""The world's colours: eleven names, their inks, and the shades that stay recognisable."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

RGB = tuple[int, int, int]
"""Red, green and blue, each 0 to 255."""


class Colour(StrEnum):
    """A colour that a prompt can name."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    BLACK = "black"
    WHITE = "white"
    GREY = "grey"


class Shade(StrEnum):
    """How light a colour is; plain is what the bare colour word means."""

    PLAIN = "plain"
    LIGHT = "light"
    DARK = "dark"


INK: dict[Colour, RGB] = {
    Colour.RED: (216, 40, 40),
    Colour.ORANGE: (247, 142, 24),
    Colour.YELLOW: (250, 218, 40),
    Colour.GREEN: (52, 158, 66),
    Colour.BLUE: (44, 96, 214),
    Colour.PURPLE: (136, 62, 186),
    Colour.PINK: (248, 142, 188),
    Colour.BROWN: (130, 80, 42),
    Colour.BLACK: (34, 32, 36),
    Colour.WHITE: (246, 246, 244),
    Colour.GREY: (142, 144, 148),
}

# A light red would be pink and a dark orange brown: only these shades keep their colour's name.
SHADES: dict[Colour, tuple[Shade, ...]] = {
    Colour.RED: (Shade.DARK,),
    Colour.GREEN: (Shade.LIGHT, Shade.DARK),
    Colour.BLUE: (Shade.LIGHT, Shade.DARK),
    Colour.PURPLE: (Shade.LIGHT, Shade.DARK),
}

_OUTLINE_DEPTH = 0.62
_JITTER = 9


def mix(a: RGB, b: RGB, amount: float) -> RGB:
    """The colour ``amount`` (0 to 1) of the way from ``a`` to ``b``."""
    return (
        round(a[0] + (b[0] - a[0]) * amount),
        round(a[1] + (b[1] - a[1]) * amount),
        round(a[2] + (b[2] - a[2]) * amount),
    )


def ink(colour: Colour, shade: Shade = Shade.PLAIN) -> RGB:
    """The RGB value that ``colour`` is drawn with in ``shade``."""
    match shade:
        case Shade.LIGHT:
            return mix(INK[colour], (255, 255, 255), 0.42)
        case Shade.DARK:
            return mix(INK[colour], (0, 0, 0), 0.42)
        case Shade.PLAIN:
            return INK[colour]


def outline(rgb: RGB) -> RGB:
    """The line around something of this colour: darker, or lighter where it is nearly black."""
    if max(rgb) < 60:
        return mix(rgb, (255, 255, 255), 0.35)
    return mix(rgb, (0, 0, 0), 1 - _OUTLINE_DEPTH)


def jitter(rgb: RGB, rng: np.random.Generator) -> RGB:
    """``rgb`` a little off, as no two paints are quite the same."""
    r, g, b = np.clip(np.array(rgb) + rng.integers(-_JITTER, _JITTER + 1, 3), 0, 255)
    return int(r), int(g), int(b)
