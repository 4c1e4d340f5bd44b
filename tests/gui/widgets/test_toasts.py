from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.widgets import toasts as module
from studio.gui.widgets.toasts import Toasts, Tone


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    host.resize(800, 600)
    qtbot.addWidget(host)
    host.show()
    return host


def test_a_message_is_shown_in_the_corner_and_can_be_closed(host: QWidget) -> None:
    toasts = Toasts(host)
    assert not toasts.isVisible()
    toasts.show_message("Saved.", Tone.DONE)
    assert toasts.isVisible()
    assert host.rect().contains(toasts.geometry())
    toasts._toasts[0].closer.click()
    assert toasts.messages == []
    assert not toasts.isVisible()


def test_the_same_message_is_not_shown_twice(host: QWidget) -> None:
    toasts = Toasts(host)
    for _ in range(3):
        toasts.show_message("The disk is full.", Tone.FAILURE)
    assert toasts.messages == ["The disk is full."]


def test_what_is_told_elsewhere_is_not_shown(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    toasts = Toasts(host, lambda message: message.startswith("No"))
    toasts.show_message("No room.", Tone.FAILURE)
    toasts.show_message("Done.")
    assert toasts.messages == ["Done."]


def test_only_the_newest_few_are_shown(host: QWidget) -> None:
    toasts = Toasts(host)
    for number in range(9):
        toasts.show_message(f"Message {number}", Tone.FAILURE)
    assert toasts.messages == [f"Message {number}" for number in range(5, 9)]


def test_a_note_goes_by_itself_and_a_failure_stays(
    qtbot: QtBot, host: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module._SECONDS, Tone.DONE, 0.01)
    toasts = Toasts(host)
    toasts.show_message("Saved.", Tone.DONE)
    toasts.show_message("The disk is full.", Tone.FAILURE)
    qtbot.waitUntil(lambda: toasts.messages == ["The disk is full."])


def test_details_are_folded_away_at_first(host: QWidget) -> None:
    toasts = Toasts(host)
    toasts.show_message("It stopped.", Tone.FAILURE, "exit code -9")
    (button,) = toasts.findChildren(QPushButton)
    details = next(w for w in toasts.findChildren(QLabel) if w.text() == "exit code -9")
    assert not details.isVisible()
    button.click()
    assert details.isVisible()


def test_it_stays_in_the_corner_when_the_window_changes(host: QWidget) -> None:
    toasts = Toasts(host)
    toasts.show_message("Saved.", Tone.FAILURE)
    host.resize(500, 400)
    assert host.rect().contains(toasts.geometry())


def test_in_a_narrow_host_a_long_path_is_broken_and_the_message_can_be_closed(
    host: QWidget,
) -> None:
    host.resize(260, 500)
    toasts = Toasts(host)
    toasts.show_message(f"/tmp/{'a_long_name_' * 12}.png is empty.", Tone.FAILURE, "x" * 90)
    [toast] = toasts._toasts
    closer = toast.closer
    place = closer.rect().translated(closer.mapTo(host, closer.rect().topLeft()))
    assert host.rect().contains(toasts.geometry()) and host.rect().contains(place)


def test_what_looks_like_markup_is_shown_as_it_is(host: QWidget) -> None:
    toasts = Toasts(host)
    toasts.show_message("<b>lake</b>.png is empty.")
    [label] = (each for each in toasts.findChildren(QLabel) if "lake" in each.text())
    assert label.textFormat() is Qt.TextFormat.PlainText
