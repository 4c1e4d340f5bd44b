"""Drawings of kinds: each in its unit square, in its own colour, and unlike all others."""

from __future__ import annotations

import numpy as np
import pytest

from studio.training.world.draw import draw_scene
from studio.training.world.kinds import parts_of
from studio.training.world.palette import INK, Colour, Shade
from studio.training.world.scene import VARIANTS, Backdrop, Kind, Scene, Setting, Thing

SHEET = Backdrop(Setting.PLAIN, Colour.WHITE)


def drawn(kind: Kind, variant: int) -> np.ndarray:
    thing = Thing(kind, Colour.BLUE, Shade.PLAIN, variant, 64.0, 64.0, 40.0)
    return draw_scene(Scene(SHEET, (thing,), 7))


@pytest.mark.parametrize("kind", Kind)
def test_parts_stay_near_the_unit_square(kind: Kind) -> None:
    for variant in range(VARIANTS):
        for part in parts_of(kind, variant):
            assert np.abs(part.points).max() <= 1.15


@pytest.mark.parametrize("kind", Kind)
def test_every_variant_looks_different_and_shows_its_colour(kind: Kind) -> None:
    pictures = [drawn(kind, variant) for variant in range(VARIANTS)]
    for picture in pictures:
        near = np.abs(picture.astype(int) - np.array(INK[Colour.BLUE])).max(axis=2) < 40
        assert near.mean() > 0.03
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 0.4


def test_no_two_kinds_look_alike() -> None:
    pictures = {(kind, v): drawn(kind, v).astype(int) for kind in Kind for v in range(VARIANTS)}
    for (kind, _), picture in pictures.items():
        for (other, _), another in pictures.items():
            if other is not kind:
                assert np.abs(picture - another).mean() > 2, (kind, other)
