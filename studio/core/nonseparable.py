"""The blend modes that mix hue, saturation and luminosity, which Qt's raster engine lacks.

The formulas are those of the W3C's Compositing and Blending Level 1, section 10.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from studio.core.blend import BlendMode
from studio.core.picture import Pixels

Colours = npt.NDArray[np.float32]
"""``(height, width, 3)``, blue first, 0 to 1."""

_LUMA = np.array([0.11, 0.59, 0.3], dtype=np.float32)
"""What blue, green and red add to luminosity."""


def blended(mode: BlendMode, below: Pixels, above: Pixels, opacity: float) -> Pixels:
    """``above`` drawn on ``below``.

    Args:
        mode: hue, saturation, color or luminosity.
        below, above: premultiplied BGRA of one size.
        opacity: 0 to 1, of ``above``.

    Returns:
        Premultiplied BGRA.

    Raises:
        KeyError: if the mode is another one.
    """
    backdrop, source = _unit(below), _unit(above) * np.float32(opacity)
    backdrop_alpha, source_alpha = backdrop[..., 3:], source[..., 3:]
    mixed = _FORMULAS[mode](_straight(backdrop), _straight(source))
    result = source * (1 - backdrop_alpha) + backdrop * (1 - source_alpha)
    result[..., :3] += source_alpha * backdrop_alpha * mixed
    result[..., 3:] += source_alpha * backdrop_alpha
    return _bytes(result)


def _unit(pixels: Pixels) -> Colours:
    return pixels.astype(np.float32) / np.float32(255)


def _straight(premultiplied: Colours) -> Colours:
    alpha = premultiplied[..., 3:]
    straight: Colours = premultiplied[..., :3] / np.where(alpha == 0, np.float32(1), alpha)
    return straight


def _bytes(unit: Colours) -> Pixels:
    alpha = np.rint(unit[..., 3:] * 255)
    # Rounding must leave no colour above its alpha.
    return np.clip(np.rint(unit * 255), 0, alpha).astype(np.uint8)


def _luminosity(colours: Colours) -> Colours:
    luminosity: Colours = (colours @ _LUMA)[..., np.newaxis]
    return luminosity


def _saturation(colours: Colours) -> Colours:
    saturation: Colours = np.ptp(colours, axis=-1, keepdims=True)
    return saturation


def _with_luminosity(colours: Colours, luminosity: Colours) -> Colours:
    """Made lighter or darker, and then greyer where a channel leaves its range."""
    shifted = colours + (luminosity - _luminosity(colours))
    lowest = shifted.min(axis=-1, keepdims=True)
    highest = shifted.max(axis=-1, keepdims=True)
    away = shifted - luminosity
    low = luminosity / np.where(lowest < 0, luminosity - lowest, 1)
    high = (1 - luminosity) / np.where(highest > 1, highest - luminosity, 1)
    shifted = np.where(lowest < 0, luminosity + away * low, shifted)
    away = shifted - luminosity
    return np.where(highest > 1, luminosity + away * high, shifted)


def _with_saturation(colours: Colours, saturation: Colours) -> Colours:
    spread = _saturation(colours)
    lowest = colours.min(axis=-1, keepdims=True)
    scaled: Colours = (colours - lowest) * saturation / np.where(spread == 0, np.float32(1), spread)
    return scaled


def _hue(below: Colours, above: Colours) -> Colours:
    return _with_luminosity(_with_saturation(above, _saturation(below)), _luminosity(below))


def _saturated(below: Colours, above: Colours) -> Colours:
    return _with_luminosity(_with_saturation(below, _saturation(above)), _luminosity(below))


def _coloured(below: Colours, above: Colours) -> Colours:
    return _with_luminosity(above, _luminosity(below))


def _lit(below: Colours, above: Colours) -> Colours:
    return _with_luminosity(below, _luminosity(above))


_FORMULAS: dict[BlendMode, Callable[[Colours, Colours], Colours]] = {
    BlendMode.HUE: _hue,
    BlendMode.SATURATION: _saturated,
    BlendMode.COLOR: _coloured,
    BlendMode.LUMINOSITY: _lit,
}
