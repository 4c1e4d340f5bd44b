"""The styles of the world: how each one changes inks, lines, edges and surface.

:data:`MANNERS` says all there is to say about a style; a further style is one more entry. Inks are
changed before anything is painted, surfaces after the picture is done. Lengths are in pixels of a
:data:`~studio.training.world.scene.SIDE` picture and textures follow from the scene's seed at that
resolution, so that a picture looks the same at every side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.training.world.palette import RGB, mix, outline
from studio.training.world.scene import SIDE, Style

Picture = NDArray[np.uint8]
"""RGB, shape ``(side, side, 3)``, 0 to 255."""

Field = NDArray[np.float32]
"""One number for every pixel, about 0 on average."""

_WHITE: RGB = (255, 255, 255)
_BLACK: RGB = (0, 0, 0)
_CHALK: RGB = (244, 242, 236)
_SOOT: RGB = (20, 18, 24)


def _unchanged(rgb: RGB) -> RGB:
    return rgb


def _same_lines(fill: RGB, in_the_dark: bool) -> RGB:
    return outline(fill)


def _plain_surface(picture: Picture, rng: np.random.Generator) -> Picture:
    return picture


@dataclass(frozen=True, slots=True)
class Manner:
    """What one style does.

    ``line`` is how far a thing's outline reaches beyond it and ``inner_line`` the same for details
    within it, both 0 for none; ``line_ink`` gives a line's colour from the fill that it surrounds
    and whether a nearly black line would be lost; ``tone`` changes every ink; ``surface`` works
    over the finished picture; ``shadow`` is how far a thing's shadow falls to the right and down.
    """

    line: float = 1.1
    inner_line: float = 1.1
    line_ink: Callable[[RGB, bool], RGB] = _same_lines
    tone: Callable[[RGB], RGB] = _unchanged
    surface: Callable[[Picture, np.random.Generator], Picture] = _plain_surface
    shadow: float = 0.0


def brightness(rgb: RGB) -> float:
    """How bright a colour looks, 0 to 255."""
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]


def _paled(rgb: RGB, most: float) -> RGB:
    """``rgb`` up to ``most`` towards white; the darker, the less, for black is to stay black."""
    return mix(rgb, _WHITE, most * min(1.0, brightness(rgb) / 140))


def _pastel_tone(rgb: RGB) -> RGB:
    return _paled(rgb, 0.4)


def _watercolour_tone(rgb: RGB) -> RGB:
    return _paled(rgb, 0.2)


def _dark_tone(rgb: RGB) -> RGB:
    """Little light, and a bluish cast that leaves strong colours their hue."""
    r, g, b = rgb
    return round(r * 0.62), round(g * 0.62), round(b * 0.67 + 6)


def _bold_lines(fill: RGB, in_the_dark: bool) -> RGB:
    return _CHALK if in_the_dark else _SOOT


def _soft_lines(fill: RGB, in_the_dark: bool) -> RGB:
    return mix(fill, outline(fill), 0.45)


def _wet_lines(fill: RGB, in_the_dark: bool) -> RGB:
    """Pigment gathers where a wash ends; no line is drawn."""
    return mix(fill, _BLACK, 0.14)


def _noise(cells: int, side: int, rng: np.random.Generator) -> Field:
    """Smooth random hills, ``cells`` of them across the picture."""
    field = rng.standard_normal((cells, cells), dtype=np.float32)
    return _spread(field, side)


def _spread(field: Field, side: int) -> Field:
    if len(field) == side:
        return field
    spread: Field = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    return spread


def _lighten(picture: Picture, amount: Field) -> Picture:
    """``picture`` with ``amount`` added to all its channels."""
    steps = np.rint(amount).astype(np.int16)
    brighter: Picture = cv2.add(picture, cv2.merge([steps, steps, steps]), dtype=cv2.CV_8U)
    return brighter


def _sway(picture: Picture, cells: int, reach: float, rng: np.random.Generator) -> Picture:
    """``picture`` with every edge pushed about by up to some ``reach``."""
    side = len(picture)
    at = np.arange(side, dtype=np.float32)
    reach *= side / SIDE
    x = at + reach * _noise(cells, side, rng)
    y = at[:, None] + reach * _noise(cells, side, rng)
    swayed: Picture = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return swayed


def _crayon_surface(picture: Picture, rng: np.random.Generator) -> Picture:
    """Wax catches on the paper along the strokes, which lean to one side."""
    side = len(picture)
    rough = _sway(picture, 48, 0.55, rng)
    strokes = np.eye(9, dtype=np.float32) / 3
    if rng.random() < 0.5:
        strokes = np.ascontiguousarray(strokes[:, ::-1])
    grain: Field = cv2.filter2D(_noise(SIDE, SIDE, rng), -1, strokes)
    grain = cv2.GaussianBlur(grain, (3, 3), 0)
    bare = np.maximum(grain - 0.6, 0) * 50  # paper that the wax has missed
    return _lighten(rough, _spread(bare + grain * 18 - 4, side))


def _watercolour_surface(picture: Picture, rng: np.random.Generator) -> Picture:
    """Wandering soft edges, and a wash that dries unevenly."""
    side = len(picture)
    wet = _sway(picture, 14, 0.9, rng)
    soft: Picture = cv2.GaussianBlur(wet, (0, 0), 0.75 * side / SIDE)
    return _lighten(soft, 9 * _noise(5, side, rng) + 4 * _noise(14, side, rng))


def _paper_surface(picture: Picture, rng: np.random.Generator) -> Picture:
    return _lighten(picture, 3.5 * _noise(SIDE, len(picture), rng))


def _dark_surface(picture: Picture, rng: np.random.Generator) -> Picture:
    """Moonlight from above: the corners lie in the deepest dark."""
    at = np.linspace(-1, 1, len(picture), dtype=np.float32)
    light = 1.06 - 0.22 * (at**2 + (at[:, None] + 0.25) ** 2)
    shaded: Picture = cv2.multiply(picture, cv2.merge([light, light, light]), dtype=cv2.CV_8U)
    return shaded


MANNERS: dict[Style, Manner] = {
    Style.FLAT: Manner(),
    Style.OUTLINE: Manner(line=2.5, inner_line=1.3, line_ink=_bold_lines),
    Style.PASTEL: Manner(tone=_pastel_tone, line_ink=_soft_lines),
    Style.CRAYON: Manner(surface=_crayon_surface),
    Style.WATERCOLOUR: Manner(
        tone=_watercolour_tone, line_ink=_wet_lines, surface=_watercolour_surface
    ),
    Style.DARK: Manner(tone=_dark_tone, surface=_dark_surface),
    Style.PAPER: Manner(line=0, inner_line=0, surface=_paper_surface, shadow=3.4),
}
"""What each style does."""
