"""A picture is changed by what is said of it, and every answer can be gone on from."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.generation.catalog import Catalog
from studio.generation.jobs import ErrorReport
from studio.generation.request import InstructionEdit
from studio.gui.docks.conversation import ConversationPanel, InstructionEditor, TurnRow
from studio.gui.main_window import MainWindow
from studio.gui.models.conversation import Turn
from studio.gui.studio import Studio
from studio.gui.widgets.prompt_editor import PromptEditor
from tests.helpers.pictures import smooth
from tests.helpers.scripted_engine import Script, ScriptedEngine

EDITOR = "instruct-pix2pix"


@pytest.fixture
def catalog(catalog: Catalog) -> Catalog:
    """The program's models; the one that follows instructions is installed."""
    models = [
        dataclasses.replace(model, installed=model.installed or model.id == EDITOR)
        for model in catalog.models
    ]
    return Catalog(models, list(catalog.adapters))


def talk(qtbot: QtBot, window: MainWindow, studio: Studio) -> ConversationPanel:
    """Opens the panel with a picture of 64 px."""
    studio.workspace.replace_document(Document(Bounds(0, 0, 64, 64)))
    studio.workspace.stack.push(AddLayer(RasterLayer.from_picture("sea", smooth(64, 64))))
    window.registry.run("generate.talk")
    panel = window.findChild(ConversationPanel)
    assert isinstance(panel, ConversationPanel)
    qtbot.waitUntil(lambda: len(turns(panel)) == 1)
    return panel


def turns(panel: ConversationPanel) -> list[TurnRow]:
    """The rows of the branch, from top to bottom."""
    rows = [row for row in panel.findChildren(TurnRow) if not row.isHidden()]
    return sorted(rows, key=lambda row: row.turn.number)


def say(qtbot: QtBot, panel: ConversationPanel, words: str) -> None:
    """Says what should change, and waits for the answer."""
    write(panel, words)
    change(panel).click()
    qtbot.waitUntil(lambda: turns(panel)[-1].turn.instruction == words)
    qtbot.waitUntil(lambda: change(panel).text() == "Change")


def write(panel: ConversationPanel, words: str) -> None:
    editor = panel.findChild(PromptEditor)
    assert isinstance(editor, PromptEditor)
    editor.setPlainText(words)


def change(panel: ConversationPanel) -> QPushButton:
    return next(each for each in panel.findChildren(QPushButton) if each.text() == "Change")


def press(panel: ConversationPanel, name: str) -> None:
    """Presses the visible button that screen readers call by that name."""
    [found] = [
        each
        for row in turns(panel)
        for each in row.findChildren(QAbstractButton)
        if each.accessibleName() == name
    ]
    found.click()


def test_each_answer_is_what_the_next_change_starts_from(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    panel = talk(qtbot, window, studio)
    say(qtbot, panel, "make the sky pink")
    say(qtbot, panel, "add a boat")
    first, second = engine.requests
    assert isinstance(first, InstructionEdit) and isinstance(second, InstructionEdit)
    assert (first.model, first.prompt, first.count) == (EDITOR, "make the sky pink", 1)
    begun, pink, boat = (row.turn for row in turns(panel))
    assert [shown(begun), shown(pink)] == [first.source, second.source]
    assert boat.stored is not None and boat.stored.entry is not None
    assert boat.stored.entry.parents == pink.parents


def test_any_turn_can_be_branched_from_and_the_branches_are_gone_through(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    panel = talk(qtbot, window, studio)
    say(qtbot, panel, "make the sky pink")
    say(qtbot, panel, "add a boat")
    press(panel, "Go on from: It began with this.")
    say(qtbot, panel, "make it night")
    assert [row.turn.instruction for row in turns(panel)] == ["", "make it night"]
    request = engine.requests[-1]
    assert isinstance(request, InstructionEdit)
    assert request.source == shown(turns(panel)[0].turn)
    press(panel, "Branch before: make it night")
    qtbot.waitUntil(lambda: len(turns(panel)) == 3)
    said = [row.turn.instruction for row in turns(panel)]
    assert said == ["", "make the sky pink", "add a boat"]


def test_what_is_on_its_way_is_shown_and_what_fails_can_be_said_again(
    qtbot: QtBot, window: MainWindow, studio: Studio, engine: ScriptedEngine
) -> None:
    panel = talk(qtbot, window, studio)
    engine.script(Script(error=ErrorReport(message="No.")))
    engine.hold()
    write(panel, "make the sky pink")
    change(panel).click()
    qtbot.waitUntil(lambda: "Being changed…" in visible_words(panel))
    assert not change(panel).isEnabled()
    engine.release()
    qtbot.waitUntil(lambda: "Being changed…" not in visible_words(panel))
    assert len(turns(panel)) == 1
    say(qtbot, panel, "make the sky pink")


def test_an_answer_is_laid_on_the_canvas(qtbot: QtBot, window: MainWindow, studio: Studio) -> None:
    panel = talk(qtbot, window, studio)
    say(qtbot, panel, "make the sky pink")
    press(panel, "Lay on the canvas: make the sky pink")
    layers = studio.workspace.document.layers
    qtbot.waitUntil(lambda: [layer.name for layer in layers] == ["sea", "make the sky pink"])


def test_it_begins_once_there_is_a_picture_and_goes_and_comes(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    window.registry.run("generate.talk")
    panel = window.findChild(ConversationPanel)
    assert isinstance(panel, ConversationPanel)
    qtbot.waitUntil(lambda: studio.background.is_idle)
    assert turns(panel) == []
    write(panel, "make the sky pink")
    assert not change(panel).isEnabled()
    studio.workspace.stack.push(AddLayer(RasterLayer.from_picture("sea", smooth(64, 64))))
    next(b for b in panel.findChildren(QPushButton) if "frame" in b.text()).click()
    qtbot.waitUntil(lambda: change(panel).isEnabled())
    panel.closed.emit()
    assert not window.places.shows("conversation")
    window.registry.run("generate.talk")
    assert window.findChildren(ConversationPanel) == [panel]
    assert window.places.shows("conversation")


def test_one_can_write_as_soon_as_it_is_open(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    panel = talk(qtbot, window, studio)
    (editor,) = panel.findChildren(InstructionEditor)
    assert window.focusWidget() is editor
    window.setFocus()
    window.registry.run("generate.talk")
    assert window.focusWidget() is editor


def shown(turn: Turn) -> str:
    """The digest of a turn's picture as models are shown it, without transparency."""
    return Picture.from_array(turn.picture.rgba()[..., :3]).digest


def visible_words(panel: ConversationPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
