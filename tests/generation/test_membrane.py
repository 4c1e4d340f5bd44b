from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from studio.generation import membrane as module
from studio.generation.membrane import Flags, membrane


def ring(side: int) -> Flags:
    fixed = np.zeros((side, side), np.bool_)
    fixed[[0, -1], :] = fixed[:, [0, -1]] = True
    return fixed


def test_the_example_holds() -> None:
    assert doctest.testmod(module).failed == 0


@limits(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    seed=st.integers(0, 999),
    share=st.floats(0.01, 1),
)
def test_it_goes_through_its_fixed_pixels_and_never_beyond_their_range(
    width: int, height: int, seed: int, share: float
) -> None:
    generator = np.random.default_rng(seed)
    values = generator.normal(0, 50, (height, width, 2)).astype(np.float32)
    fixed = generator.random((height, width)) < share
    fixed[0, 0] = True
    surface = membrane(values, fixed)
    assert np.allclose(surface[fixed], values[fixed])
    for channel in range(2):
        held = values[..., channel][fixed]
        assert surface[..., channel].min() >= held.min() - 1e-3
        assert surface[..., channel].max() <= held.max() + 1e-3


def test_one_value_all_around_is_that_value_inside() -> None:
    surface = membrane(np.full((100, 100, 3), 7, np.float32), ring(100))
    assert np.allclose(surface, 7, atol=1e-4)


def test_a_slope_is_continued_inside() -> None:
    slope = np.tile(np.arange(96, dtype=np.float32), (96, 1))[..., None]
    assert np.abs(membrane(slope, ring(96)) - slope).max() < 4


def test_what_alternates_along_the_border_dies_out_within_some_pixels() -> None:
    values = np.zeros((64, 64, 1), np.float32)
    values[::2, 0] = 10
    values[1::2, 0] = -10
    surface = membrane(values, ring(64))
    assert np.abs(surface[8:56, 6:]).max() < 0.5


def test_a_screened_one_sinks_by_e_over_its_reach() -> None:
    values = np.zeros((64, 64, 1), np.float32)
    values[:, 0] = 100
    fixed = np.zeros((64, 64), np.bool_)
    fixed[:, 0] = True
    surface = membrane(values, fixed, reach=6)[32, :, 0]
    assert surface[6] == pytest.approx(100 / math.e, rel=0.1)
    assert surface[40] < 1


def test_with_nothing_fixed_it_is_flat() -> None:
    assert not membrane(np.ones((8, 9, 3), np.float32), np.zeros((8, 9), np.bool_)).any()
