"""Whatever pixels a file holds become 8-bit sRGB with straight alpha."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.files.pictures import read_picture
from tests.helpers.pictures import file_content, noise


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("1", "L"), ("L", "L"), ("P", "RGB"), ("LA", "RGBA"), ("RGB", "RGB"), ("RGBA", "RGBA")],
)
def test_each_mode_of_png_becomes_one_of_ours(mode: str, expected: str) -> None:
    pixels = noise(9, 7, "RGBA" if mode in {"LA", "RGBA"} else "RGB").array()
    image = Image.fromarray(pixels).convert(mode)
    picture = read_picture(file_content(image))
    assert picture.mode == expected
    assert np.array_equal(picture.rgba(), np.asarray(image.convert("RGBA")))


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_and_not_clipped(file_format: str) -> None:
    deep = np.linspace(0, 65535, 256, dtype=np.uint16)[None].repeat(3, axis=0)
    picture = read_picture(file_content(Image.fromarray(deep), file_format))
    assert picture.mode == "L"
    assert picture.array()[0].tolist() == list(range(256))


def test_16_bit_colour_is_scaled_and_not_clipped() -> None:
    deep = np.zeros((1, 256, 3), dtype=np.uint16)
    deep[..., 2] = np.arange(256) * 257
    done, encoded = cv2.imencode(".png", deep)
    assert done
    red = read_picture(encoded.tobytes()).array()[0, :, 0]
    assert red.tolist() == list(range(256))


def test_floats_from_zero_to_one_fill_the_range() -> None:
    values = np.array([[0.0, 0.5, 1.0, np.nan]], dtype=np.float32)
    picture = read_picture(file_content(Image.fromarray(values), "TIFF"))
    assert picture.array()[0].tolist() == [0, 128, 255, 0]


def test_cmyk_becomes_colour() -> None:
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = read_picture(file_content(image, "JPEG", quality=100)).array()[4, 4]
    assert red[0] > 200
    assert red[1:].max() < 60


def test_a_palette_with_a_transparent_entry_keeps_it() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    picture = read_picture(file_content(image, "PNG", transparency=1))
    assert picture.array().tolist() == [[[255, 0, 0, 255], [0, 255, 0, 0]]]


def test_a_colour_key_becomes_alpha() -> None:
    image = Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], dtype=np.uint8))
    picture = read_picture(file_content(image, "PNG", transparency=(4, 5, 6)))
    assert picture.array()[..., 3].tolist() == [[255, 0]]


def test_a_colour_profile_is_converted_to_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))
    for old, new in ((b"rXYZ", b"?"), (b"gXYZ", b"rXYZ"), (b"?", b"gXYZ")):
        swapped = swapped.replace(old, new)
    red = Image.new("RGBA", (2, 2), (255, 0, 0, 9))
    assert read_picture(file_content(red, icc_profile=swapped)).array()[0, 0].tolist() == [
        0,
        255,
        0,
        9,
    ]


def test_lab_becomes_colour() -> None:
    image = Image.new("LAB", (2, 2), (137, 208, 195))
    red = read_picture(file_content(image, "TIFF")).array()[0, 0]
    assert red[0] > 240
    assert red[1:].max() < 40


def test_an_srgb_profile_changes_no_pixel() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = noise(16, 16)
    assert read_picture(file_content(Image.fromarray(picture.array()), icc_profile=srgb)) == picture


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_senseless_profile_is_ignored(mode: str) -> None:
    picture = noise(8, 8, mode)  # type: ignore[arg-type]
    image = Image.fromarray(picture.array())
    assert read_picture(file_content(image, icc_profile=b"nonsense")) == picture
