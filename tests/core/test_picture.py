from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import PictureError
from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels


@st.composite
def pixel_blocks(draw: st.DrawFn) -> Pixels:
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    channels = draw(st.sampled_from([(), (3,), (4,)]))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (height, width, *channels), dtype=np.uint8)


@given(pixel_blocks())
def test_pixels_come_back_as_they_went_in(pixels: Pixels) -> None:
    picture = Picture.from_array(pixels)
    assert np.array_equal(picture.array(), pixels)
    assert picture.extent == Extent(pixels.shape[1], pixels.shape[0])


@given(pixel_blocks())
def test_it_survives_the_journey_through_messagepack(pixels: Pixels) -> None:
    picture = Picture.from_array(pixels)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(picture), type=Picture) == picture


@given(pixel_blocks())
def test_rgba_adds_full_opacity_where_there_is_no_alpha(pixels: Pixels) -> None:
    picture = Picture.from_array(pixels)
    rgba = picture.rgba()
    assert rgba.shape == (*pixels.shape[:2], 4)
    assert np.array_equal(rgba[..., :3], picture.rgb())
    if picture.mode != "RGBA":
        assert (rgba[..., 3] == 255).all()


def test_the_digest_tells_apart_sizes_with_the_same_bytes() -> None:
    wide = Picture(width=4, height=1, mode="L", data=bytes(4))
    high = Picture(width=1, height=4, mode="L", data=bytes(4))
    assert wide.digest != high.digest
    assert wide.digest == Picture(width=4, height=1, mode="L", data=bytes(4)).digest


def test_its_pixels_cannot_be_changed() -> None:
    picture = Picture.from_array(np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ValueError):
        picture.array()[0, 0, 0] = 1


@pytest.mark.parametrize(("width", "height", "size"), [(2, 2, 11), (0, 2, 0), (2, -1, 0)])
def test_bytes_that_do_not_fit_the_size_are_refused(width: int, height: int, size: int) -> None:
    with pytest.raises(PictureError, match="needs"):
        Picture(width=width, height=height, mode="RGB", data=bytes(size))
