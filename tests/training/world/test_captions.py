"""Captions say only what is true of their scene."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.training.world.captions import NOUNS, PLACES, SIZE_WORDS, caption
from studio.training.world.palette import Colour
from studio.training.world.sampling import random_scene
from studio.training.world.scene import Scene, Setting

SEEDS = st.integers(0, 2**32 - 1)


def spoken(seed: int) -> tuple[Scene, str]:
    rng = np.random.default_rng(seed)
    scene = random_scene(rng)
    return scene, caption(scene, rng)


@given(SEEDS)
def test_no_kind_is_named_that_is_not_there(seed: int) -> None:
    scene, text = spoken(seed)
    words = set(text.replace(",", "").split())
    there = {word for one in scene.things for noun in NOUNS[one.kind] for word in noun.split()}
    named = {noun for nouns in NOUNS.values() for noun in nouns if " " not in noun} & words
    assert named <= there


@given(SEEDS)
def test_no_colour_is_named_that_is_not_there(seed: int) -> None:
    scene, text = spoken(seed)
    words = set(text.replace(",", "").replace("gray", "grey").split())
    there = {str(one.colour) for one in scene.things} | {str(scene.backdrop.colour)}
    assert words & set(Colour) <= there


@given(SEEDS)
def test_sizes_and_settings_are_true(seed: int) -> None:
    scene, text = spoken(seed)
    sizes = {one.size for one in scene.things}
    for size, names in SIZE_WORDS.items():
        if any(f" {name} " in f" {text} " for name in names):
            assert size in sizes
    for setting, phrases in PLACES.items():
        if any(text.endswith(phrase) for phrase in phrases):
            assert scene.backdrop.setting is setting


@given(SEEDS)
def test_relations_are_true(seed: int) -> None:
    scene, text = spoken(seed)
    for word, axis in ((" left of ", "x"), (" above ", "y")):
        if word not in text:
            continue
        before = text.split(word)[0]
        one, other = scene.things
        if not any(noun in before for noun in NOUNS[one.kind]):
            one, other = other, one
        if one.kind is not other.kind and "thing" not in text:
            assert getattr(one, axis) < getattr(other, axis)


def test_captions_vary_and_are_never_empty() -> None:
    rng = np.random.default_rng(1)
    scene = random_scene(rng)
    texts = {caption(scene, rng) for _ in range(60)}
    assert len(texts) > 30
    assert all(texts)


def test_every_setting_can_be_said() -> None:
    assert set(PLACES) == set(Setting) - {Setting.PLAIN}
