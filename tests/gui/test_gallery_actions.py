from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer
from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.generation.request import TextToImage, Variation, from_json
from studio.gui.models.gallery import EntryAction
from studio.gui.plans import settings_from
from studio.gui.settings import PromptSettings
from studio.gui.studio import Studio
from tests.helpers.pictures import noise, recipe
from tests.helpers.scripted_engine import ScriptedEngine


@pytest.fixture
def entry(gallery: Gallery) -> Entry:
    return gallery.add(noise(64, 48), recipe("a blue boat", index=2))


def test_a_picture_on_an_empty_canvas_gives_it_its_size_in_one_step(
    qtbot: QtBot, studio: Studio, entry: Entry
) -> None:
    studio.gallery_actions.do(EntryAction.OPEN, [entry])
    document = studio.workspace.document
    qtbot.waitUntil(lambda: len(document.layers) == 1)
    assert document.canvas == document.frame == Bounds(0, 0, 64, 48)
    (layer,) = document.layers
    assert isinstance(layer, GeneratedLayer)
    request = from_json(layer.recipe)
    assert not isinstance(request, type(None))
    assert getattr(request, "seed", None) == entry.seed
    studio.editing.undo()
    assert not document.layers


def test_a_second_picture_stands_in_the_middle_of_the_frame(
    qtbot: QtBot, studio: Studio, gallery: Gallery, entry: Entry
) -> None:
    small = gallery.add(noise(20, 20), recipe("a small one"))
    studio.gallery_actions.do(EntryAction.OPEN, [entry])
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 1)
    studio.gallery_actions.do(EntryAction.OPEN, [small])
    qtbot.waitUntil(lambda: len(studio.workspace.document.layers) == 2)
    assert studio.workspace.document.canvas == Bounds(0, 0, 64, 48)
    layer = studio.workspace.document.layers[1]
    assert layer.snapshot().pixels.used_bounds() == Bounds(22, 14, 20, 20)


def test_its_settings_can_be_used_again(studio: Studio, entry: Entry) -> None:
    studio.gallery_actions.do(EntryAction.REUSE, [entry])
    prompt = studio.workspace.prompt
    assert prompt.prompt == "a blue boat"
    assert prompt.seed == entry.seed == 9
    assert prompt.seed_locked


def test_how_many_is_not_part_of_a_pictures_settings() -> None:
    present = PromptSettings(count=7, likeness=0.2)
    request = recipe().request
    assert isinstance(request, TextToImage)
    made = settings_from(request, 5, present)
    assert (made.count, made.likeness, made.seed) == (7, 0.2, 5)


def test_variations_know_what_they_were_made_from(
    qtbot: QtBot, studio: Studio, gallery: Gallery, engine: ScriptedEngine, entry: Entry
) -> None:
    studio.gallery_actions.do(EntryAction.VARY, [entry])
    qtbot.waitUntil(lambda: len(gallery.entries()) == 1 + studio.workspace.prompt.count)
    assert isinstance(engine.requests[0], Variation)
    children = [other for other in gallery.entries() if other.id != entry.id]
    assert all(child.parents == (entry.id,) for child in children)


def test_stars_and_the_trash(qtbot: QtBot, studio: Studio, gallery: Gallery, entry: Entry) -> None:
    studio.gallery.reload()
    qtbot.waitUntil(lambda: studio.gallery.rowCount() == 1)
    studio.gallery_actions.do(EntryAction.STAR, [entry])
    qtbot.waitUntil(lambda: gallery.get(entry.id).starred)
    studio.gallery_actions.do(EntryAction.STAR, [gallery.get(entry.id)])
    qtbot.waitUntil(lambda: not gallery.get(entry.id).starred)
    studio.gallery_actions.do(EntryAction.TRASH, [entry])
    qtbot.waitUntil(lambda: studio.gallery.rowCount() == 0)
    assert gallery.get(entry.id).trashed


def test_the_file_is_shown_in_its_folder(
    studio: Studio, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    studio.gallery_actions.do(EntryAction.SHOW, [entry])
    assert [url.toLocalFile() for url in opened] == [str(entry.path.parent)]


def test_a_file_that_is_gone_is_told(qtbot: QtBot, studio: Studio, entry: Entry) -> None:
    entry.path.unlink()
    with qtbot.waitSignal(studio.generation.message) as told:
        studio.gallery_actions.do(EntryAction.OPEN, [entry])
    assert told.args is not None
    assert str(entry.path) in told.args[0]
    assert not studio.workspace.document.layers
