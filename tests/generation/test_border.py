from __future__ import annotations

import numpy as np
import pytest

from studio.generation.border import Border, grown, mean_nearby

SIDE = 40


def left_half() -> Border:
    sure = np.zeros((SIDE, SIDE), np.bool_)
    sure[:, : SIDE // 2] = True
    return Border(sure)


def test_the_border_runs_between_the_pixels() -> None:
    assert left_half().depth[7, 17:23].tolist() == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]


def test_behind_the_border_lies_the_mirror_image() -> None:
    pixels = np.random.default_rng(0).uniform(0, 255, (SIDE, SIDE, 3)).astype(np.float32)
    mirrored = left_half().mirrored(pixels)
    half = SIDE // 2
    expected = pixels[:, half - 8 : half][:, ::-1]
    assert mirrored[4:-4, half : half + 8] == pytest.approx(expected[4:-4], abs=0.5)


def test_the_mirror_shows_nothing_that_is_not_sure() -> None:
    sure = np.zeros((SIDE, SIDE), np.bool_)
    sure[:, 18:20] = True
    mirrored = Border(sure).mirrored(np.full((SIDE, SIDE, 3), 9, np.float32))
    assert not mirrored[:, 25:].any()
    assert mirrored[20, 20] == pytest.approx(9)


def test_a_mean_counts_only_what_it_is_told_to() -> None:
    pixels = np.full((SIDE, SIDE, 1), 1000, np.float32)
    where = np.zeros((SIDE, SIDE), np.bool_)
    where[10:20, 10:20] = True
    pixels[where] = 3
    assert mean_nearby(pixels, where, 4)[25, 25] == pytest.approx(3)


def test_growing_reaches_diagonally() -> None:
    dot = np.zeros((9, 9), np.bool_)
    dot[4, 4] = True
    assert np.count_nonzero(grown(dot, 2)) == 25
