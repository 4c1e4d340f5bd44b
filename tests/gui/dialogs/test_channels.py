from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.selection import Operation
from studio.gui.dialogs.channels import ChannelsDialog
from tests.helpers.documents import records


@pytest.fixture
def dialog(qtbot: QtBot) -> ChannelsDialog:
    dialog = ChannelsDialog(["sky", "Selection 1"], can_save=True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def button(dialog: ChannelsDialog, text: str) -> QPushButton:
    return next(it for it in dialog.findChildren(QPushButton) if it.text() == text)


def test_a_new_channel_has_a_name_that_is_free(dialog: ChannelsDialog) -> None:
    saved = records(dialog.save_requested)
    assert dialog.findChildren(QLineEdit)[0].text() == "Selection 2"
    button(dialog, "Save").click()
    assert saved == ["Selection 2"]
    assert not dialog.isVisible()


def test_a_channel_without_a_name_is_not_saved(dialog: ChannelsDialog) -> None:
    saved = records(dialog.save_requested)
    dialog.findChildren(QLineEdit)[0].setText("  ")
    button(dialog, "Save").click()
    assert saved == []


def test_a_channel_is_loaded_in_the_way_that_is_chosen(dialog: ChannelsDialog) -> None:
    loaded = records(dialog.load_requested)
    dialog.choose("sky", Operation.SUBTRACT)
    button(dialog, "Load").click()
    assert loaded[0][0] == "sky"
    assert loaded[0][1] is Operation.SUBTRACT


def test_removed_channels_are_gone_from_the_list(dialog: ChannelsDialog) -> None:
    removed = records(dialog.remove_requested)
    for name in ("Selection 1", "sky"):
        dialog.choose(name, Operation.REPLACE)
        button(dialog, "Remove").click()
    assert removed == ["Selection 1", "sky"]
    assert dialog.names == ()
    assert not button(dialog, "Load").isEnabled()


def test_nothing_is_saved_where_nothing_is_selected(qtbot: QtBot) -> None:
    dialog = ChannelsDialog([], can_save=False)
    qtbot.addWidget(dialog)
    assert not button(dialog, "Save").isEnabled()
