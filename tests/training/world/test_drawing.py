"""The drawn world: the same scene gives the same picture, and everything stays inside it."""

from __future__ import annotations

import numpy as np
import pytest

from studio.training.world.draw import draw_scene
from studio.training.world.palette import INK, SHADES, Colour, Shade, ink
from studio.training.world.sampling import clashes, is_held_out, random_scene
from studio.training.world.scene import (
    SIDE,
    VARIANTS,
    Backdrop,
    Column,
    Kind,
    Row,
    Scene,
    Setting,
    Size,
    Thing,
)
from studio.training.world.shapes import parts_of


def thing(kind: Kind = Kind.BALL, colour: Colour = Colour.RED, variant: int = 0) -> Thing:
    return Thing(kind, colour, Shade.PLAIN, variant, 64.0, 64.0, 40.0)


def scenes(count: int, *, held_out: bool = False) -> list[Scene]:
    rng = np.random.default_rng(0)
    return [random_scene(rng, held_out=held_out) for _ in range(count)]


def test_the_same_scene_gives_the_same_bytes() -> None:
    for scene in scenes(20):
        assert np.array_equal(draw_scene(scene), draw_scene(scene))


def test_a_picture_is_rgb_bytes_of_the_worlds_side() -> None:
    picture = draw_scene(scenes(1)[0])
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture.dtype == np.uint8


def test_things_lie_within_the_picture_and_apart() -> None:
    for scene in scenes(300):
        for one in scene.things:
            assert one.radius < one.x < SIDE - one.radius
            assert one.radius < one.y < SIDE - one.radius
        if len(scene.things) == 2:
            first, second = scene.things
            distance = np.hypot(first.x - second.x, first.y - second.y)
            assert distance > first.radius + second.radius


def test_nothing_vanishes_in_front_of_its_backdrop() -> None:
    for scene in scenes(300):
        assert not any(clashes(one.colour, scene.backdrop) for one in scene.things)


def test_training_never_shows_a_held_out_combination() -> None:
    for scene in scenes(500):
        for one in scene.things:
            assert not is_held_out(one.kind, one.colour, scene.backdrop.setting)
    for scene in scenes(50, held_out=True):
        (one,) = scene.things
        assert is_held_out(one.kind, one.colour, scene.backdrop.setting)


@pytest.mark.parametrize(
    ("kind", "colour", "setting"),
    [
        (Kind.BOAT, Colour.RED, Setting.SEA),
        (Kind.BALL, Colour.RED, Setting.MEADOW),
        (Kind.STAR, Colour.YELLOW, Setting.NIGHT),
    ],
)
def test_the_first_prompts_anyone_tries_are_in_the_world(
    kind: Kind, colour: Colour, setting: Setting
) -> None:
    assert not is_held_out(kind, colour, setting)


@pytest.mark.parametrize("kind", Kind)
def test_every_variant_of_a_kind_looks_different_and_shows_its_colour(kind: Kind) -> None:
    sheet = Backdrop(Setting.PLAIN, Colour.WHITE)
    pictures = [
        draw_scene(Scene(sheet, (thing(kind, Colour.BLUE, variant),), 7))
        for variant in range(VARIANTS)
    ]
    blue = np.array(INK[Colour.BLUE])
    for picture in pictures:
        near = np.abs(picture.astype(int) - blue).max(axis=2) < 40
        assert near.mean() > 0.05
    assert not np.array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize("kind", Kind)
def test_parts_stay_near_the_unit_square(kind: Kind) -> None:
    for variant in range(VARIANTS):
        for part in parts_of(kind, variant):
            assert np.abs(part.points).max() <= 1.1


def test_size_and_place_words_follow_from_geometry() -> None:
    small = Thing(Kind.BALL, Colour.RED, Shade.PLAIN, 0, 20.0, 110.0, 17.0)
    assert (small.size, small.column, small.row) == (Size.SMALL, Column.LEFT, Row.BOTTOM)
    large = thing()
    assert (large.size, large.column, large.row) == (Size.LARGE, Column.CENTRE, Row.MIDDLE)


def test_a_backdrop_has_a_colour_exactly_when_it_is_plain() -> None:
    with pytest.raises(ValueError, match="plain"):
        Backdrop(Setting.PLAIN)
    with pytest.raises(ValueError, match="plain"):
        Backdrop(Setting.SEA, Colour.RED)


def test_shades_are_lighter_and_darker_than_the_plain_colour() -> None:
    for colour, shades in SHADES.items():
        for shade in shades:
            lighter = sum(ink(colour, shade)) > sum(ink(colour))
            assert lighter == (shade is Shade.LIGHT)
