from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from studio.core.packing import pack, unpack
from studio.core.picture import Pixels

PIXELS = st.sampled_from([(8, 8), (5, 7, 4), (1, 1, 4)]).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


@given(PIXELS)
def test_pixels_come_back_as_they_were(pixels: Pixels) -> None:
    assert (unpack(pack(pixels), pixels.shape) == pixels).all()


def test_what_comes_back_is_not_to_be_written() -> None:
    pixels = unpack(pack(np.zeros((4, 4), np.uint8)), (4, 4))
    assert not pixels.flags.writeable


@pytest.mark.parametrize("shape", [(4, 5), (3, 4), (64, 64, 4)])
def test_pixels_of_another_size_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"damaged|reshape"):
        unpack(pack(np.ones((4, 4), np.uint8)), shape)


@given(st.binary(max_size=200))
def test_nonsense_is_refused_or_has_the_right_size(data: bytes) -> None:
    try:
        pixels = unpack(data, (4, 4))
    except ValueError:
        return
    assert pixels.shape == (4, 4)
