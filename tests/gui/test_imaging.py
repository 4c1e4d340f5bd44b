from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core.commands.layer import RenameLayer
from studio.core.commands.selection import SetSelection
from studio.core.geometry import Bounds, Extent
from studio.core.selection import rectangle
from studio.gui.background import Background
from studio.gui.dialogs.extend_canvas import AnchorGrid, ExtendCanvasDialog
from studio.gui.dialogs.scale_image import ScaleImageDialog
from studio.gui.errands import Errands
from studio.gui.imaging import CHANGED_MEANWHILE, Imaging
from studio.gui.workspace import Workspace
from tests.helpers.documents import RED, document_with, records, solid

CANVAS = Bounds(0, 0, 200, 100)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(document_with(solid(50, 20, RED), canvas=CANVAS))
    return workspace


@pytest.fixture
def imaging(workspace: Workspace, qtbot: QtBot) -> Imaging:
    background = Background()
    imaging = Imaging(workspace, Errands(background))
    imaging.setProperty("background", background)
    return imaging


def wait(imaging: Imaging, qtbot: QtBot) -> None:
    background = imaging.property("background")
    qtbot.waitUntil(lambda: background.is_idle)


def number(dialog: QWidget, name: str) -> QSpinBox | QDoubleSpinBox:
    boxes = dialog.findChildren(QAbstractSpinBox)
    found = next(box for box in boxes if box.accessibleName() == name)
    assert isinstance(found, QSpinBox | QDoubleSpinBox)
    return found


def test_turning_and_scaling_are_one_step_each(
    imaging: Imaging, workspace: Workspace, qtbot: QtBot
) -> None:
    imaging.turn(1)
    wait(imaging, qtbot)
    assert workspace.document.canvas == Bounds(0, 0, 100, 200)
    imaging.scale(Extent(50, 100))
    wait(imaging, qtbot)
    assert workspace.document.layers[0].pixels.used_bounds() == Bounds(40, 0, 10, 25)
    imaging.mirror(across=True)
    wait(imaging, qtbot)
    names = [entry.name for entry in workspace.stack.entries]
    assert names == ["Turn image right", "Scale image", "Mirror image"]
    workspace.stack.go_to(0)
    assert workspace.document.canvas == CANVAS


def test_what_changed_meanwhile_is_not_overwritten(
    imaging: Imaging, workspace: Workspace, qtbot: QtBot
) -> None:
    heard = records_of_messages(imaging)
    imaging.turn(1)
    workspace.stack.push(RenameLayer(workspace.document.layers[0], "other"))
    wait(imaging, qtbot)
    assert workspace.document.canvas == CANVAS
    assert heard == [CHANGED_MEANWHILE]


def records_of_messages(imaging: Imaging) -> list[str]:
    heard: list[str] = []
    imaging.message.connect(lambda words, *_: heard.append(words))
    return heard


def test_cropping_to_the_selection_and_trimming_lose_nothing(
    imaging: Imaging, workspace: Workspace
) -> None:
    imaging.trim()
    assert workspace.document.canvas == Bounds(0, 0, 50, 20)
    workspace.stack.push(SetSelection(rectangle(Bounds(10, 5, 300, 10))))
    assert imaging.has_selection
    imaging.crop_to_selection()
    assert workspace.document.canvas == Bounds(10, 5, 40, 10)
    assert workspace.document.layers[0].pixels.used_bounds() == Bounds(0, 0, 50, 20)


def test_trimming_an_empty_picture_says_so(imaging: Imaging, workspace: Workspace) -> None:
    workspace.document.layers[0].visible = False
    heard = records_of_messages(imaging)
    imaging.trim()
    assert heard and workspace.document.canvas == CANVAS


def test_sizes_keep_the_aspect_unless_they_are_freed(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ScaleImageDialog(Extent(200, 100), parent)
    number(dialog, "Width in pixels").setValue(300)
    assert dialog.extent == Extent(300, 150)
    number(dialog, "Share").setValue(50)
    assert dialog.extent == Extent(100, 50)
    chosen: list[Extent] = []
    dialog.chosen.connect(chosen.append)
    dialog.accept()
    assert chosen == [Extent(100, 50)]


def test_a_canvas_is_extended_by_pixels_by_shares_and_about_an_anchor(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExtendCanvasDialog(CANVAS, parent)
    number(dialog, "Left").setValue(20)
    assert dialog.wanted == Bounds(-20, 0, 220, 100)
    number(dialog, "New width").setValue(300)
    assert dialog.wanted == Bounds(-50, 0, 300, 100)
    anchors = dialog.findChild(AnchorGrid)
    assert anchors is not None
    corner = next(button for button in anchors.findChildren(QWidget) if button.toolTip() == "Left")
    QTest.mouseClick(corner, Qt.MouseButton.LeftButton)
    assert dialog.wanted == Bounds(0, 0, 300, 100)
    heard = records(dialog.chosen)
    dialog.accept()
    assert heard == [Bounds(0, 0, 300, 100)]


def test_shares_count_what_is_there(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExtendCanvasDialog(CANVAS, parent)
    dialog._unit.setCurrentIndex(1)
    number(dialog, "Top").setValue(50)
    assert dialog.wanted == Bounds(0, -50, 200, 150)
