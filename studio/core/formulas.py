"""The blend modes that are computed here, by the formulas of the W3C's Compositing and Blending.

Qt's raster engine lacks those that mix hue, saturation and luminosity; it takes the opacity in
"plus" for something else, and rounds two others too coarsely where pixels are translucent.
Channels are computed as planes, one after the other in memory, which is several times faster than
pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from studio.core.blend import BlendMode
from studio.core.picture import Pixels

Planes = npt.NDArray[np.floating[Any]]
"""Single precision, 0 to 1: ``(3, height, width)``, blue first, or ``(height, width)``."""

_TINY = np.float32(1e-6)
"""Below any difference of 8-bit values: keeps divisions whose result does not matter defined."""


def blended(mode: BlendMode, below: Pixels, above: Pixels, opacity: float) -> Pixels:
    """``above`` drawn on ``below``.

    Args:
        mode: one of `COMPUTED`.
        below, above: premultiplied BGRA of one size.
        opacity: 0 to 1, of ``above``.

    Returns:
        Premultiplied BGRA.

    Raises:
        KeyError: if the mode is another one.
    """
    if mode is BlendMode.PLUS:
        return cv2.addWeighted(above, opacity, below, 1.0, 0.0)  # type: ignore[no-any-return]
    backdrop, backdrop_alpha = _planes(below, 1.0)
    source, source_alpha = _planes(above, opacity)
    both = backdrop_alpha * source_alpha
    mixed = _FORMULAS[mode](_straight(backdrop, backdrop_alpha), _straight(source, source_alpha))
    colours = source * (1 - backdrop_alpha) + backdrop * (1 - source_alpha) + both * mixed
    return _bytes(colours, backdrop_alpha + source_alpha - both)


def _planes(pixels: Pixels, opacity: float) -> tuple[Planes, Planes]:
    """Colours and alpha."""
    planes = np.stack(cv2.split(pixels)) * np.float32(opacity / 255)
    return planes[:3], planes[3]


def _straight(premultiplied: Planes, alpha: Planes) -> Planes:
    return premultiplied / np.maximum(alpha, _TINY)


def _bytes(colours: Planes, alpha: Planes) -> Pixels:
    whole_alpha = np.rint(alpha * 255)
    # Rounding must leave no colour above its alpha.
    whole = np.minimum(np.rint(colours * 255), whole_alpha)
    pixels: Pixels = cv2.merge([plane.astype(np.uint8) for plane in (*whole, whole_alpha)])
    return pixels


def _luminosity(colours: Planes) -> Planes:
    blue, green, red = colours
    weighed: Planes = np.float32(0.11) * blue + np.float32(0.59) * green + np.float32(0.3) * red
    return weighed


def _lowest(colours: Planes) -> Planes:
    lowest: Planes = np.minimum(np.minimum(colours[0], colours[1]), colours[2])
    return lowest


def _highest(colours: Planes) -> Planes:
    highest: Planes = np.maximum(np.maximum(colours[0], colours[1]), colours[2])
    return highest


def _saturation(colours: Planes) -> Planes:
    return _highest(colours) - _lowest(colours)


def _with_luminosity(colours: Planes, luminosity: Planes) -> Planes:
    """Made lighter or darker, and then greyer where a channel leaves its range."""
    shifted = colours + (luminosity - _luminosity(colours))
    lowest, highest = _lowest(shifted), _highest(shifted)
    below = luminosity / np.maximum(luminosity - lowest, _TINY)
    above = (1 - luminosity) / np.maximum(highest - luminosity, _TINY)
    scale = np.where(lowest < 0, below, np.float32(1)) * np.where(highest > 1, above, np.float32(1))
    kept: Planes = np.clip(luminosity + (shifted - luminosity) * scale, 0, 1)
    return kept


def _with_saturation(colours: Planes, saturation: Planes) -> Planes:
    scale = saturation / np.maximum(_saturation(colours), _TINY)
    grown: Planes = (colours - _lowest(colours)) * scale
    return grown


def _hue(below: Planes, above: Planes) -> Planes:
    return _with_luminosity(_with_saturation(above, _saturation(below)), _luminosity(below))


def _saturated(below: Planes, above: Planes) -> Planes:
    return _with_luminosity(_with_saturation(below, _saturation(above)), _luminosity(below))


def _coloured(below: Planes, above: Planes) -> Planes:
    return _with_luminosity(above, _luminosity(below))


def _lit(below: Planes, above: Planes) -> Planes:
    return _with_luminosity(below, _luminosity(above))


def _dodged(below: Planes, above: Planes) -> Planes:
    brightened = np.minimum(below / np.maximum(1 - above, _TINY), np.float32(1))
    return np.where(below > 0, brightened, np.float32(0))


def _softly_lit(below: Planes, above: Planes) -> Planes:
    darkened = below - (1 - 2 * above) * below * (1 - below)
    dark = ((16 * below - 12) * below + 4) * below
    curve = np.where(below <= np.float32(0.25), dark, np.sqrt(below))
    return np.where(above <= np.float32(0.5), darkened, below + (2 * above - 1) * (curve - below))


_FORMULAS: dict[BlendMode, Callable[[Planes, Planes], Planes]] = {
    BlendMode.HUE: _hue,
    BlendMode.SATURATION: _saturated,
    BlendMode.COLOR: _coloured,
    BlendMode.LUMINOSITY: _lit,
    BlendMode.COLOR_DODGE: _dodged,
    BlendMode.SOFT_LIGHT: _softly_lit,
}
COMPUTED = frozenset({*_FORMULAS, BlendMode.PLUS})
"""The modes that `blended` knows."""
