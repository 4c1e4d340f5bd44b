"""What other programs do in the gallery is seen in the window, which stays where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.files.codec import PngCodec
from studio.gallery.store import Gallery
from studio.gui import gallery_watch
from studio.gui.background import Background
from studio.gui.gallery_watch import GalleryWatch
from studio.gui.studio import Studio
from tests.helpers.pictures import noise, recipe

SILENCE = 80
"""Milliseconds in which the database is asked several times."""


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_watch, "LOOK_MILLISECONDS", 10)


@pytest.fixture
def other(gallery: Gallery) -> Iterator[Gallery]:
    """The same gallery as another program has it open."""
    other = Gallery(gallery.folder, PngCodec())
    yield other
    other.close()


@pytest.fixture
def watch(qtbot: QtBot, gallery: Gallery) -> Iterator[GalleryWatch]:
    background = Background()
    watch = GalleryWatch(gallery, background)
    with qtbot.waitSignal(background.idle):
        watch.begin()
    yield watch
    background.close()
    watch.end()


def test_what_another_program_adds_and_changes_is_told(
    qtbot: QtBot, watch: GalleryWatch, other: Gallery
) -> None:
    with qtbot.waitSignal(watch.changed):
        entry = other.add(noise(8, 8), recipe())
    with qtbot.waitSignal(watch.changed):
        other.star(entry.id)
    with qtbot.assertNotEmitted(watch.changed, wait=SILENCE):
        other.entries()


def test_what_this_program_does_is_known_already(
    qtbot: QtBot, watch: GalleryWatch, gallery: Gallery
) -> None:
    with qtbot.assertNotEmitted(watch.changed, wait=SILENCE):
        gallery.add(noise(8, 8), recipe())


def test_a_picture_of_another_program_appears_in_the_window(
    qtbot: QtBot, studio: Studio, other: Gallery
) -> None:
    with qtbot.waitSignal(studio.reading.idle):
        pass  # the database is asked again and again, so there is always an end
    other.add(noise(8, 8), recipe())
    qtbot.waitUntil(lambda: studio.gallery.rowCount() == 1)
