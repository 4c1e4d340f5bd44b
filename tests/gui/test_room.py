"""No dialog is larger than the screen that it is on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from studio.engine.protocol import EngineStatus
from studio.gui.dialogs.crash import CrashDialog
from studio.gui.dialogs.memory_use import MemoryDialog
from studio.gui.dialogs.model_page import ModelPage
from studio.gui.dialogs.palette import Palette
from studio.gui.dialogs.shortcuts import ShortcutsDialog
from studio.gui.main_window import MainWindow
from studio.gui.studio import Studio

SMALL = QSize(640, 400)
"""A screen of 1280 by 800 pixels at twice the usual size."""


@pytest.fixture(autouse=True)
def small_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QScreen, "availableSize", lambda _: SMALL)


@pytest.mark.parametrize(
    "make",
    [
        lambda window, _: CrashDialog("ValueError\n" * 99, window),
        lambda window, studio: ModelPage(studio.situation.model, None, window),
        lambda window, _: ShortcutsDialog(window.registry, window),
        lambda window, studio: MemoryDialog(Path(), studio.background, EngineStatus(), window),
    ],
    ids=["crash", "model", "shortcuts", "memory"],
)
def test_dialogs_fit_a_small_screen(
    window: MainWindow, studio: Studio, make: Callable[[QWidget, Studio], QDialog]
) -> None:
    dialog = make(window, studio)
    dialog.show()
    assert dialog.size().boundedTo(SMALL) == dialog.size()
    dialog.close()


def test_on_a_large_screen_a_form_is_as_high_as_its_fields(
    window: MainWindow,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(1920, 1080))
    dialog = MemoryDialog(tmp_path, studio.background, EngineStatus(), window)
    dialog.show()
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: not area.verticalScrollBar().isVisible())
    dialog.close()


def test_the_palette_lies_within_a_low_window(window: MainWindow) -> None:
    window.places.fit(QSize(640, 360))
    palette = Palette(window.registry, window)
    palette.show()
    assert palette.height() + 64 <= window.height()
    palette.close()
