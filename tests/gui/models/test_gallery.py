from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QImage
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from studio.core.errors import GalleryError
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.gui.background import Background
from studio.gui.models import gallery as module
from studio.gui.models.gallery import EntryRole, GalleryModel
from tests.helpers.pictures import noise, recipe


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture
def model(gallery: Gallery, background: Background) -> GalleryModel:
    return GalleryModel(gallery, background)


def fill(gallery: Gallery, count: int, prompt: str = "a red ball") -> list[Entry]:
    return [
        gallery.add(noise(16, 12, seed=number), recipe(prompt, index=number))
        for number in range(count)
    ]


def ids(model: GalleryModel) -> list[str]:
    return [model.index(row).data(EntryRole.ENTRY).id for row in range(model.rowCount())]


def test_it_keeps_the_promises_of_a_model(
    model: GalleryModel, qtmodeltester: ModelTester, gallery: Gallery, qtbot: QtBot
) -> None:
    fill(gallery, 3)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    qtmodeltester.check(model)


def test_the_newest_come_first_and_page_by_page(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    entries = fill(gallery, 6)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 4)
    assert model.canFetchMore()
    model.fetchMore()
    qtbot.waitUntil(lambda: model.rowCount() == 6)
    assert ids(model) == [entry.id for entry in reversed(entries)]
    assert not model.canFetchMore()


def test_a_search_leaves_out_what_does_not_match(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    fill(gallery, 2)
    (boat,) = fill(gallery, 1, "a blue boat")
    model.search("boat")
    qtbot.waitUntil(lambda: ids(model) == [boat.id])
    model.search("")
    qtbot.waitUntil(lambda: model.rowCount() == 3)


def test_a_new_entry_stands_in_front_at_once_and_only_once(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    fill(gallery, 2)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    (entry,) = fill(gallery, 1)
    model.add(entry)
    model.add(entry)
    assert ids(model)[0] == entry.id
    assert model.rowCount() == 3


def test_an_answer_to_an_outdated_question_is_dropped(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    fill(gallery, 2)
    (boat,) = fill(gallery, 1, "a blue boat")
    model.reload()
    model.search("boat")
    qtbot.waitUntil(lambda: ids(model) == [boat.id])


def test_what_is_in_the_trash_is_gone_and_a_star_is_shown(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    first, second = fill(gallery, 2)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    model.replace(gallery.star(second.id))
    assert model.index(0).data(EntryRole.ENTRY).starred
    model.replace(gallery.trash(second.id))
    assert ids(model) == [first.id]


def test_thumbnails_are_read_when_they_are_asked_for(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    fill(gallery, 1)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    assert model.index(0).data(EntryRole.THUMBNAIL) is None
    qtbot.waitUntil(lambda: isinstance(model.index(0).data(EntryRole.THUMBNAIL), QImage))
    assert model.index(0).data(EntryRole.THUMBNAIL).size().toTuple() == (16, 12)


def test_a_picture_that_is_gone_leaves_an_empty_cell(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    (entry,) = fill(gallery, 1)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    entry.path.unlink()
    model.index(0).data(EntryRole.THUMBNAIL)
    qtbot.waitUntil(lambda: model.index(0).data(EntryRole.THUMBNAIL) is not None)
    assert model.index(0).data(EntryRole.THUMBNAIL).isNull()


def test_entries_are_dragged_out_as_files(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    (entry,) = fill(gallery, 1)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    (url,) = model.mimeData([model.index(0)]).urls()
    assert url.toLocalFile() == str(entry.path)
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_screen_readers_hear_the_prompt(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery
) -> None:
    fill(gallery, 1)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    words = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("a red ball\n16 × 12 · starter")


def test_a_gallery_that_cannot_be_read_is_told(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> list[Entry]:
        raise GalleryError("The gallery cannot be read: check the disk.")

    monkeypatch.setattr(gallery, "entries", refuse)
    with qtbot.waitSignal(model.failed) as failed:
        model.reload()
    assert failed.args is not None
    assert str(failed.args[0]).startswith("The gallery cannot")


def test_an_entry_is_sought_through_the_pages(
    model: GalleryModel, gallery: Gallery, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    oldest, *_ = fill(gallery, 8)
    with qtbot.waitSignal(model.found) as found:
        model.find("ball", lambda entry: entry.id == oldest.id)
    assert found.args is not None
    assert found.args[0].data(EntryRole.ENTRY).id == oldest.id
    with qtbot.assertNotEmitted(model.found, wait=50):
        model.search("ball")


def test_the_tip_of_a_long_prompt_leaves_room_on_the_screen(
    gallery: Gallery, model: GalleryModel, qtbot: QtBot
) -> None:
    [entry] = fill(gallery, 1, "a red boat on the sea, " * 200)
    model.add(entry)
    tip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert len(tip) < 600 and tip.startswith("a red boat") and f"seed {entry.seed}" in tip


@pytest.fixture
def shown(gallery: Gallery, model: GalleryModel, qtbot: QtBot) -> list[Entry]:
    """Six entries, the newest first, all of them in the model."""
    entries = fill(gallery, 6)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 6)
    return entries[::-1]


def test_looking_again_adds_removes_and_changes_what_is_otherwise_and_leaves_the_rest(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, shown: list[Entry]
) -> None:
    starred, last = (QPersistentModelIndex(model.index(row)) for row in (3, 5))
    gallery.trash(shown[1].id)
    gallery.star(shown[3].id)
    fresh = fill(gallery, 2)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.refresh()
        qtbot.waitUntil(lambda: model.rowCount() == 7)
    kept = [shown[0], *shown[2:]]
    assert ids(model) == [entry.id for entry in (*reversed(fresh), *kept)]
    assert starred.data(EntryRole.ENTRY) == gallery.get(shown[3].id)
    assert last.data(EntryRole.ENTRY) == shown[5]


def test_looking_again_reads_no_more_of_what_is_old(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    fill(gallery, 10)
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 4)
    fill(gallery, 1)
    model.refresh()
    qtbot.waitUntil(lambda: model.rowCount() == 5)
    assert model.canFetchMore()


def test_a_page_that_is_being_read_is_not_lost_by_looking_again(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    entries = fill(gallery, 7)
    model.reload()
    model.refresh()
    qtbot.waitUntil(lambda: model.rowCount() == 4)
    model.fetchMore()
    model.refresh()
    qtbot.waitUntil(lambda: model.rowCount() == 7)
    assert ids(model) == [entry.id for entry in reversed(entries)]
    assert not model.canFetchMore()


def test_what_is_added_here_while_it_looks_again_is_not_lost(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, shown: list[Entry]
) -> None:
    model.refresh()
    (mine,) = fill(gallery, 1)
    model.add(mine)
    (foreign,) = fill(gallery, 1)
    qtbot.waitUntil(lambda: model.rowCount() == 8)
    assert ids(model) == [entry.id for entry in (foreign, mine, *shown)]


def test_a_search_goes_on_where_it_is_when_something_new_matches(
    qtbot: QtBot, model: GalleryModel, gallery: Gallery, shown: list[Entry]
) -> None:
    model.search("ball")
    qtbot.waitUntil(lambda: model.rowCount() == 6)
    with qtbot.assertNotEmitted(model.modelReset):
        (entry,) = fill(gallery, 1)
        model.add(entry)
        qtbot.waitUntil(lambda: model.rowCount() == 7)
    assert ids(model)[0] == entry.id
