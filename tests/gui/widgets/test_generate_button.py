from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.widgets.generate_button import GenerateButton


@pytest.fixture
def button(qtbot: QtBot) -> GenerateButton:
    button = GenerateButton("Ctrl+↵")
    qtbot.addWidget(button)
    button.resize(280, 44)
    button.show()
    return button


def test_it_generates_while_nothing_runs(qtbot: QtBot, button: GenerateButton) -> None:
    with qtbot.waitSignal(button.generate), qtbot.assertNotEmitted(button.cancel):
        button.click()


def test_it_cancels_while_something_runs(qtbot: QtBot, button: GenerateButton) -> None:
    button.show_progress(0.3, "painting 3 of 10 · 4 s left")
    with qtbot.waitSignal(button.cancel), qtbot.assertNotEmitted(button.generate):
        button.click()
    assert button.accessibleName() == "Cancel"
    assert button.accessibleDescription() == "painting 3 of 10 · 4 s left"
    button.show_idle()
    assert button.accessibleName() == "Generate"


def test_progress_can_be_seen(button: GenerateButton) -> None:
    button.show_progress(0.0, "")
    before = button.grab().toImage()
    button.show_progress(1.0, "")
    assert button.grab().toImage() != before


def test_a_button_that_cannot_be_pressed_looks_so(button: GenerateButton) -> None:
    usable = button.grab().toImage()
    button.setEnabled(False)
    assert button.grab().toImage() != usable
