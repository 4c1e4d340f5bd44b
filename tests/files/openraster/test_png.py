from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.files.openraster import png
from studio.files.openraster.png import png_pieces, read_header, read_strips
from tests.helpers.pictures import file_content

SHAPES = {1: (), 3: (3,), 4: (4,)}


def written(pixels: Pixels, step: int) -> bytes:
    extent = Extent(pixels.shape[1], pixels.shape[0])
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    strips = (pixels[top : top + step] for top in range(0, extent.height, step))
    return b"".join(png_pieces(extent, channels, strips))


def reread(content: bytes) -> Pixels | None:
    file = io.BytesIO(content)
    strips = read_strips(file, read_header(file))
    return None if strips is None else np.concatenate(list(strips))


def noise(extent: Extent, channels: int, seed: int) -> Pixels:
    generator = np.random.default_rng(seed)
    shape = (extent.height, extent.width, *SHAPES[channels])
    return generator.integers(0, 256, shape, dtype=np.uint8)


@given(
    st.builds(Extent, st.integers(1, 40), st.integers(1, 60)),
    st.sampled_from((1, 3, 4)),
    st.integers(1, 70),
    st.integers(0, 99),
)
def test_pillow_reads_what_was_written_and_so_do_we(
    extent: Extent, channels: int, step: int, seed: int
) -> None:
    pixels = noise(extent, channels, seed)
    content = written(pixels, step)
    with Image.open(io.BytesIO(content)) as image:
        assert (np.asarray(image) == pixels).all()
    ours = reread(content)
    assert ours is not None
    assert (ours.reshape(pixels.shape) == pixels).all()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_strips_of_other_programs_files_meet_without_a_seam(
    mode: str, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(png, "STRIP_BYTES", 900)
    image = Image.effect_mandelbrot((60, 50), (-2, -1, 1, 1), 50).convert(mode)
    ours = reread(file_content(image, compress_level=level))
    assert ours is not None
    assert (ours.reshape(50, 60, -1) == np.asarray(image).reshape(50, 60, -1)).all()


def test_what_needs_more_than_plain_decoding_is_left_to_others() -> None:
    key = file_content(Image.new("RGB", (4, 4)), transparency=(1, 2, 3))
    assert reread(key) is None
    profile = file_content(Image.new("RGB", (4, 4)), icc_profile=b"profile")
    assert reread(profile) is None
    for mode in ("P", "1", "I;16"):
        assert not read_header(io.BytesIO(file_content(Image.new(mode, (4, 4))))).is_plain


def test_a_file_that_is_cut_off_is_an_error_among_its_pixels() -> None:
    content = written(noise(Extent(9, 30), 3, 0), 4)
    errors = (ValueError, OSError, zlib.error, struct.error)
    for length in range(len(content) - 40):
        with pytest.raises(errors):
            reread(content[:length])


def test_no_more_is_inflated_than_the_header_says() -> None:
    content = written(np.zeros((4000, 100, 4), dtype=np.uint8), 4000)
    small = content[:20] + (3).to_bytes(4, "big") + content[24:]
    ours = reread(small)
    assert ours is not None
    assert ours.shape == (3, 100, 4)
