"""Backdrops: whole, proportional, and recognisably of their colour."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.training.world.backdrops import Canvas, is_very_dark, paint_backdrop
from studio.training.world.palette import INK, RGB, Colour
from studio.training.world.scene import COLOURED, Backdrop, Setting

BACKDROPS = [
    *(Backdrop(setting, colour) for setting in COLOURED for colour in Colour),
    *(Backdrop(setting) for setting in Setting if setting not in COLOURED),
]


def plain(rgb: RGB) -> RGB:
    return rgb


def painted(backdrop: Backdrop, seed: int = 0, side: int = 384) -> Canvas:
    canvas = np.full((side, side, 3), 77, dtype=np.uint8)
    paint_backdrop(canvas, backdrop, np.random.default_rng(seed), plain)
    return canvas


@pytest.mark.parametrize("backdrop", BACKDROPS)
def test_a_backdrop_is_the_same_at_every_side(backdrop: Backdrop) -> None:
    for seed in range(4):
        small, large = painted(backdrop, seed, 128), painted(backdrop, seed, 512)
        shrunk = cv2.resize(large, (128, 128), interpolation=cv2.INTER_AREA)
        assert np.abs(shrunk.astype(float) - small).mean() < 4


@pytest.mark.parametrize("colour", Colour)
def test_a_gradient_runs_but_stays_nearest_to_its_colour(colour: Colour) -> None:
    inks = np.array([INK[one] for one in Colour], dtype=float)
    for seed in range(12):
        canvas = painted(Backdrop(Setting.GRADIENT, colour), seed)
        corners = canvas[[0, 0, -1, -1], [0, -1, 0, -1]].astype(float)
        assert np.ptp(corners.mean(axis=1)) > 20
        mean = canvas.mean(axis=(0, 1))
        nearest = np.linalg.norm(inks - mean, axis=1).argmin()
        assert tuple(Colour)[nearest] is colour


def test_a_gradient_sometimes_leans() -> None:
    pictures = [painted(Backdrop(Setting.GRADIENT, Colour.BLUE), seed) for seed in range(12)]
    leaning = [not np.array_equal(picture[:, 0], picture[:, -1]) for picture in pictures]
    assert any(leaning)
    assert not all(leaning)


def test_every_ink_passes_through_the_tone() -> None:
    for backdrop in BACKDROPS:
        canvas = np.full((96, 96, 3), 77, dtype=np.uint8)
        paint_backdrop(canvas, backdrop, np.random.default_rng(1), lambda rgb: (1, 2, 3))
        assert (canvas == (1, 2, 3)).all()


def test_black_sheets_and_the_night_are_very_dark() -> None:
    for backdrop in BACKDROPS:
        assert is_very_dark(backdrop) == (painted(backdrop).mean() < 70)
