"""Reading whatever people have: modes, depths, orientations, limits and damage."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.errors import PictureError
from studio.core.picture import Picture
from studio.files.pictures import load_picture, read_mask, read_picture, read_recipe
from studio.files.writing import encode, format_of
from tests.helpers.pictures import file_content, noise, recipe, smooth


def png_header(width: int, height: int) -> bytes:
    """A PNG file that claims a size and holds hardly a pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_the_picture_upright(orientation: int) -> None:
    stored = smooth(24, 16)
    tags = Image.Exif()
    tags[0x0112] = orientation
    picture = read_picture(file_content(Image.fromarray(stored.array()), "PNG", exif=tags))
    turns = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: np.swapaxes(a, 0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(np.swapaxes(a, 0, 1), 2),
        8: lambda a: np.rot90(a, 1),
    }
    assert np.array_equal(picture.array(), turns[orientation](stored.array()))


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_used_and_told(file_format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if file_format == "WEBP" else {}
    data = file_content(
        frames[0], file_format, save_all=True, append_images=frames[1:], duration=100, **options
    )
    loaded = load_picture(data)
    assert loaded.picture.rgb()[0, 0].tolist() == [255, 0, 0]
    assert loaded.notes == ("The picture is animated: its first frame is used.",)


def test_a_still_picture_has_nothing_to_be_told() -> None:
    assert load_picture(file_content(Image.new("RGB", (4, 4)))).notes == ()


@pytest.mark.parametrize("size", [(16_385, 1), (1, 16_385), (100_000, 100_000), (12_500, 12_500)])
def test_a_picture_over_the_limits_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="the limit is 16384 a side and 150 million"):
        read_picture(png_header(*size))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".avif"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_truncated_file_is_refused_with_a_sentence(suffix: str, part: float) -> None:
    whole = encode(noise(64, 64), format_of(Path(f"x{suffix}")))
    with pytest.raises(PictureError, match=r"damaged or cut off|is not a picture"):
        read_picture(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("data", [b"hello", b"<svg/>", b"PK\3\4", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(PictureError, match=r"^The picture is .*\.$"):
        read_picture(data)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    for path, said in [
        (tmp_path / "none.png", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "empty.png", "is empty"),
        (Path(os.devnull), "is no ordinary file"),
    ]:
        with pytest.raises(PictureError, match=said) as caught:
            read_picture(path)
        assert str(path) in caught.value.message


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150)
@given(st.data())
def test_damage_anywhere_gives_a_picture_or_a_sentence(data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from([".png", ".jpg", ".webp", ".tif"]))
    whole = bytearray(encode(smooth(24, 24), format_of(Path(f"x{suffix}")), recipe()))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert read_picture(bytes(whole)).data
    except PictureError as error:
        assert error.message.endswith(".")


def test_reading_a_recipe_decodes_no_pixels(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(encode(noise(64, 64), format_of(path), recipe())[:4000])
    assert read_recipe(path) == recipe(created=read_recipe(path).created)  # type: ignore[union-attr]


@given(st.sampled_from(["L", "RGB"]), st.integers(0, 255))
def test_a_mask_without_alpha_repaints_what_is_white(mode: str, level: int) -> None:
    mask = read_mask(file_content(Image.new(mode, (3, 2), (level,) * len(mode))))
    assert mask.mode == "L"
    assert np.all(mask.array() == level)


@given(st.integers(0, 254))
def test_a_mask_with_alpha_repaints_what_is_transparent(alpha: int) -> None:
    pixels = np.full((2, 3, 4), 255, dtype=np.uint8)
    pixels[0, 0, 3] = alpha
    mask = read_mask(encode(Picture.from_array(pixels), format_of(Path("m.png"))))
    expected = np.zeros((2, 3), dtype=np.uint8)
    expected[0, 0] = 255 - alpha
    assert np.array_equal(mask.array(), expected)


def test_a_mask_whose_alpha_hides_nothing_repaints_what_is_white() -> None:
    image = Image.new("RGBA", (2, 1), "black")
    image.putpixel((1, 0), (255, 255, 255, 255))
    assert read_mask(file_content(image)).array().tolist() == [[0, 255]]


@pytest.mark.outside
def test_photographs_and_masks_of_other_programs_are_read(outside: Path) -> None:
    files = sorted((outside / "photos").glob("*.*"))
    assert files
    for path in files:
        loaded = load_picture(path)
        assert loaded.notes == ()
        assert loaded.recipe is None
    for path in (outside / "photos").glob("*_mask.png"):
        mask, photo = read_mask(path), read_picture(path.with_name(path.name.replace("_mask", "")))
        assert mask.extent == photo.extent
        assert {0, 255} <= set(np.unique(mask.array()).tolist())
