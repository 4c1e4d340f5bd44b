"""The options of the tools that move, transform, crop and write."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds, Point
from studio.core.layers import TextLayer
from studio.core.snapping import SnapSettings
from studio.core.text import Alignment, TextContent
from studio.gui.options.cropping import CropOptions
from studio.gui.options.moving import MoveOptions
from studio.gui.options.text import TextOptions
from studio.gui.options.transforming import TransformOptions
from studio.gui.workspace import ToolId, Workspace
from studio.tools import CropSettings, CropTool, TransformSettings, TransformTool
from tests.helpers.documents import RED, document_with, solid

CANVAS = Bounds(0, 0, 400, 200)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    document = document_with(solid(40, 20, RED), canvas=CANVAS)
    document.active = document.layers[0]
    workspace.replace_document(document)
    return workspace


def number(page: QWidget, name: str) -> QSpinBox | QDoubleSpinBox:
    found = next(box for box in page.findChildren(QAbstractSpinBox) if box.accessibleName() == name)
    assert isinstance(found, QSpinBox | QDoubleSpinBox)
    return found


def press(page: QWidget, name: str) -> None:
    """Presses the button of that name, or with those words."""
    buttons = page.findChildren(QAbstractButton)
    button = next(it for it in buttons if name in (it.accessibleName(), it.text()))
    button.click()


def test_numbers_transform_the_layer_and_apply_makes_it_final(
    workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.set_tool(ToolId.TRANSFORM)
    page = TransformOptions(workspace)
    qtbot.addWidget(page)
    number(page, "Width").setValue(200)
    number(page, "Pivot x").setValue(100)
    number(page, "Pivot y").setValue(50)
    press(page, "Apply")
    assert workspace.document.layers[0].pixels.used_bounds() == Bounds(60, 40, 80, 20)
    assert workspace.stack.undo_name == "Transform"
    assert number(page, "Width").value() == 100


def test_the_numbers_follow_the_hand_and_the_document(workspace: Workspace, qtbot: QtBot) -> None:
    page = TransformOptions(workspace)
    qtbot.addWidget(page)
    tool = workspace.current.tools[ToolId.TRANSFORM]
    assert isinstance(tool, TransformTool)
    tool.turn(30)
    assert number(page, "Angle").value() == pytest.approx(30, abs=0.1)
    press(page, "Reset")
    assert number(page, "Angle").value() == 0
    press(page, "Turn right")
    assert number(page, "Angle").value() == 90
    workspace.replace_document(document_with(canvas=CANVAS))
    assert number(page, "Angle").value() == 0
    tool.turn(10)
    assert number(page, "Angle").value() == 0


def test_linking_is_remembered(workspace: Workspace, qtbot: QtBot) -> None:
    page = TransformOptions(workspace)
    qtbot.addWidget(page)
    press(page, "Keep the aspect")
    assert workspace.tool_settings[TransformSettings].linked
    number(page, "Height").setValue(50)
    assert number(page, "Width").value() == pytest.approx(50)


def test_crops_by_number_and_aspect(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.set_tool(ToolId.CROP)
    page = CropOptions(workspace)
    qtbot.addWidget(page)
    number(page, "Crop width").setValue(100)
    tool = workspace.tool
    assert isinstance(tool, CropTool) and tool.area == Bounds(0, 0, 100, 200)
    page._ratio.setCurrentIndex(1)
    page._ratio.activated.emit(1)
    assert tool.area.width == tool.area.height == 100
    assert number(page, "Crop y").value() == 50
    press(page, "Delete what is cut off")
    assert workspace.tool_settings[CropSettings].delete
    press(page, "Crop")
    assert workspace.document.canvas == Bounds(0, 50, 100, 100)


def test_snapping_can_be_switched_off_as_a_whole(workspace: Workspace, qtbot: QtBot) -> None:
    page = MoveOptions(workspace)
    qtbot.addWidget(page)
    press(page, "To the model's grid")
    assert workspace.tool_settings[SnapSettings].grid == workspace.grid
    press(page, "Snap while moving")
    assert not workspace.tool_settings[SnapSettings].enabled
    boxes = page.findChildren(QAbstractButton)
    assert not next(box for box in boxes if box.text() == "To guides").isEnabled()


def test_the_active_text_takes_the_look_that_is_chosen(workspace: Workspace, qtbot: QtBot) -> None:
    layer = TextLayer("words", TextContent("words", size_px=30.0), Point(10, 10))
    workspace.document.layers.insert(1, layer)
    workspace.document.active = layer
    workspace.set_tool(ToolId.TEXT)
    page = TextOptions(workspace)
    qtbot.addWidget(page)
    assert page._size.value() == 30.0
    page._size.setValue(50.0)
    press(page, "Bold")
    press(page, "Align right")
    assert layer.text.size_px == 50.0 and layer.text.bold
    assert layer.text.alignment is Alignment.RIGHT
    assert [entry.name for entry in workspace.stack.entries] == ["Text style"]
