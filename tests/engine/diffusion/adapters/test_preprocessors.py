"""What ControlNets read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.picture import Pixels
from studio.engine.diffusion.adapters.preprocessors import (
    PREPROCESSORS,
    canny,
    invert,
    scribble,
    tile,
)


def halves(left: int, right: int) -> Pixels:
    """A picture of two greys that meet at its middle."""
    pixels = np.full((40, 60, 3), left, np.uint8)
    pixels[:, 30:] = right
    return pixels


@given(
    name=st.sampled_from(sorted(PREPROCESSORS)),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_size_and_kind_stay_and_the_picture_is_left_alone(
    name: str, height: int, width: int, seed: int
) -> None:
    given_pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    before = given_pixels.copy()
    prepared = PREPROCESSORS[name](given_pixels)
    assert prepared.shape == given_pixels.shape
    assert prepared.dtype == np.uint8
    assert np.array_equal(given_pixels, before)


@pytest.mark.parametrize("preprocessor", [canny, scribble])
def test_a_plain_picture_has_no_lines(preprocessor: object) -> None:
    assert callable(preprocessor)
    assert not preprocessor(halves(90, 90)).any()


def test_an_edge_is_a_thin_white_line_where_two_greys_meet() -> None:
    found = canny(halves(20, 230))[..., 0]
    columns = np.flatnonzero(found.any(axis=0))
    assert set(columns) <= {29, 30}
    assert (found[5:-5, columns[0]] == 255).all()


def test_a_stroke_lies_on_the_darker_side_and_is_broader() -> None:
    found = scribble(halves(20, 230))[20, :, 0] > 0
    assert found[28]
    assert not found[31:].any()
    assert found.sum() > 1


def test_what_is_fine_is_gone_from_afar_and_what_is_broad_stays() -> None:
    y, x = np.indices((40, 60))
    board = np.repeat(((x + y) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)
    assert np.ptp(tile(board).astype(int)) <= 2
    broad = tile(halves(20, 230))
    assert abs(int(broad[20, 5, 0]) - 20) <= 2
    assert abs(int(broad[20, 55, 0]) - 230) <= 2


def test_inverting_twice_is_nothing() -> None:
    drawing = halves(0, 255)
    assert invert(drawing)[0, 0, 0] == 255
    assert np.array_equal(invert(invert(drawing)), drawing)
