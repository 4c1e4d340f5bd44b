"""HEIF pictures, of which ``orange.heic`` is one: 32x16 pixels, to be turned by a quarter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import PictureError
from studio.files import heif
from studio.files.pictures import load_picture, read_picture, write_picture
from tests.helpers.pictures import recipe, smooth

SAMPLE = Path(__file__).parent / "orange.heic"


def test_a_picture_is_read_upright() -> None:
    pixels = read_picture(SAMPLE).rgb().astype(int)
    assert pixels.shape == (32, 16, 3)
    assert np.abs(pixels[2, 2] - (10, 20, 200)).max() < 8
    assert np.abs(pixels[-3, -3] - (250, 120, 10)).max() < 8


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 826), st.integers(0, 255), st.integers(1, 827))
def test_damage_anywhere_gives_a_picture_or_a_sentence(place: int, value: int, length: int) -> None:
    content = bytearray(SAMPLE.read_bytes())
    content[place] = value
    try:
        picture = read_picture(bytes(content[:length]))
    except PictureError as error:
        assert error.message
    else:
        assert picture.width > 0


@pytest.mark.skipif(heif.CAN_WRITE, reason="pillow-heif is installed here")
@pytest.mark.parametrize("suffix", heif.SUFFIXES)
def test_writing_names_what_it_takes(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(PictureError, match=r"pillow-heif.*\.avif"):
        write_picture(tmp_path / f"out{suffix}", smooth(8, 8))


@pytest.mark.skipif(not heif.CAN_WRITE, reason="needs pillow-heif, which is no part of Sfumato")
def test_what_was_written_is_read(tmp_path: Path) -> None:
    picture, path, made = smooth(96, 64), tmp_path / "out.heic", recipe()
    write_picture(path, picture, made)
    loaded = load_picture(path)
    assert np.abs(loaded.picture.rgb().astype(int) - picture.rgb()).mean() < 2
    assert loaded.recipe == made
