"""A gallery that cannot be written can be looked at, says so, and loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from studio.core.errors import GalleryError
from studio.files.codec import PngCodec
from studio.gallery.database import Database
from studio.gallery.entry import Entry
from studio.gallery.migrations import MIGRATIONS, Migration
from studio.gallery.store import DATABASE_NAME, Gallery
from tests.helpers.disks import full_disk, read_only
from tests.helpers.pictures import noise, recipe

Trouble = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture(params=["full", "read-only"])
def trouble(folder: Path, request: pytest.FixtureRequest) -> Trouble:
    """What keeps the gallery from being written."""
    return (lambda: full_disk(0)) if request.param == "full" else (lambda: read_only(folder))


@pytest.fixture
def kept(folder: Path) -> list[Entry]:
    """Two entries of a gallery that is closed, the newest first."""
    with closing(Gallery(folder, PngCodec())) as gallery:
        return [gallery.add(noise(4, 4), recipe(prompt)) for prompt in ("a boat", "a tree")][::-1]


def test_it_is_opened_to_be_looked_at_and_says_so(
    folder: Path, kept: list[Entry], trouble: Trouble
) -> None:
    with trouble(), closing(Gallery(folder, PngCodec())) as gallery:
        assert gallery.entries() == kept
        assert gallery.entries("boat") == kept[1:]
        assert gallery.get(kept[0].id) == kept[0]
        assert gallery.version() == gallery.version()
        (note,) = gallery.notes
    assert note.startswith(f"The gallery {folder} cannot be")
    assert note.endswith("; until then its pictures can only be looked at.")


def test_it_is_looked_at_also_where_the_last_program_was_killed(folder: Path) -> None:
    with closing(Gallery(folder, PngCodec())) as gallery:
        entry = gallery.add(noise(4, 4), recipe())
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            left = [path for path in Path(copy).iterdir() if path.is_file()]
            assert len(left) == 3
            gallery.close()
            for path in left:
                shutil.copy(path, folder)
                (folder / path.name).chmod(0o444)
    with read_only(folder), closing(Gallery(folder, PngCodec())) as gallery:
        assert gallery.entries() == [entry]
        assert len(gallery.notes) == 1


def test_a_disk_that_fills_up_later_is_told_before_work_is_done(folder: Path) -> None:
    with closing(Gallery(folder, PngCodec())) as gallery:
        with full_disk(), pytest.raises(GalleryError, match="cannot be written because the file"):
            gallery.demand_writing()
        gallery.demand_writing()


def test_what_would_change_it_is_refused_and_work_that_would_be_lost_too(
    folder: Path, kept: list[Entry], trouble: Trouble
) -> None:
    with trouble(), closing(Gallery(folder, PngCodec())) as gallery:
        for change in (
            gallery.demand_writing,
            lambda: gallery.add(noise(8, 8), recipe()),
            lambda: gallery.star(kept[0].id),
            lambda: gallery.trash(kept[0].id),
        ):
            with pytest.raises(GalleryError, match=r"^The gallery .* cannot be .*: .*\.$"):
                change()
        assert gallery.entries() == kept


def test_it_takes_pictures_again_as_soon_as_it_can(
    folder: Path, kept: list[Entry], trouble: Trouble
) -> None:
    with trouble():
        gallery = Gallery(folder, PngCodec())
    with closing(gallery):
        entry = gallery.add(noise(8, 8), recipe())
        assert gallery.entries() == [entry, *kept]
    with closing(Gallery(folder, PngCodec())) as gallery:
        assert (gallery.entries(), gallery.notes) == ([entry, *kept], ())


def test_a_result_whose_row_cannot_be_written_is_adopted_at_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Database) -> None:
        raise GalleryError("The database cannot be written.")

    with closing(Gallery(folder, PngCodec())) as gallery:
        with monkeypatch.context() as patch:
            patch.setattr(Database, "transaction", refuse)
            with pytest.raises(GalleryError):
                gallery.add(noise(8, 8), recipe("rescued"))
        assert gallery.entries() == []
    with closing(Gallery(folder, PngCodec())) as gallery:
        assert [entry.prompt for entry in gallery.entries()] == ["rescued"]


def test_a_damaged_row_is_read_from_its_file(folder: Path, kept: list[Entry]) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE entries SET recipe = x'00' WHERE id = ?", (kept[0].id,))
    with full_disk(0), closing(Gallery(folder, PngCodec())) as gallery:
        assert gallery.entries() == kept


def test_a_damaged_row_is_read_from_its_file_on_a_disk_that_filled_up_later(
    folder: Path, kept: list[Entry]
) -> None:
    with closing(Gallery(folder, PngCodec())) as gallery:
        with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
            connection.execute("UPDATE entries SET recipe = x'00' WHERE id = ?", (kept[0].id,))
        with full_disk(0):
            assert gallery.entries() == kept
        assert gallery.entries() == kept


def test_damage_is_not_mended_where_nothing_can_be_written(
    folder: Path, kept: list[Entry], trouble: Trouble
) -> None:
    database = folder / DATABASE_NAME
    database.write_bytes(database.read_bytes()[:5000])
    before = sorted(folder.iterdir())
    with trouble(), pytest.raises(GalleryError):
        Gallery(folder, PngCodec())
    assert set(before) <= set(folder.iterdir())


def test_where_there_is_no_gallery_yet_that_is_refused(folder: Path, trouble: Trouble) -> None:
    with trouble(), pytest.raises(GalleryError, match="cannot be"):
        Gallery(folder, PngCodec())


def test_one_of_another_version_is_refused(folder: Path, trouble: Trouble) -> None:
    path, step = folder / "x.sqlite", Migration("a next step", ("CREATE TABLE extra (x TEXT)",))
    Database(path, (*MIGRATIONS, step)).close()
    with trouble(), pytest.raises(GalleryError, match="newer version"):
        Database(path)
    path.unlink()
    Database(path).close()
    with trouble(), pytest.raises(GalleryError, match="cannot be"):
        Database(path, (*MIGRATIONS, step))
