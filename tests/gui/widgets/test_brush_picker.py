"""Brushes are chosen by a sample stroke, and the person's own kept, renamed and deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from studio import paths
from studio.core.brush import BrushSettings
from studio.core.colour import Colour
from studio.files.brushes import BrushKind, BrushStore
from studio.gui.models.brushes import BrushesModel
from studio.gui.widgets.brush_picker import BrushPicker

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

BROAD = BrushSettings(size=333.0)


@pytest.fixture
def store(tmp_path: Path) -> BrushStore:
    return BrushStore(paths.resources() / "brushes", tmp_path / "own")


@pytest.fixture
def picker(store: BrushStore, qtbot: QtBot) -> BrushPicker:
    picker = BrushPicker(store)
    qtbot.addWidget(picker)
    picker.show_brush(BROAD)
    picker.show()
    return picker


def names(picker: BrushPicker) -> list[str]:
    box = picker.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    return [box.itemText(row) for row in range(box.count())]


def choose(picker: BrushPicker, name: str) -> None:
    box = picker.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    row = names(picker).index(name)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def entries(picker: BrushPicker) -> dict[str, bool]:
    """What of the menu can be done now."""
    menu = picker.findChild(QMenu)
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


def pick_entry(picker: BrushPicker, text: str) -> None:
    menu = picker.findChild(QMenu)
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_each_kind_has_its_brushes(picker: BrushPicker, store: BrushStore) -> None:
    for kind in BrushKind:
        picker.show_kind(kind)
        assert names(picker) == [preset.name for preset in store.of(kind)]


def test_a_chosen_brush_is_told(picker: BrushPicker, store: BrushStore) -> None:
    told: list[BrushSettings] = []
    picker.chosen.connect(told.append)
    choose(picker, "Ink")
    assert told == [preset.settings for preset in store.presets if preset.name == "Ink"]


def test_each_kind_remembers_what_was_chosen(picker: BrushPicker) -> None:
    choose(picker, "Ink")
    picker.show_kind(BrushKind.ERASE)
    assert picker.preset is None
    picker.show_kind(BrushKind.PAINT)
    assert picker.preset is not None
    assert picker.preset.name == "Ink"


def test_the_brush_as_it_is_now_is_kept_by_name(picker: BrushPicker, store: BrushStore) -> None:
    pick_entry(picker, "Save As…")
    dialog = picker.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue("Very broad")
    dialog.accept()
    assert store.presets[-1].settings == BROAD
    assert picker.preset == store.presets[-1]
    assert names(picker)[-1] == "Very broad"


def test_only_one_s_own_brushes_can_be_changed(picker: BrushPicker) -> None:
    choose(picker, "Ink")
    assert entries(picker) == {
        "Save As…": True,
        "Save the Changes": False,
        "As It Was": True,
        "Rename…": False,
        "Delete": False,
    }
    picker.save_as("Mine")
    assert entries(picker) == {
        "Save As…": True,
        "Save the Changes": False,
        "As It Was": False,
        "Rename…": True,
        "Delete": True,
    }


def test_changes_are_kept_or_given_up(picker: BrushPicker, store: BrushStore) -> None:
    picker.save_as("Mine")
    changed = replace(BROAD, flow=0.3)
    picker.show_brush(changed)
    told: list[BrushSettings] = []
    picker.chosen.connect(told.append)
    pick_entry(picker, "As It Was")
    assert told == [BROAD]
    picker.show_brush(changed)
    entries(picker)
    pick_entry(picker, "Save the Changes")
    assert store.presets[-1].settings == changed


def test_the_colour_is_no_part_of_a_brush(picker: BrushPicker) -> None:
    picker.save_as("Mine")
    picker.show_brush(replace(BROAD, colour=Colour(99, 0, 0)))
    assert not entries(picker)["Save the Changes"]


def test_a_brush_is_renamed_and_deleted(picker: BrushPicker, store: BrushStore) -> None:
    picker.save_as("Mine")
    entries(picker)
    pick_entry(picker, "Rename…")
    dialog = picker.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    assert dialog.textValue() == "Mine"
    dialog.setTextValue("Still mine")
    dialog.accept()
    assert picker.preset is not None
    assert picker.preset.name == "Still mine"
    pick_entry(picker, "Delete")
    assert picker.preset is None
    assert not any(preset.is_own for preset in store.presets)


def test_what_cannot_be_done_is_said(picker: BrushPicker) -> None:
    said: list[str] = []
    picker.refused.connect(said.append)
    picker.save_as("Ink")
    assert len(said) == 1
    assert "brush of the program" in said[0]


def test_samples_are_drawn_once_the_picker_is_seen(store: BrushStore, qtbot: QtBot) -> None:
    picker = BrushPicker(store)
    qtbot.addWidget(picker)
    model = picker.findChild(BrushesModel)
    assert model is not None
    first = model.index(0)
    qtbot.wait(20)
    assert first.data(Qt.ItemDataRole.DecorationRole) is None
    picker.show()
    qtbot.waitUntil(lambda: first.data(Qt.ItemDataRole.DecorationRole) is not None)


def test_samples_are_drawn_when_there_is_time(store: BrushStore, qtbot: QtBot) -> None:
    model = BrushesModel()
    model.set_presets(store.of(BrushKind.ERASE))
    model.draw_samples()
    rows = range(model.rowCount())

    def samples() -> list[bool]:
        role = Qt.ItemDataRole.DecorationRole
        return [model.index(row).data(role) is not None for row in rows]

    assert not any(samples())
    qtbot.waitUntil(lambda: all(samples()))
    model.set_ink(QColor("red"))
    assert not any(samples())
    qtbot.waitUntil(lambda: all(samples()))
