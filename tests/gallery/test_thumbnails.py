"""Thumbnails are small, made when they are asked for, and then kept."""

from __future__ import annotations

import pytest
from PIL import Image

from studio.core.errors import GalleryError
from studio.core.picture import Picture
from studio.files.pictures import read_picture
from studio.gallery.store import Gallery
from tests.helpers.pictures import noise, recipe


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_thumbnails_are_small_and_made_once(gallery: Gallery, mode: str) -> None:
    entry = gallery.add(noise(600, 300, mode), recipe())  # type: ignore[arg-type]
    assert gallery.thumbnails.cached(entry) is None
    path = gallery.thumbnails.path(entry)
    assert read_picture(path).extent == (256, 128)
    written = path.stat().st_mtime_ns
    assert gallery.thumbnails.path(entry) == gallery.thumbnails.cached(entry) == path
    assert path.stat().st_mtime_ns == written


def test_a_small_picture_is_its_own_thumbnail(gallery: Gallery) -> None:
    picture: Picture = noise(30, 20)
    entry = gallery.add(picture, recipe())
    assert read_picture(gallery.thumbnails.path(entry)) == picture


def test_a_thumbnail_of_a_vanished_picture_is_a_sentence(gallery: Gallery) -> None:
    entry = gallery.add(noise(4, 4), recipe())
    entry.path.unlink()
    with pytest.raises(GalleryError, match="No thumbnail"):
        gallery.thumbnails.path(entry)


@pytest.mark.parametrize("kept", [0, 20, 60, 200])
def test_a_thumbnail_of_a_damaged_picture_is_a_sentence(gallery: Gallery, kept: int) -> None:
    entry = gallery.add(noise(64, 64), recipe())
    entry.path.write_bytes(entry.path.read_bytes()[:kept])
    with pytest.raises(GalleryError, match="No thumbnail"):
        gallery.thumbnails.path(entry)
    assert gallery.thumbnails.cached(entry) is None


def test_no_picture_is_too_large(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = gallery.add(noise(40, 40), recipe())
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_picture(gallery.thumbnails.path(entry)).extent == (40, 40)
