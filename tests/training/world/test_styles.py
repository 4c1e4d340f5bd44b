"""Styles: each one looks its own way and leaves every colour its name."""

from __future__ import annotations

import numpy as np
import pytest

from studio.training.world.draw import draw_scene
from studio.training.world.palette import Colour, Shade
from studio.training.world.scene import SIDE, Backdrop, Kind, Scene, Setting, Style, Thing
from studio.training.world.styles import MANNERS, brightness


def picture(
    style: Style, colour: Colour = Colour.RED, sheet: Colour = Colour.YELLOW, seed: int = 5
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    ball = Thing(Kind.BALL, colour, Shade.PLAIN, 0, 64.0, 64.0, 40.0)
    return draw_scene(Scene(Backdrop(Setting.PLAIN, sheet), (ball,), seed, style))


def test_every_style_has_a_manner() -> None:
    assert set(MANNERS) == set(Style)


def test_styles_look_unlike_each_other() -> None:
    pictures = [picture(style).astype(float) for style in Style]
    for index, one in enumerate(pictures):
        for other in pictures[index + 1 :]:
            assert np.abs(one - other).mean() > 1.5


@pytest.mark.parametrize("style", Style)
def test_colours_stay_apart_in_every_style(style: Style) -> None:
    middle = slice(SIDE // 2 - 16, SIDE // 2 + 16)
    means = [
        picture(style, colour, Colour.GREY)[middle, middle].mean(axis=(0, 1)) for colour in Colour
    ]
    for index, one in enumerate(means):
        for other in means[index + 1 :]:
            assert np.linalg.norm(one - other) > 33


@pytest.mark.parametrize("style", Style)
def test_textures_follow_from_the_seed(style: Style) -> None:
    assert np.array_equal(picture(style, seed=5), picture(style, seed=5))
    assert not np.array_equal(picture(style, seed=5), picture(style, seed=6))


def test_bold_lines_stand_out_from_dark_and_from_light() -> None:
    rim = (SIDE // 2, SIDE // 2 - 39)  # a ball's radius is 0.95 of its thing's
    bright = picture(Style.OUTLINE, Colour.RED, Colour.YELLOW)[rim].mean()
    dark = picture(Style.OUTLINE, Colour.RED, Colour.BLACK)[rim].mean()
    assert bright < 60 < 200 < dark


def test_brightness_follows_the_eye() -> None:
    assert brightness((0, 0, 0)) == 0
    assert brightness((255, 255, 255)) == pytest.approx(255)
    assert brightness((0, 255, 0)) > brightness((255, 0, 0)) > brightness((0, 0, 255))
