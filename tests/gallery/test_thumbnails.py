"""Thumbnails are small, made when they are asked for, and then kept."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from studio.core.errors import GalleryError
from studio.core.picture import Picture
from studio.files.pictures import read_picture
from studio.gallery.store import Gallery
from tests.helpers.disks import full_disk
from tests.helpers.pictures import noise, recipe


def opened(thumbnail: bytes) -> Image.Image:
    return Image.open(io.BytesIO(thumbnail))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_thumbnails_are_small_and_made_once(gallery: Gallery, mode: str) -> None:
    entry = gallery.add(noise(600, 300, mode), recipe())  # type: ignore[arg-type]
    assert gallery.thumbnails.cached(entry) is None
    made = gallery.thumbnails.read(entry)
    assert opened(made).size == (256, 128)
    path = gallery.thumbnails.cached(entry)
    assert path is not None
    written = path.stat().st_mtime_ns
    assert gallery.thumbnails.read(entry) == path.read_bytes() == made
    assert path.stat().st_mtime_ns == written


def test_a_small_picture_is_its_own_thumbnail(gallery: Gallery) -> None:
    picture: Picture = noise(30, 20)
    entry = gallery.add(picture, recipe())
    gallery.thumbnails.read(entry)
    path = gallery.thumbnails.cached(entry)
    assert path is not None
    assert read_picture(path) == picture


def test_a_thumbnail_of_a_vanished_picture_is_a_sentence(gallery: Gallery) -> None:
    entry = gallery.add(noise(4, 4), recipe())
    entry.path.unlink()
    with pytest.raises(GalleryError, match="No thumbnail"):
        gallery.thumbnails.read(entry)


@pytest.mark.parametrize("kept", [0, 20, 60, 200])
def test_a_thumbnail_of_a_damaged_picture_is_a_sentence(gallery: Gallery, kept: int) -> None:
    entry = gallery.add(noise(64, 64), recipe())
    entry.path.write_bytes(entry.path.read_bytes()[:kept])
    with pytest.raises(GalleryError, match="No thumbnail"):
        gallery.thumbnails.read(entry)
    assert gallery.thumbnails.cached(entry) is None


def test_no_picture_is_too_large(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = gallery.add(noise(40, 40), recipe())
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert opened(gallery.thumbnails.read(entry)).size == (40, 40)


def test_a_full_disk_is_no_reason_to_show_nothing(gallery: Gallery) -> None:
    entry = gallery.add(noise(600, 300), recipe())
    with full_disk(0):
        made = gallery.thumbnails.read(entry)
    assert opened(made).size == (256, 128)
    assert gallery.thumbnails.cached(entry) is None
