"""Invented scenes: what may stand together, where, and what is never shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.training.world import sampling
from studio.training.world.palette import Colour
from studio.training.world.scene import SIDE, Kind, Relation, Scene, Setting, Style, Thing

SEEDS = st.integers(0, 2**32 - 1)


def scenes(count: int) -> list[Scene]:
    rng = np.random.default_rng(0)
    return [sampling.random_scene(rng) for _ in range(count)]


def distance(first: Thing, second: Thing) -> float:
    return float(np.hypot(first.x - second.x, first.y - second.y))


@given(SEEDS)
def test_things_lie_within_the_picture(seed: int) -> None:
    for thing in sampling.random_scene(np.random.default_rng(seed)).things:
        assert thing.radius < thing.x < SIDE - thing.radius
        assert thing.radius < thing.y < SIDE - thing.radius


@given(SEEDS, st.integers(2, sampling.MOST))
def test_several_alike_differ_in_place_alone_and_do_not_touch(seed: int, count: int) -> None:
    things = sampling.random_crowd(np.random.default_rng(seed), count).things
    assert len(things) == count
    assert len({(t.kind, t.colour, t.shade, t.variant) for t in things}) == 1
    for index, one in enumerate(things):
        assert all(distance(one, other) > one.radius + other.radius for other in things[:index])


@given(SEEDS)
def test_two_different_things_stand_as_their_relation_says(seed: int) -> None:
    scene = sampling.random_pair(np.random.default_rng(seed))
    first, second = scene.things
    assert first.kind is not second.kind
    match scene.relation:
        case Relation.APART:
            assert distance(first, second) > first.radius + second.radius
        case Relation.INSIDE:
            assert first.kind in sampling.FRAMES
            assert distance(first, second) + second.radius < first.radius
        case Relation.BEHIND:
            assert second.radius < distance(first, second) < first.radius + second.radius


def test_nothing_vanishes_in_front_of_its_backdrop() -> None:
    for scene in scenes(300):
        assert not any(sampling.clashes(thing.colour, scene.backdrop) for thing in scene.things)


def test_training_never_shows_a_held_out_combination() -> None:
    for scene in scenes(600):
        for thing in scene.things:
            assert not sampling.is_held_out(thing.kind, thing.colour, scene.backdrop.setting)
        if len({thing.kind for thing in scene.things}) == 2:
            assert not sampling.is_held_out_pair(*(thing.kind for thing in scene.things))


@given(SEEDS)
def test_held_out_scenes_are_what_training_never_shows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    single = sampling.random_single(rng, held_out=True)
    (thing,) = single.things
    assert sampling.is_held_out(thing.kind, thing.colour, single.backdrop.setting)
    pair = sampling.random_pair(rng, held_out=True)
    assert sampling.is_held_out_pair(*(thing.kind for thing in pair.things))


def test_everything_in_the_world_is_shown_sooner_or_later() -> None:
    drawn = scenes(3000)
    assert {thing.kind for scene in drawn for thing in scene.things} == set(Kind)
    assert {thing.colour for scene in drawn for thing in scene.things} == set(Colour)
    assert {scene.backdrop.setting for scene in drawn} == set(Setting)
    assert {scene.style for scene in drawn} == set(Style)
    assert {scene.relation for scene in drawn} == set(Relation)
    assert {len(scene.things) for scene in drawn} == set(range(sampling.MOST + 1))


@pytest.mark.parametrize(
    ("kind", "colour", "setting"),
    [
        (Kind.BOAT, Colour.RED, Setting.SEA),
        (Kind.BALL, Colour.RED, Setting.MEADOW),
        (Kind.STAR, Colour.YELLOW, Setting.NIGHT),
        (Kind.CAT, Colour.BLACK, Setting.ROOM),
        (Kind.SNOWMAN, Colour.WHITE, Setting.SNOW),
    ],
)
def test_the_first_prompts_anyone_tries_are_in_the_world(
    kind: Kind, colour: Colour, setting: Setting
) -> None:
    assert not sampling.is_held_out(kind, colour, setting)


def test_about_a_tenth_of_the_combinations_is_held_out() -> None:
    colours = [
        sampling.is_held_out(kind, colour, Setting.PLAIN) for kind in Kind for colour in Colour
    ]
    pairs = [sampling.is_held_out_pair(a, b) for a in Kind for b in Kind if a is not b]
    assert 0.05 < np.mean(colours) < 0.15
    assert 0.05 < np.mean(pairs) < 0.15
