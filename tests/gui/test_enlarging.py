"""Enlarging from the window: asked in a dialog, made by the engine, landing as one step."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import RenameLayer
from studio.core.geometry import Bounds, Extent
from studio.gallery.store import Gallery
from studio.generation.request import Upscale
from studio.gui.dialogs.enlarge import EnlargeDialog
from studio.gui.enlarging import CHANGED_MEANWHILE, EnlargeWish
from studio.gui.main_window import MainWindow
from studio.gui.models.gallery import EntryAction
from studio.gui.studio import Studio
from tests.helpers.documents import RED, document_with, solid
from tests.helpers.pictures import noise, recipe
from tests.helpers.scripted_engine import Script, ScriptedEngine

CANVAS = Bounds(0, 0, 64, 48)
WHOLE = EnlargeWish(scale=2, upscaler="starter")


@pytest.fixture(autouse=True)
def picture(studio: Studio) -> None:
    opened(studio)


def opened(studio: Studio) -> None:
    """A picture of two layers, the upper one active."""
    document = document_with(noise(64, 48), solid(20, 10, RED), canvas=CANVAS)
    document.active = document.layers[1]
    studio.workspace.replace_document(document)


def test_the_picture_is_enlarged_in_one_step_and_kept(
    qtbot: QtBot, studio: Studio, gallery: Gallery, engine: ScriptedEngine
) -> None:
    document = studio.workspace.document
    studio.enlarging.enlarge(WHOLE)
    qtbot.waitUntil(lambda: document.canvas == Bounds(0, 0, 128, 96))
    assert [entry.name for entry in studio.workspace.stack.entries] == ["Enlarge image"]
    (request,) = engine.requests
    assert isinstance(request, Upscale) and request.extent == Extent(128, 96)
    (entry,) = gallery.entries()
    assert entry.extent == Extent(128, 96)
    studio.editing.undo()
    assert document.canvas == CANVAS


def test_a_layer_is_enlarged_alone(qtbot: QtBot, studio: Studio) -> None:
    layer = studio.workspace.document.layers[1]
    studio.enlarging.enlarge(EnlargeWish(scale=4, upscaler="starter", layer=True))
    qtbot.waitUntil(lambda: layer.pixels.used_bounds().extent == Extent(80, 40))
    assert studio.workspace.document.canvas == CANVAS


def test_what_was_changed_meanwhile_is_left_alone(
    qtbot: QtBot, studio: Studio, engine: ScriptedEngine, gallery: Gallery
) -> None:
    engine.script(Script(step_seconds=0.05))
    told: list[str] = []
    studio.enlarging.message.connect(lambda words, *_: told.append(words))
    studio.enlarging.enlarge(WHOLE)
    studio.workspace.stack.push(RenameLayer(studio.workspace.document.layers[0], "changed"))
    qtbot.waitUntil(lambda: told == [CHANGED_MEANWHILE])
    assert studio.workspace.document.canvas == CANVAS
    assert len(gallery.entries()) == 1


def test_what_is_not_there_is_told(qtbot: QtBot, studio: Studio, engine: ScriptedEngine) -> None:
    told: list[str] = []
    studio.enlarging.message.connect(lambda words, *_: told.append(words))
    studio.enlarging.enlarge(EnlargeWish(scale=2, upscaler="gone"))
    assert "There is no model or adapter 'gone'" in told[0]
    studio.workspace.document.active = None
    studio.enlarging.enlarge(EnlargeWish(scale=2, upscaler="starter", layer=True))
    assert "no pixels" in told[1]
    assert not engine.requests


def test_a_picture_of_the_gallery_is_enlarged_beside_it(
    qtbot: QtBot, studio: Studio, gallery: Gallery
) -> None:
    entry = gallery.add(noise(64, 48), recipe("a blue boat"))
    studio.gallery_actions.do(EntryAction.ENLARGE, [entry])
    qtbot.waitUntil(lambda: len(gallery.entries()) == 2)
    large = next(each for each in gallery.entries() if each.id != entry.id)
    assert (large.extent, large.prompt) == (Extent(128, 96), "a blue boat")
    assert large.parents == (entry.id,)
    told: list[str] = []
    studio.gallery_actions.message.connect(lambda words, *_: told.append(words))
    studio.gallery_actions.do(EntryAction.REUSE, [large])
    assert told == ["It was made larger: that takes no settings."]


def test_the_dialog_says_what_it_comes_to(qtbot: QtBot, studio: Studio, window: MainWindow) -> None:
    opened(studio)
    window.registry.run("image.enlarge")
    dialog = window.findChild(EnlargeDialog)
    assert dialog is not None
    what, scale, _ = dialog.findChildren(QComboBox)
    assert dialog.wish == WHOLE
    what.setCurrentIndex(1)
    scale.setCurrentIndex(1)
    wishes: list[EnlargeWish] = []
    dialog.chosen.connect(wishes.append)
    dialog.accept()
    assert wishes == [EnlargeWish(scale=4, upscaler="starter", layer=True)]
    qtbot.waitUntil(lambda: not studio.generation.is_busy)


def test_more_than_can_be_held_cannot_be_asked_for(studio: Studio, window: MainWindow) -> None:
    dialog = EnlargeDialog(Extent(8000, 8000), None, studio.upscalers, window)
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    assert not buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
