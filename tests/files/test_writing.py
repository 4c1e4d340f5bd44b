"""Picture files that are written: lossless where they should be, and whole or untouched."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from studio.core.errors import PictureError
from studio.core.picture import Mode, Picture
from studio.files.pictures import encode_png, read_picture, write_picture
from studio.files.writing import FORMATS, encode, format_of
from tests.helpers.pictures import noise, pictures, recipe, smooth

LOSSY = (".jpg", ".webp", ".avif")


@given(pictures(), st.booleans())
def test_a_png_file_gives_back_every_pixel(picture: Picture, with_recipe: bool) -> None:
    content = encode_png(picture, recipe() if with_recipe else None)
    assert read_picture(content) == picture


@given(pictures(), st.booleans())
def test_a_tiff_file_gives_back_every_pixel(picture: Picture, with_recipe: bool) -> None:
    tiff = format_of(Path("x.tif"))
    assert read_picture(encode(picture, tiff, recipe() if with_recipe else None)) == picture


@pytest.mark.parametrize("suffix", LOSSY)
def test_lossy_formats_come_close(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    picture = smooth(96, 64)
    write_picture(path, picture, recipe())
    difference = np.abs(read_picture(path).rgb().astype(int) - picture.rgb())
    assert difference.mean() < 2


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif", ".avif"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_what_is_written_says_that_it_is_srgb(tmp_path: Path, suffix: str, mode: Mode) -> None:
    path = tmp_path / f"out{suffix}"
    write_picture(path, smooth(16, 16, mode))
    with Image.open(path) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert ImageCms.getProfileDescription(profile).startswith("sRGB")


def test_a_png_file_says_that_it_is_srgb_in_a_few_bytes() -> None:
    assert b"sRGB" in encode_png(noise(4, 4))


def test_equal_pictures_make_equal_files() -> None:
    for known in FORMATS:
        assert encode(smooth(16, 16), known) == encode(smooth(16, 16), known)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_a_lower_quality_makes_a_smaller_file(suffix: str) -> None:
    picture, known = noise(64, 64), format_of(Path(f"x{suffix}"))
    assert len(encode(picture, known, quality=30)) < len(encode(picture, known, quality=90))


def test_jpeg_lays_white_under_what_is_transparent(tmp_path: Path) -> None:
    clear = Picture.from_array(np.zeros((16, 16, 4), dtype=np.uint8))
    write_picture(tmp_path / "out.jpg", clear)
    assert read_picture(tmp_path / "out.jpg").rgb().min() > 250


@pytest.mark.parametrize("suffix", [".webp", ".tif", ".png"])
def test_transparency_is_kept(tmp_path: Path, suffix: str) -> None:
    picture = smooth(32, 32, "RGBA")
    write_picture(tmp_path / f"out{suffix}", picture)
    read = read_picture(tmp_path / f"out{suffix}")
    assert np.array_equal(read.rgba()[..., 3], picture.rgba()[..., 3])


@pytest.mark.parametrize("name", ["out.xyz", "out", "out.png.txt"])
def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(PictureError, match=r"\.png, \.jpg, \.webp"):
        write_picture(tmp_path / name, noise(4, 4))
    assert list(tmp_path.iterdir()) == []


def test_the_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    write_picture(tmp_path / "OUT.PNG", noise(4, 4))
    assert read_picture(tmp_path / "OUT.PNG") == noise(4, 4)


def test_a_picture_too_wide_for_webp_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="at most 16383"):
        write_picture(tmp_path / "out.webp", noise(16_384, 1, "L"))


def test_every_format_is_found_by_each_of_its_suffixes() -> None:
    for known in FORMATS:
        for suffix in known.suffixes:
            assert format_of(Path(f"x{suffix}")) is known


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing/out.png", "the folder does not exist"),
        ("n" * 300 + ".png", "the name is too long"),
        ("file.txt/out.png", "a part of the path is not a folder"),
        ("folder.png", "there is a folder of that name"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_with_the_reason(
    tmp_path: Path, path: str, said: str
) -> None:
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PictureError, match=said):
        write_picture(tmp_path / path, noise(4, 4))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "out.png"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    owner = os if step == "fsync" else Path
    monkeypatch.setattr(owner, step, full)
    with pytest.raises(PictureError, match="the disk is full"):
        write_picture(path, noise(4, 4))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
