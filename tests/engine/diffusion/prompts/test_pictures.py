from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Extent
from studio.core.picture import Picture
from studio.engine.diffusion.prompts.pictures import covering, extent_of, of_area, on_white, scaled
from tests.helpers.engine_runs import shaded

SIDES = st.integers(1, 8000)


@given(SIDES, SIDES, st.sampled_from([64**2, 384**2, 1024**2]), st.sampled_from([16, 32]))
def test_sides_are_multiples_of_the_grid_and_as_near_as_it_allows(
    width: int, height: int, area: int, grid: int
) -> None:
    found = of_area(Extent(width, height), area, grid)
    assert found.width % grid == found.height % grid == 0
    assert min(found) >= grid
    for side, other, ideal in (
        (found.width, found.height, (area * width / height) ** 0.5),
        (found.height, found.width, (area * height / width) ** 0.5),
    ):
        assert abs(side - ideal) <= grid / 2 + 1e-6 or min(side, other) == grid


def test_a_picture_of_that_size_is_left_alone() -> None:
    pixels = shaded(40, 24).rgb()
    assert extent_of(pixels) == Extent(40, 24)
    assert scaled(pixels, Extent(40, 24)) is pixels


def test_a_scaled_picture_keeps_its_colours() -> None:
    pixels = shaded(90, 60).rgb()
    small = scaled(pixels, Extent(32, 16))
    assert small.shape == (16, 32, 3) and small.dtype == np.uint8
    assert np.abs(small.mean(axis=(0, 1)) - pixels.mean(axis=(0, 1))).max() < 2


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
def test_what_covers_an_extent_is_as_large(
    width: int, height: int, wanted_width: int, wanted_height: int
) -> None:
    extent = Extent(wanted_width, wanted_height)
    assert extent_of(covering(shaded(width, height).rgb(), extent)) == extent


def test_what_covers_an_extent_is_cut_around_its_middle() -> None:
    pixels = shaded(90, 60).rgb()
    assert np.array_equal(covering(pixels, Extent(60, 60)), pixels[:, 15:75])


def test_transparent_pixels_are_white_and_half_clear_ones_paler() -> None:
    pixels = np.array([[[9, 9, 9, 0], [0, 0, 0, 51], [9, 9, 9, 255]]], np.uint8)
    assert on_white(Picture.from_array(pixels))[0, :, 0].tolist() == [255, 204, 9]
