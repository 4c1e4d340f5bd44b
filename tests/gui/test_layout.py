"""Panels make room for the canvas, and for a small screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.main_window import MainWindow

SMALL = QSize(640, 360)
"""What is left of a screen of 1280 by 800 pixels at twice the usual size."""


def behind(window: MainWindow, name: str) -> set[str]:
    """The names of the panels that share a panel's place."""
    dock = window.findChild(QDockWidget, f"dock-{name}")
    assert isinstance(dock, QDockWidget)
    return {other.objectName().removeprefix("dock-") for other in window.tabifiedDockWidgets(dock)}


def test_every_panel_keeps_its_place_where_there_is_room_for_all(window: MainWindow) -> None:
    window.places.fit(QSize(1280, 800))
    assert behind(window, "layers") == {"variations", "history"}
    assert not behind(window, "prompt")


def test_in_a_low_window_the_panels_on_the_right_share_a_place(window: MainWindow) -> None:
    window.places.fit(QSize(1280, 400))
    assert behind(window, "layers") == {"variations", "history", "options", "navigator"}
    assert not behind(window, "prompt")


def test_on_a_small_screen_all_panels_share_a_place_and_can_be_brought_forward(
    window: MainWindow,
) -> None:
    window.places.fit(SMALL)
    assert window.size().boundedTo(SMALL) == window.size()
    assert len(behind(window, "prompt")) == 6
    for name in ("gallery", "layers", "options", "prompt"):
        window.places.bring_forward(name)
        assert window.places.shows(name)


@pytest.mark.parametrize("name", ["prompt", "layers"])
def test_a_large_screen_gets_them_back_in_their_places(window: MainWindow, name: str) -> None:
    window.places.fit(SMALL)
    window.places.reset()
    assert behind(window, name) == (set() if name == "prompt" else {"variations", "history"})


def walk(window: MainWindow) -> list[QWidget]:
    """The parts that Tab goes to, from the prompt until it comes round or to the canvas."""
    window.focus_prompt()
    seen: list[QWidget] = []
    while (now := window.focusWidget()) not in (*seen, window.canvas):
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    return seen


def test_tab_goes_to_what_can_be_seen_and_read_out(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.canvas.isVisible())
    parts = walk(window)
    assert len(parts) > 30
    assert not [part for part in parts if window.places.is_behind(part)]
    nameless = [part for part in parts if not (part.accessibleName() or shown_words(part))]
    assert not [part for part in nameless if not isinstance(part, QTabBar)]


def shown_words(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""
