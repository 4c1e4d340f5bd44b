"""Drawn scenes: reproducible, the same at every side, and in the colours that they are of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.training.world.draw import draw_scene
from studio.training.world.palette import INK, Colour, Shade
from studio.training.world.sampling import random_scene
from studio.training.world.scene import (
    SIDE,
    VARIANTS,
    Backdrop,
    Kind,
    Scene,
    Setting,
    Style,
    Thing,
)


def thing(kind: Kind = Kind.BALL, colour: Colour = Colour.RED, variant: int = 0) -> Thing:
    return Thing(kind, colour, Shade.PLAIN, variant, 64.0, 64.0, 40.0)


def scenes(count: int) -> list[Scene]:
    rng = np.random.default_rng(0)
    return [random_scene(rng) for _ in range(count)]


def test_the_same_scene_gives_the_same_bytes() -> None:
    for scene in scenes(20):
        assert np.array_equal(draw_scene(scene), draw_scene(scene))


def test_a_picture_is_rgb_bytes_of_the_side_asked_for() -> None:
    scene = scenes(1)[0]
    assert draw_scene(scene).shape == (SIDE, SIDE, 3)
    assert draw_scene(scene, 512).shape == (512, 512, 3)
    assert draw_scene(scene).dtype == np.uint8


def test_a_larger_side_shows_the_same_picture() -> None:
    for scene in scenes(40):
        large = draw_scene(scene, 512)
        small = cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(float) - draw_scene(scene)).mean() < 5


@pytest.mark.parametrize("kind", Kind)
def test_every_variant_of_a_kind_looks_different_and_shows_its_colour(kind: Kind) -> None:
    sheet = Backdrop(Setting.PLAIN, Colour.WHITE)
    pictures = [
        draw_scene(Scene(sheet, (thing(kind, Colour.BLUE, variant),), 7))
        for variant in range(VARIANTS)
    ]
    for picture in pictures:
        red, _, blue = np.moveaxis(picture.astype(int), 2, 0)
        bluish = blue - red > 70  # the ink and its tones, but no glass
        assert bluish.mean() > 0.06
    assert not np.array_equal(pictures[0], pictures[1])


def test_later_things_cover_earlier_ones() -> None:
    sheet = Backdrop(Setting.PLAIN, Colour.WHITE)
    both = (thing(colour=Colour.BLUE), thing())
    middle = draw_scene(Scene(sheet, both, 3))[SIDE // 2, SIDE // 2].astype(int)
    assert np.abs(middle - INK[Colour.RED]).max() < 40


def test_cut_paper_casts_its_shadow_down_and_to_the_right() -> None:
    sheet = Backdrop(Setting.PLAIN, Colour.YELLOW)
    picture = draw_scene(Scene(sheet, (thing(),), 3, Style.PAPER)).astype(int).sum(axis=2)
    reach = round(40 / 2**0.5)  # just beyond the ball
    below, above = (picture[64 + way, 64 + way] for way in (reach, -reach))
    assert below < above - 150
