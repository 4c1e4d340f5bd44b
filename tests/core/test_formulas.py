"""Every blend mode, painted, beside the formulas of the W3C's Compositing and Blending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.blend import BlendMode
from studio.core.formulas import COMPUTED
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.raster import painting
from studio.core.tiles import premultiplied

Values = npt.NDArray[np.float64]
Formula = Callable[[Values, Values], Values]

AREA = Bounds(0, 0, 16, 8)


def screen(below: Values, above: Values) -> Values:
    return below + above - below * above


def hard_light(below: Values, above: Values) -> Values:
    return np.where(above <= 0.5, below * 2 * above, screen(below, 2 * above - 1))


def soft_light(below: Values, above: Values) -> Values:
    curve = np.where(below <= 0.25, ((16 * below - 12) * below + 4) * below, np.sqrt(below))
    dark = below - (1 - 2 * above) * below * (1 - below)
    return np.where(above <= 0.5, dark, below + (2 * above - 1) * (curve - below))


def dodge(below: Values, above: Values) -> Values:
    brighter = np.minimum(1, below / np.where(above == 1, 1e-9, 1 - above))
    return np.where(below == 0, 0, brighter)


def burn(below: Values, above: Values) -> Values:
    darker = 1 - np.minimum(1, (1 - below) / np.where(above == 0, 1e-9, above))
    return np.where(below == 1, 1, darker)


def luminosity(colour: Values) -> float:
    blue, green, red = colour
    return float(0.3 * red + 0.59 * green + 0.11 * blue)


def clipped(colour: Values) -> Values:
    light, low, high = luminosity(colour), colour.min(), colour.max()
    if low < 0:
        colour = light + (colour - light) * light / (light - low)
    if high > 1:
        colour = light + (colour - light) * (1 - light) / (high - light)
    return colour


def with_luminosity(colour: Values, light: float) -> Values:
    return clipped(colour + light - luminosity(colour))


def with_saturation(colour: Values, saturation: float) -> Values:
    result = np.zeros(3)
    low, middle, high = np.argsort(colour, kind="stable")
    if colour[high] > colour[low]:
        spread = colour[high] - colour[low]
        result[middle] = (colour[middle] - colour[low]) * saturation / spread
        result[high] = saturation
    return result


def saturation(colour: Values) -> float:
    return float(colour.max() - colour.min())


def hue(below: Values, above: Values) -> Values:
    return with_luminosity(with_saturation(above, saturation(below)), luminosity(below))


def saturated(below: Values, above: Values) -> Values:
    return with_luminosity(with_saturation(below, saturation(above)), luminosity(below))


def by_pixel(formula: Formula) -> Formula:
    """The formula of whole colours, for arrays of them."""

    def blend(below: Values, above: Values) -> Values:
        pairs = zip(below.reshape(-1, 3), above.reshape(-1, 3), strict=True)
        return np.array([formula(*pair) for pair in pairs]).reshape(below.shape)

    return blend


FORMULAS: dict[BlendMode, Formula] = {
    BlendMode.NORMAL: lambda below, above: above,
    BlendMode.MULTIPLY: np.multiply,
    BlendMode.SCREEN: screen,
    BlendMode.OVERLAY: lambda below, above: hard_light(above, below),
    BlendMode.DARKEN: np.minimum,
    BlendMode.LIGHTEN: np.maximum,
    BlendMode.COLOR_DODGE: dodge,
    BlendMode.COLOR_BURN: burn,
    BlendMode.HARD_LIGHT: hard_light,
    BlendMode.SOFT_LIGHT: soft_light,
    BlendMode.DIFFERENCE: lambda below, above: np.abs(below - above),
    BlendMode.HUE: by_pixel(hue),
    BlendMode.SATURATION: by_pixel(saturated),
    BlendMode.COLOR: by_pixel(lambda below, above: with_luminosity(above, luminosity(below))),
    BlendMode.LUMINOSITY: by_pixel(lambda below, above: with_luminosity(below, luminosity(above))),
}


def specified(mode: BlendMode, below: Pixels, above: Pixels, opacity: float) -> Values:
    """What the specification gives for premultiplied pixels, 0 to 255."""
    backdrop, source = below / 255, above / 255 * opacity
    if mode is BlendMode.PLUS:
        return np.minimum(1, backdrop + source) * 255
    backdrop_alpha, source_alpha = backdrop[..., 3:], source[..., 3:]
    mixed = FORMULAS[mode](straight(backdrop), straight(source))
    both = backdrop_alpha * source_alpha
    result = backdrop * (1 - source_alpha) + source * (1 - backdrop_alpha)
    result[..., :3] += both * mixed
    result[..., 3:] += both
    return result * 255


def straight(premultiplied: Values) -> Values:
    alpha = premultiplied[..., 3:]
    return premultiplied[..., :3] / np.where(alpha == 0, 1, alpha)


def painted(mode: BlendMode, below: Pixels, above: Pixels, opacity: float) -> Pixels:
    target = below.copy()
    with painting(target, AREA) as painter:
        painter.style(mode, opacity)
        painter.draw(above, AREA.origin)
    return target


def noise(seed: int, *, opaque: bool) -> Pixels:
    """Premultiplied noise with many pixels at the ends of the range, where formulas break."""
    generator = np.random.default_rng(seed)
    values = generator.integers(-60, 316, (AREA.height, AREA.width, 4)).clip(0, 255)
    pixels = values.astype(np.uint8)
    if opaque:
        pixels[..., 3] = 255
    return premultiplied(pixels)


def test_every_mode_has_a_formula_here() -> None:
    assert {*FORMULAS, BlendMode.PLUS} == set(BlendMode)


@pytest.mark.parametrize("mode", list(BlendMode))
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**16), opaque=st.booleans(), opacity=st.floats(0.01, 1.0))
def test_painting_follows_the_specification(
    mode: BlendMode, seed: int, opaque: bool, opacity: float
) -> None:
    below, above = noise(seed, opaque=opaque), noise(seed + 1, opaque=opaque)
    difference = painted(mode, below, above, opacity) - specified(mode, below, above, opacity)
    # The raster engine knows an opacity in 256 steps, and rounds on the way.
    assert np.abs(difference).max() <= (0.6 if mode in COMPUTED else 2.6)


@pytest.mark.parametrize("mode", list(BlendMode))
def test_no_colour_gets_above_its_alpha(mode: BlendMode) -> None:
    for seed in range(6):
        result = painted(mode, noise(seed, opaque=False), noise(-seed % 97, opaque=False), 0.77)
        assert (result[..., :3] <= result[..., 3:]).all()


def test_what_is_computed_is_not_drawn_outside_the_clip() -> None:
    target: Any = noise(1, opaque=True)
    before, clip = target.copy(), Bounds(5, 4, 6, 3)
    with painting(target, AREA, clip=clip) as painter:
        painter.style(BlendMode.HUE, 1.0)
        painter.draw(noise(2, opaque=True), AREA.origin)
    inside = np.zeros(target.shape[:2], dtype=bool)
    inside[4:7, 5:11] = True
    assert (target[~inside] == before[~inside]).all()
    assert (target[inside] != before[inside]).any()
