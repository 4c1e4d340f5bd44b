"""The gallery keeps what it is given, finds it again, and says why where it cannot."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.core import atomic
from studio.core.errors import GalleryError
from studio.files.codec import PngCodec
from studio.files.pictures import read_picture, read_recipe
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from tests.gallery.conftest import Opener
from tests.helpers.pictures import noise, recipe


def test_a_stored_picture_is_a_file_with_its_recipe_and_an_entry(gallery: Gallery) -> None:
    picture, made = noise(20, 10), recipe(score=0.5, seconds=2.0, job_id="job", index=1)
    entry = gallery.add(picture, made)
    assert read_picture(entry.path) == picture
    assert read_recipe(entry.path) == made
    assert gallery.entries() == [entry]
    assert gallery.get(entry.id) == entry
    assert (entry.width, entry.height, entry.seed, entry.model) == (20, 10, 8, "starter")


def test_files_lie_in_dated_folders_under_readable_names(gallery: Gallery) -> None:
    created = datetime(2026, 11, 21, 12, tzinfo=UTC)
    entry = gallery.add(noise(4, 4), recipe("A Red Circle, please!", created=created))
    place = entry.path.relative_to(gallery.folder)
    assert place.parts[:2] == ("2026", "2026-11")
    assert "-a-red-circle-please-" in place.name


def test_it_is_all_there_when_the_gallery_is_opened_again(gallery: Gallery, opener: Opener) -> None:
    entry = gallery.add(noise(4, 4), recipe())
    gallery.star(entry.id)
    assert opener(gallery.folder).get(entry.id).starred


def test_the_newest_comes_first_page_by_page(gallery: Gallery) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for day in (3, 1, 4, 0, 2):
        gallery.add(noise(2, 2), recipe(f"day{day}", created=start + timedelta(days=day)))
    first, second = gallery.entries(limit=3), gallery.entries(limit=3, offset=3)
    assert [entry.prompt for entry in first + second] == ["day4", "day3", "day2", "day1", "day0"]


def test_those_who_listen_are_told_after_it_is_stored(gallery: Gallery) -> None:
    told: list[Entry] = []
    gallery.added.connect(lambda entry: told.append(gallery.get(entry.id)))
    entry = gallery.add(noise(4, 4), recipe())
    assert told == [entry]


def test_stars_can_be_given_taken_and_asked_for(gallery: Gallery) -> None:
    plain, liked = gallery.add(noise(2, 2), recipe()), gallery.add(noise(2, 2), recipe())
    changed: list[Entry] = []
    gallery.changed.connect(changed.append)
    gallery.star(liked.id)
    assert [entry.id for entry in gallery.entries(starred=True)] == [liked.id]
    gallery.star(liked.id, False)
    assert gallery.entries(starred=True) == []
    assert [entry.starred for entry in changed] == [True, False]
    assert not gallery.get(plain.id).starred


def test_the_trash_hides_restores_and_deletes_only_when_emptied(
    gallery: Gallery, opener: Opener
) -> None:
    kept, doomed = gallery.add(noise(2, 2), recipe()), gallery.add(noise(2, 2), recipe("two"))
    gallery.trash(kept.id)
    gallery.trash(doomed.id)
    assert gallery.entries() == []
    gallery.restore(kept.id)
    assert [entry.id for entry in gallery.entries(trashed=True)] == [doomed.id]
    assert doomed.path.exists()
    assert gallery.empty_trash() == 1
    assert not doomed.path.exists()
    assert kept.path.exists()
    assert [entry.id for entry in opener(gallery.folder).entries()] == [kept.id]


def test_what_is_not_there_is_said(gallery: Gallery) -> None:
    with pytest.raises(GalleryError, match="no picture nothing"):
        gallery.get("nothing")
    with pytest.raises(GalleryError, match="no picture nothing"):
        gallery.star("nothing")


def test_pictures_that_others_were_made_from_are_kept_once(gallery: Gallery) -> None:
    source = noise(8, 8, "RGBA")
    for _ in range(2):
        gallery.add(noise(4, 4), recipe(), [source])
    assert read_picture(gallery.input_path(source.digest)) == source
    assert len(list((gallery.folder / "inputs").rglob("*.png"))) == 1


def test_a_pictures_origin_is_found_by_its_pixels(gallery: Gallery, opener: Opener) -> None:
    named, source = gallery.add(noise(6, 6), recipe()), gallery.add(noise(8, 8), recipe())
    inputs = [noise(8, 8), noise(9, 9), noise(8, 8)]
    child = gallery.add(noise(4, 4), recipe("child", parents=(named.id,)), inputs)
    assert child.parents == (named.id, source.id)
    assert gallery.children(source.id) == [child]
    assert opener(gallery.folder).get(child.id).parents == (named.id, source.id)


def test_the_weights_of_a_job_are_noted_when_they_are_known(gallery: Gallery) -> None:
    mine = gallery.add(noise(2, 2), recipe(job_id="mine"))
    other = gallery.add(noise(2, 2), recipe(job_id="other"))
    gallery.complete("mine", "feed")
    assert gallery.get(mine.id).model_digest == "feed"
    assert gallery.get(other.id).model_digest == ""


def test_two_threads_may_store_at_once(gallery: Gallery) -> None:
    def store(name: str) -> None:
        for number in range(10):
            gallery.add(noise(4, 4, seed=number), recipe(f"{name} {number}"))

    threads = [threading.Thread(target=store, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gallery.count("one") == gallery.count("two") == 10


def test_two_processes_may_store_at_once(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from studio.files.codec import PngCodec;"
        "from studio.gallery.store import Gallery; from tests.helpers.pictures import *;"
        "gallery = Gallery(Path(sys.argv[1]), PngCodec());"
        "[gallery.add(noise(4, 4), recipe(f'{sys.argv[2]} {n}')) for n in range(15)]"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, folder, name]) for name in ("one", "two")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    gallery = Gallery(folder, PngCodec())
    assert gallery.count("one") == gallery.count("two") == 15
    assert gallery.count() == 30
    gallery.close()


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is read-only")]
)
@pytest.mark.parametrize("step", ["write_temporary", "publish"])
def test_a_disk_that_refuses_is_a_sentence_and_leaves_no_entry(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch, step: str, number: int, said: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    kept = gallery.add(noise(4, 4), recipe())
    with monkeypatch.context() as patch:
        patch.setattr(atomic, step, refuse)
        with pytest.raises(GalleryError, match=said):
            gallery.add(noise(4, 4), recipe("lost"))
    assert gallery.entries() == [kept]
    later = gallery.add(noise(4, 4), recipe("later"))
    assert gallery.entries() == [later, kept]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GalleryError, match=r"cannot be made because .* set SFUMATO_HOME"):
        Gallery(tmp_path / "file" / "gallery", PngCodec())


def test_a_row_that_cannot_be_written_leaves_the_picture_to_be_adopted(
    gallery: Gallery, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("studio.gallery.store.insert_entry", crash)
        with pytest.raises(KeyboardInterrupt):
            gallery.add(noise(4, 4), recipe("rescued"))
    assert gallery.entries() == []
    assert [entry.prompt for entry in opener(gallery.folder).entries()] == ["rescued"]
