"""Masks for repainting: their range, their shares, and what a prompt for a hole says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.training import masks
from studio.training.space import GROUPS, attributes
from studio.training.world.palette import Colour, Shade
from studio.training.world.sampling import random_crowd, random_scene
from studio.training.world.scene import SIDE, Backdrop, Kind, Scene, Setting, Thing

GRID = 16
SEEDS = st.integers(0, 2**32 - 1)

LEFT = Thing(Kind.STAR, Colour.RED, Shade.PLAIN, 0, 30.0, 64.0, 20.0)
RIGHT = Thing(Kind.FISH, Colour.BLUE, Shade.PLAIN, 1, 98.0, 64.0, 20.0)
PAIR = attributes(Scene(Backdrop(Setting.SEA), (LEFT, RIGHT), 0))


@given(SEEDS)
def test_a_keep_map_is_zero_or_one_on_the_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    keep = masks.random_keep(GRID, attributes(random_scene(rng)), rng)
    assert keep.shape == (GRID, GRID)
    assert keep.dtype == np.float32
    assert set(np.unique(keep)) <= {0.0, 1.0}
    assert (keep == 0).any()


def test_half_of_the_masks_cover_everything() -> None:
    rng = np.random.default_rng(0)
    whole = [not masks.random_keep(GRID, PAIR, rng).any() for _ in range(600)]
    assert 0.43 < np.mean(whole) < 0.57


def test_a_prompt_for_the_whole_picture_is_the_whole_truth() -> None:
    rng = np.random.default_rng(0)
    asked = masks.describe_hole(PAIR, np.zeros((GRID, GRID), np.float32), rng)
    assert np.array_equal(asked, PAIR)


def test_a_prompt_for_a_hole_names_what_the_hole_shows() -> None:
    keep = np.ones((GRID, GRID), np.float32)
    keep[:, GRID // 2 :] = 0  # the fish's half is repainted, the star stays
    rng = np.random.default_rng(0)
    answers = [masks.describe_hole(PAIR, keep, rng) for _ in range(60)]
    partial = [asked for asked in answers if not np.array_equal(asked, PAIR)]
    assert len(partial) > 20
    for asked in partial:
        assert asked[GROUPS["kind0"]].argmax() == list(Kind).index(Kind.FISH)
        assert asked[GROUPS["colour0"]].argmax() == list(Colour).index(Colour.BLUE)
        assert not asked[GROUPS["present1"]].any()


@given(SEEDS)
def test_forgotten_places_stay_consistent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    keep = masks.random_keep(GRID, PAIR, rng)
    asked = masks.describe_hole(PAIR, keep, rng)
    for slot in range(2):
        count = asked[GROUPS[f"present{slot}"]][0]
        for name in ("kind", "colour", "variant"):
            assert asked[GROUPS[f"{name}{slot}"]].sum() == count
        assert (asked[GROUPS[f"place{slot}"]].max() > 0.5) == bool(count)


def test_one_of_several_alike_is_asked_for_by_what_the_first_one_is() -> None:
    rng = np.random.default_rng(3)
    scene = random_crowd(rng, 4)
    vector = attributes(scene)
    last = scene.things[3]
    keep = np.ones((GRID, GRID), np.float32)
    keep[int(last.y) * GRID // SIDE, int(last.x) * GRID // SIDE] = 0
    answers = [masks.describe_hole(vector, keep, rng) for _ in range(40)]
    partial = [asked for asked in answers if not np.array_equal(asked, vector)]
    assert partial
    for asked in partial:
        assert asked[GROUPS["kind0"]].argmax() == list(Kind).index(last.kind)
        assert not asked[GROUPS["present1"]].any()
