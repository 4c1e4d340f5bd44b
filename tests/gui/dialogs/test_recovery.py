"""The dialog lists lost drawings and passes on what the person says of each."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.claims import Claim
from studio.gui.dialogs.recovery import RecoveryDialog
from studio.gui.recovery import Found
from studio.journal import About, LostDrawing
from tests.helpers.documents import records


@pytest.fixture
def drawings(tmp_path: Path) -> tuple[Found, ...]:
    abouts = (
        About(name="lake.ora", path="/pictures/lake.ora", time=time.time() - 120),
        About(name="<b>untitled</b>", time=time.time() - 4),
    )
    picture = QImage(40, 20, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    return tuple(Found(LostDrawing(about, Claim.make(tmp_path)), picture) for about in abouts)


@pytest.fixture
def dialog(qtbot: QtBot, drawings: tuple[Found, ...]) -> RecoveryDialog:
    dialog = RecoveryDialog(drawings)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def button(dialog: RecoveryDialog, name: str) -> QPushButton:
    (found,) = [
        child
        for child in dialog.findChildren(QPushButton)
        if name in (child.accessibleName(), child.text()) and not child.isHidden()
    ]
    return found


def words(dialog: RecoveryDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_each_drawing_has_its_name_its_time_and_its_place(dialog: RecoveryDialog) -> None:
    assert "lake.ora" in words(dialog)
    assert "2 minutes ago, in /pictures" in words(dialog)
    assert "<b>untitled</b>" in words(dialog)
    assert "just now, never saved" in words(dialog)
    assert not dialog.isModal()


def test_one_is_opened_and_the_other_discarded(
    dialog: RecoveryDialog, drawings: tuple[Found, ...]
) -> None:
    opened, discarded = records(dialog.open_requested), records(dialog.discard_requested)
    kept = records(dialog.keep_requested)
    button(dialog, "Open lake.ora").click()
    assert dialog.isVisible()
    assert dialog.drawings == drawings[1:]
    button(dialog, "Discard <b>untitled</b>").click()
    assert not dialog.isVisible()
    assert (opened, discarded, kept) == ([drawings[0]], [drawings[1]], [])


def test_all_are_opened_and_the_latest_is_in_front(
    dialog: RecoveryDialog, drawings: tuple[Found, ...]
) -> None:
    opened = records(dialog.open_requested)
    button(dialog, "Open all").click()
    assert opened == [drawings[1], drawings[0]]
    assert not dialog.isVisible()


@pytest.mark.parametrize("how", ["button", "escape", "close"])
def test_what_is_left_is_kept_for_later(
    qtbot: QtBot, dialog: RecoveryDialog, drawings: tuple[Found, ...], how: str
) -> None:
    kept = records(dialog.keep_requested)
    if how == "button":
        button(dialog, "Keep for later").click()
    elif how == "escape":
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        dialog.close()
    assert kept == list(drawings)
    assert not dialog.isVisible()
