"""Pixels as planes and back, and masks as latent cells."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.core.picture import Picture, Pixels
from studio.engine.diffusion.latents.planes import as_pixels, as_planes, cells_to_change
from tests.helpers.machines import CPU

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(3))


@given(arrays.arrays(np.uint8, SIZES))
def test_planes_lead_back_to_the_same_pixels(pixels: Pixels) -> None:
    planes = as_planes(pixels, CPU)
    assert planes.shape == (1, 3, *pixels.shape[:2])
    assert np.array_equal(as_pixels(planes[0]), pixels)


def test_planes_reach_from_black_to_white() -> None:
    pixels = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    assert as_planes(pixels, CPU)[0, 0].tolist() == [[-1, 1]]


def test_what_is_brighter_than_white_is_white() -> None:
    assert as_pixels(torch.full((3, 1, 1), 1.5)).max() == 255


@pytest.mark.parametrize("value", [1, 128, 255])
def test_a_masked_pixel_changes_its_cell_and_all_around(value: int) -> None:
    mask = np.zeros((40, 48), np.uint8)
    mask[17, 25] = value
    expected = np.zeros((5, 6), np.float32)
    expected[1:4, 2:5] = np.float32(value) / np.float32(255)
    assert np.array_equal(cells_to_change(Picture.from_array(mask), 8), expected)
