"""An empty document says how to begin, until there is something to see."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.core.commands.selection import SetMask
from studio.core.geometry import Bounds
from studio.gui.canvas.empty_state import EmptyState
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace
from tests.gui.canvas.hand import Hand
from tests.gui.canvas.pictures import run


def test_an_empty_document_offers_prompts_until_there_is_something(
    workspace: Workspace, view: CanvasView, qtbot: QtBot
) -> None:
    chip = next(b for b in view.findChildren(QPushButton) if b.accessibleName() == "a red fox")
    assert chip.isVisible()
    with qtbot.waitSignal(view.sample_chosen) as signal:
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert signal.args == ["a red fox"]
    workspace.staging.begin(run("a"))
    workspace.staging.show_progress("a", 0.1)
    assert not chip.isVisible()


def test_the_card_goes_as_soon_as_a_mask_is_painted(workspace: Workspace, view: CanvasView) -> None:
    card = view.findChild(EmptyState)
    assert isinstance(card, EmptyState) and card.isVisible()
    workspace.stack.push(SetMask.from_bounds(Bounds(0, 0, 9, 9)))
    assert not card.isVisible()
    workspace.stack.undo()
    assert card.isVisible()


def test_nothing_is_painted_through_the_card(workspace: Workspace, view: CanvasView) -> None:
    said: list[str] = []
    view.refused.connect(said.append)
    card = view.findChild(EmptyState)
    assert isinstance(card, EmptyState)
    Hand(card).drag((9, 9), (30, 9))
    assert not said


def test_a_long_prompt_is_cut_on_its_chip_and_whole_in_its_tip(qtbot: QtBot) -> None:
    words = "a red boat on the sea " * 9
    card = EmptyState([words])
    qtbot.addWidget(card)
    chip = card.findChild(QPushButton)
    assert isinstance(chip, QPushButton)
    assert len(chip.text()) < len(words) and chip.toolTip() == words
    card.set_samples(["a fox", "a hen"])
    assert [c.accessibleName() for c in card.findChildren(QPushButton) if c is not chip] == [
        "a fox",
        "a hen",
    ]


def test_the_card_becomes_narrower_with_the_canvas(view: CanvasView) -> None:
    view.resize(240, 400)
    card = view.findChild(EmptyState)
    assert isinstance(card, EmptyState)
    assert view.rect().contains(card.geometry())
    view.resize(640, 400)
    assert card.width() > 240
