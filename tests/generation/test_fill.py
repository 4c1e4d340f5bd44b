from __future__ import annotations

import numpy as np
import pytest

from studio.generation.fill import fill_unknown
from studio.generation.membrane import Floats
from studio.generation.request import Fill

SIDE = 64


def halves() -> Floats:
    """Dark on the left, light on the right."""
    picture = np.full((SIDE, SIDE, 3), 40, np.float32)
    picture[:, SIDE // 2 :] = 200
    return picture


def square(value: float) -> Floats:
    """Zero but in the middle."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[16:48, 16:48] = value
    return mask


EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


@pytest.mark.parametrize("fill", ["expand", "blur", "neutral", "none"])
def test_known_pixels_outside_the_mask_are_kept(fill: Fill) -> None:
    filled = fill_unknown(halves(), EVERYWHERE, square(1), fill)
    outside = square(1) == 0
    assert np.array_equal(filled[outside], halves()[outside])


def test_expanding_continues_the_surroundings_and_forgets_what_was_there() -> None:
    picture = halves()
    picture[20:44, 20:44] = (255, 0, 255)
    filled = fill_unknown(picture, EVERYWHERE, square(1), "expand")
    assert np.abs(filled[20:44, 18] - 40).max() < 25
    assert np.abs(filled[20:44, 45] - 200).max() < 25
    assert 80 < filled[32, 32].mean() < 160


def test_blurring_keeps_what_was_there_only_roughly() -> None:
    picture = halves()
    picture[24:40, 24:40] = (255, 0, 0)
    filled = fill_unknown(picture, EVERYWHERE, square(1), "blur")
    red, green, _ = filled[32, 32]
    assert red > green
    assert np.abs(np.diff(filled[17:47, 17:47], axis=1)).max() < 15


def test_neutral_is_mid_grey() -> None:
    assert (fill_unknown(halves(), EVERYWHERE, square(1), "neutral")[32, 32] == 127.5).all()


def test_none_keeps_what_was_there() -> None:
    assert np.array_equal(fill_unknown(halves(), EVERYWHERE, square(1), "none"), halves())


def test_half_masked_pixels_are_half_filled() -> None:
    filled = fill_unknown(halves(), EVERYWHERE, square(0.5), "neutral")
    assert filled[32, 20] == pytest.approx((40 + 127.5) / 2)


@pytest.mark.parametrize("fill", ["expand", "blur", "none"])
def test_the_colour_of_unknown_pixels_never_shows(fill: Fill) -> None:
    picture = np.full((SIDE, SIDE, 3), 90, np.float32)
    picture[square(1) > 0] = (255, 0, 255)
    filled = fill_unknown(picture, 1 - square(1), square(1), fill)
    assert np.abs(filled - 90).max() < 1e-2


def test_a_picture_of_which_nothing_is_known_is_grey() -> None:
    nothing = np.zeros((SIDE, SIDE), np.float32)
    assert (fill_unknown(halves(), nothing, EVERYWHERE, "expand") == 127.5).all()
