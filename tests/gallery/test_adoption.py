"""Files are enough: a gallery finds its pictures without its database."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from studio.core import atomic
from studio.core.errors import GalleryError
from studio.files.pictures import encode_png
from studio.gallery.store import DATABASE_NAME, Gallery
from tests.gallery.conftest import Opener
from tests.helpers.pictures import noise, recipe


@pytest.fixture
def filled(gallery: Gallery) -> Gallery:
    """A closed gallery with three pictures, the last made from the first."""
    first = gallery.add(noise(4, 4, seed=1), recipe("first"))
    gallery.add(noise(4, 4, seed=2), recipe("second", score=0.25))
    gallery.add(noise(4, 4, seed=3), recipe("third", parents=(first.id,)))
    gallery.close()
    return gallery


def test_a_lost_database_is_built_anew_with_the_same_entries(
    filled: Gallery, opener: Opener
) -> None:
    before = opener(filled.folder)
    expected = before.entries()
    (filled.folder / DATABASE_NAME).unlink()
    rebuilt = opener(filled.folder)
    assert rebuilt.entries() == expected
    assert [entry.prompt for entry in rebuilt.children(expected[2].id)] == ["third"]
    assert rebuilt.entries("secon") == [expected[1]]


@pytest.mark.parametrize("damage", ["overwritten", "cut", "middle"])
def test_a_damaged_database_is_put_aside_and_built_anew(
    filled: Gallery, opener: Opener, damage: str
) -> None:
    database = filled.folder / DATABASE_NAME
    whole = database.read_bytes()
    spoilt = {
        "overwritten": b"not a database" * 100,
        "cut": whole[: len(whole) // 2],
        "middle": whole[:4096] + b"\xff" * (len(whole) - 4096),
    }[damage]
    database.write_bytes(spoilt)
    rebuilt = opener(filled.folder)
    assert [entry.prompt for entry in rebuilt.entries()] == ["third", "second", "first"]
    (note,) = rebuilt.notes
    assert "was damaged and has been built anew" in note
    (kept,) = filled.folder.glob("gallery-damaged-*.sqlite")
    assert kept.read_bytes() == spoilt
    assert kept.name in note


def spoil(gallery: Gallery, statement: str) -> None:
    """Damages the database in a way that its check at the start does not see."""
    with contextlib.closing(sqlite3.connect(gallery.folder / DATABASE_NAME)) as connection:
        connection.execute(statement)
        connection.commit()


def test_damage_that_shows_later_is_mended_by_the_next_start(
    filled: Gallery, opener: Opener
) -> None:
    spoil(filled, "DELETE FROM words_data WHERE id > 10")
    with pytest.raises(GalleryError, match="start Sfumato again"):
        opener(filled.folder).entries("second")
    rebuilt = opener(filled.folder)
    assert len(rebuilt.notes) == 1
    assert [entry.prompt for entry in rebuilt.entries("second")] == ["second"]
    assert opener(filled.folder).notes == ()


def test_a_row_that_cannot_be_read_hides_no_other_and_is_mended_from_its_file(
    filled: Gallery, opener: Opener
) -> None:
    gallery = opener(filled.folder)
    expected = gallery.entries()
    gallery.star(expected[0].id)
    spoil(gallery, "UPDATE entries SET recipe = x'7b22' WHERE prompt IN ('third', 'first')")
    expected[2].path.unlink()
    gallery.complete(expected[0].job_id, "weights")
    listed = gallery.entries()
    assert {entry.model_digest for entry in listed} == {"weights"}
    assert [entry.prompt for entry in listed] == ["third", "second"]
    assert listed[0].created == expected[0].created and listed[0].starred
    with pytest.raises(GalleryError, match="has no picture"):
        gallery.get(expected[2].id)
    assert opener(filled.folder).entries() == listed


def test_text_that_is_none_hides_no_other(filled: Gallery, opener: Opener) -> None:
    spoil(filled, "UPDATE entries SET path = CAST(x'ff' AS TEXT) WHERE prompt = 'second'")
    rebuilt = opener(filled.folder)
    assert [entry.prompt for entry in rebuilt.entries()] == ["third", "second", "first"]
    assert rebuilt.notes == ()


def test_a_healthy_gallery_has_nothing_to_tell(filled: Gallery, opener: Opener) -> None:
    assert opener(filled.folder).notes == ()


def test_a_file_that_was_taken_away_is_hidden_until_it_is_back(
    filled: Gallery, opener: Opener
) -> None:
    gallery = opener(filled.folder)
    entry = gallery.entries("first")[0]
    gallery.star(entry.id)
    away = filled.folder / "away.png"
    entry.path.rename(away)
    gallery = opener(filled.folder)
    assert gallery.count() == 2
    assert gallery.entries("first") == []
    away.rename(entry.path)
    assert opener(filled.folder).entries("first")[0].starred


def test_a_copy_of_a_picture_becomes_an_entry_of_its_own(filled: Gallery, opener: Opener) -> None:
    gallery = opener(filled.folder)
    entry = gallery.entries("first")[0]
    shutil.copy(entry.path, entry.path.with_name(f"copy-{entry.id}.png"))
    found = opener(filled.folder).entries("first")
    assert len({entry.id for entry in found}) == len(found) == 2


def test_what_is_no_picture_of_ours_is_left_alone(filled: Gallery, opener: Opener) -> None:
    month = next(filled.folder.glob("2*/2*"))
    strangers = {
        "foreign.png": encode_png(noise(4, 4)),
        "cut.png": encode_png(noise(64, 64), recipe())[:2000],
        "empty.png": b"",
        "notes.txt": b"hello",
    }
    for name, data in strangers.items():
        (month / name).write_bytes(data)
    gallery = opener(filled.folder)
    assert gallery.count() == 3
    assert {name: (month / name).read_bytes() for name in strangers} == strangers


def test_files_that_a_crash_left_half_written_are_swept_when_they_are_old(
    filled: Gallery, opener: Opener
) -> None:
    month = next(filled.folder.glob("2*/2*"))
    old, young = (month / f"{atomic.TEMPORARY_PREFIX}{name}.tmp" for name in ("old", "young"))
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    opener(filled.folder)
    assert not old.exists()
    assert young.exists()


def test_adopting_twice_adds_nothing(filled: Gallery, opener: Opener) -> None:
    (filled.folder / DATABASE_NAME).unlink()
    for _ in range(2):
        gallery = opener(filled.folder)
        assert gallery.count() == 3


def test_a_folder_may_be_moved_with_everything_in_it(
    filled: Gallery, opener: Opener, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    filled.folder.rename(moved)
    gallery = opener(moved)
    assert all(entry.path.is_relative_to(moved) for entry in gallery.entries())
    assert gallery.count() == 3
