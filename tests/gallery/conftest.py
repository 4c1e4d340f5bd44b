"""A gallery of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.files.codec import PngCodec
from studio.gallery.store import Gallery


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the gallery lies."""
    return tmp_path / "gallery"


Opener = Callable[[Path], Gallery]


@pytest.fixture
def opener() -> Iterator[Opener]:
    """Opens galleries, and closes them when the test is over."""
    opened: list[Gallery] = []

    def open_gallery(folder: Path) -> Gallery:
        for gallery in opened:
            gallery.close()
        opened.append(Gallery(folder, PngCodec()))
        return opened[-1]

    yield open_gallery
    for gallery in opened:
        gallery.close()


@pytest.fixture
def gallery(folder: Path, opener: Opener) -> Gallery:
    """An empty gallery."""
    return opener(folder)
