from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from studio.core.errors import RequestError
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Picture
from studio.generation import preparation as module
from studio.generation.preparation import (
    MAX_ASPECT,
    model_extent,
    prepare_for_model,
    restore_size,
    shrunk_mask,
)
from tests.helpers.editing import scenery
from tests.helpers.pictures import noise

GRIDS = st.sampled_from([8, 16, 32, 64])
NATIVES = st.sampled_from([64, 128, 512, 1024])


def blank_mask(extent: Extent) -> Picture:
    return Picture.from_array(np.zeros((extent.height, extent.width), np.uint8))


def test_the_example_holds() -> None:
    assert doctest.testmod(module).failed == 0


@given(st.integers(1, 4096), st.integers(1, 4096), NATIVES, GRIDS)
def test_the_model_works_on_its_grid_near_its_native_area(
    width: int, height: int, native: int, grid: int
) -> None:
    assume(native >= 2 * grid)
    size = model_extent(Extent(width, height), native, grid)
    assert size.width % grid == 0 and size.height % grid == 0
    assert 0.4 < size.area / native**2 < 2.1
    assert size.longest / size.shortest <= 2 * MAX_ASPECT


@given(st.integers(256, 4096), st.integers(256, 4096))
def test_a_fine_grid_keeps_the_shape(width: int, height: int) -> None:
    size = model_extent(Extent(width, height), 512, 8)
    wanted = min(max(width / height, 1 / MAX_ASPECT), MAX_ASPECT)
    assert size.aspect == pytest.approx(wanted, rel=0.05)


@limits(max_examples=60, deadline=None)
@given(st.integers(16, 200), st.integers(16, 200), st.sampled_from([64, 96]), GRIDS)
def test_the_content_lies_inside_and_keeps_its_shape(
    width: int, height: int, native: int, grid: int
) -> None:
    picture = noise(width, height)
    prepared = prepare_for_model(picture, blank_mask(picture.extent), native, grid)
    assert Bounds.of(prepared.picture.extent).contains(prepared.content)
    assert prepared.picture.mode == "RGB" and prepared.mask.mode == "L"
    assert prepared.picture.extent == prepared.mask.extent
    across = prepared.content.width / width
    down = prepared.content.height / height
    slack = 1 / width + 1 / height + 1 / prepared.content.width + 1 / prepared.content.height
    assert max(across, down) / min(across, down) <= 1.06 * (1 + slack)


def test_a_picture_that_nearly_fits_is_padded_and_not_scaled() -> None:
    picture = noise(500, 490)
    prepared = prepare_for_model(picture, blank_mask(picture.extent), 512, 64)
    content = prepared.content
    assert content.extent == picture.extent
    window = prepared.picture.array()[content.y : content.bottom, content.x : content.right]
    assert np.array_equal(window, picture.array())


@pytest.mark.parametrize("zoom", [1, 2])
def test_the_answer_comes_back_at_the_sources_size(zoom: int) -> None:
    picture = scenery(Extent(150, 90))
    prepared = prepare_for_model(picture, blank_mask(picture.extent), 128, 64)
    enlarged = np.repeat(np.repeat(prepared.picture.array(), zoom, axis=0), zoom, axis=1)
    back = restore_size(Picture.from_array(enlarged), prepared)
    assert back.shape == (90, 150, 3)
    assert np.abs(back - picture.array()).mean() < 3


def test_shrinking_never_mixes_unknown_colours_into_known_ones() -> None:
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[..., :3] = (255, 0, 255)
    pixels[:, :101] = (10, 200, 30, 255)
    source = Picture.from_array(pixels)
    mask = Picture.from_array(255 - pixels[..., 3])
    prepared = prepare_for_model(source, mask, 64, 8)
    assert np.abs(prepared.picture.array().astype(int) - (10, 200, 30)).max() <= 1


@limits(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.data())
def test_a_single_masked_pixel_survives_any_scaling(
    width: int, height: int, new_width: int, new_height: int, data: st.DataObject
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    mask = np.zeros((height, width), np.uint8)
    mask[y, x] = 200
    shrunk = shrunk_mask(mask, Extent(min(width, new_width), min(height, new_height)))
    assert shrunk.max() == 200


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(RequestError, match="make the mask as large as the picture"):
        prepare_for_model(noise(64, 64), blank_mask(Extent(32, 64)), 64, 8)
