"""Choosing how models are fitted into memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio import paths
from studio.core.errors import EngineError
from studio.engine.protocol import EngineStatus
from studio.engine.tuning import TUNING_FILE, Tuning, load_tuning, save_tuning
from studio.generation.memory import GIB, MemoryPlan, Rung
from studio.gui.dialogs.memory_use import MemoryDialog
from studio.gui.dialogs.model_manager import ModelManager
from studio.gui.main_window import MainWindow
from studio.gui.studio import Studio

PLAN = MemoryPlan(rung=Rung.MODULES, needed=4 * GIB, total=6 * GIB, is_shared=False)
STATUS = EngineStatus(device="NVIDIA RTX 4050", model="m", plan=PLAN)


def shown(
    qtbot: QtBot, studio: Studio, config: Path, status: EngineStatus = STATUS
) -> MemoryDialog:
    dialog = MemoryDialog(config, studio.background, status)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choice(dialog: MemoryDialog, name: str) -> QComboBox:
    """The field of that name."""
    return next(each for each in dialog.findChildren(QComboBox) if name in each.accessibleName())


def switch(dialog: MemoryDialog, words: str) -> QCheckBox:
    return next(each for each in dialog.findChildren(QCheckBox) if words in each.text())


def choose(box: QComboBox, value: object) -> None:
    box.setCurrentIndex(box.findData(value))


def save(dialog: MemoryDialog) -> None:
    next(each for each in dialog.findChildren(QPushButton) if "Save" in each.text()).click()


def test_it_shows_the_device_the_plan_and_what_was_chosen(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    save_tuning(tmp_path, Tuning(memory="low"))
    dialog = shown(qtbot, studio, tmp_path)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert "NVIDIA RTX 4050" in words and PLAN.line in words
    assert choice(dialog, "fitted").currentData() == "low"


def test_what_is_chosen_is_kept_and_nothing_else_changes(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    save_tuning(tmp_path, Tuning(compiled=True, step_cache=0.123))
    dialog = shown(qtbot, studio, tmp_path, EngineStatus())
    choose(choice(dialog, "fitted"), "balanced")
    with qtbot.waitSignals([dialog.saved, dialog.accepted]):
        save(dialog)
    assert load_tuning(tmp_path) == Tuning(memory="balanced", compiled=True, step_cache=0.123)


def test_everything_that_makes_models_faster_can_be_said(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    dialog = shown(qtbot, studio, tmp_path, EngineStatus())
    choose(choice(dialog, "fitted"), "halved")
    choose(choice(dialog, "attention"), "plain")
    choose(choice(dialog, "steps"), 0.1)
    switch(dialog, "together").click()
    switch(dialog, "Compile").click()
    with qtbot.waitSignal(dialog.accepted):
        save(dialog)
    wanted = Tuning(
        memory="halved", compiled=True, step_cache=0.1, attention="plain", together=True
    )
    assert load_tuning(tmp_path) == wanted


def test_each_choice_says_whether_pictures_change(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    dialog = shown(qtbot, studio, tmp_path)
    fields = [*dialog.findChildren(QComboBox), *dialog.findChildren(QCheckBox)]
    assert len(fields) == 5
    assert all("ictures" in each.accessibleDescription() for each in fields)


def test_a_folder_that_cannot_be_written_is_told(
    qtbot: QtBot, studio: Studio, tmp_path: Path
) -> None:
    dialog = shown(qtbot, studio, tmp_path / "config")
    (tmp_path / "config").write_text("")
    save(dialog)
    qtbot.waitUntil(
        lambda: any("cannot be written" in each.text() for each in dialog.findChildren(QLabel))
    )
    assert dialog.isVisible()


def test_settings_that_cannot_be_read_are_told(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / TUNING_FILE).write_text("{")
    with pytest.raises(EngineError):
        MemoryDialog(tmp_path, studio.background, STATUS)


def test_the_window_of_models_opens_it(window: MainWindow, studio: Studio) -> None:
    window.registry.run("file.models")
    [manager] = window.findChildren(ModelManager)
    manager.memory_requested.emit()
    [dialog] = manager.findChildren(MemoryDialog)
    dialog.close()
    paths.config().mkdir(parents=True, exist_ok=True)
    (paths.config() / TUNING_FILE).write_text("{")
    told: list[str] = []
    studio.installations.message.connect(lambda sentence, tone, details: told.append(sentence))
    manager.memory_requested.emit()
    assert told and "is not valid" in told[0]
    manager.close()
