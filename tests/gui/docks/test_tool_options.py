"""The tool's options show and set what the tool in hand goes by."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.brush import LINEAR, Source, Target
from studio.core.colour import Colour
from studio.core.commands.canvas import ResizeCanvas
from studio.core.commands.selection import SetMask
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.gui.docks.tool_options import ToolOptionsPanel
from studio.gui.options.brush import BrushSizeField
from studio.gui.toolbox import CARDS
from studio.gui.workspace import ToolId, Workspace

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

CANVAS = Bounds(0, 0, 512, 256)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.replace_document(Document(CANVAS))
    return workspace


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> ToolOptionsPanel:
    panel = ToolOptionsPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(280, 480)
    panel.show()
    return panel


def number(panel: QWidget, name: str) -> QDoubleSpinBox | QSpinBox:
    """The visible number of that name."""
    found = next(
        box
        for box in panel.findChildren(QAbstractSpinBox)
        if box.accessibleName() == name and box.isVisible()
    )
    assert isinstance(found, QDoubleSpinBox | QSpinBox)
    return found


def button(panel: QWidget, name: str) -> QAbstractButton:
    return next(b for b in panel.findChildren(QAbstractButton) if b.accessibleName() == name)


def click(panel: QWidget, name: str) -> None:
    QTest.mouseClick(button(panel, name), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("tool", list(ToolId))
def test_every_tool_has_a_page(panel: ToolOptionsPanel, workspace: Workspace, tool: ToolId) -> None:
    workspace.set_tool(tool)
    visible = [w for w in panel.findChildren(QWidget) if w.isVisible()]
    assert any(w.objectName() == "heading" for w in visible)
    assert len(visible) > 1


def test_the_brush_is_set_by_numbers(panel: ToolOptionsPanel, workspace: Workspace) -> None:
    number(panel, "Brush size").setValue(77)
    number(panel, "Hardness").setValue(30)
    number(panel, "Opacity").setValue(50)
    number(panel, "Flow").setValue(20)
    brush = workspace.brush
    assert (brush.size, brush.hardness, brush.opacity, brush.flow) == (77, 0.3, 0.5, 0.2)


def test_the_numbers_follow_the_brush(panel: ToolOptionsPanel, workspace: Workspace) -> None:
    workspace.set_brush(size=123.0, hardness=0.25)
    assert number(panel, "Brush size").value() == 123
    assert number(panel, "Hardness").value() == 25


def test_pressure_can_be_switched(panel: ToolOptionsPanel, workspace: Workspace) -> None:
    box = next(b for b in panel.findChildren(QCheckBox) if b.text().startswith("Flow"))
    box.toggle()
    assert workspace.brush.curve(Source.PRESSURE, Target.FLOW) == LINEAR
    workspace.set_brush(dynamics=())
    assert not box.isChecked()


@pytest.mark.parametrize("size", [1.0, 7.0, 40.0, 333.0, 2000.0])
def test_the_size_slider_moves_by_ratios(qtbot: QtBot, size: float) -> None:
    field = BrushSizeField()
    qtbot.addWidget(field)
    told: list[float] = []
    field.changed.connect(told.append)
    field.set_value(size)
    assert not told
    slider = field.findChild(QSlider)
    assert isinstance(slider, QSlider)
    slider.setValue(slider.value() - 91)  # a little more than halves it
    slider.setValue(slider.value() + 91)
    assert not told or told[-1] == pytest.approx(size, rel=0.02, abs=1)
    assert size < 2 or told[0] == pytest.approx(size / 2, rel=0.05, abs=1)


def test_the_mask_is_cleared_and_inverted(panel: ToolOptionsPanel, workspace: Workspace) -> None:
    workspace.set_tool(ToolId.MASK)
    workspace.stack.push(SetMask.from_bounds(Bounds(0, 0, 10, 10)))
    click(panel, "Invert the mask")
    assert workspace.document.mask.read(Bounds(5, 5, 1, 1))[0, 0] == 0
    assert workspace.document.mask.read(Bounds(50, 50, 1, 1))[0, 0] == 255
    click(panel, "Clear the mask")
    assert workspace.document.mask.is_empty
    assert workspace.stack.undo_name == "Clear mask"


def test_only_the_brush_has_a_colour_and_only_masks_a_mask_colour(
    panel: ToolOptionsPanel, workspace: Workspace
) -> None:
    workspace.set_tool(ToolId.BRUSH)
    assert button(panel, "Colour").isVisible() and not button(panel, "Mask colour").isVisible()
    workspace.set_tool(ToolId.MASK_ERASER)
    assert button(panel, "Mask colour").isVisible() and not button(panel, "Colour").isVisible()


def test_a_colour_is_chosen_in_a_dialog_and_given_up_by_escape(
    panel: ToolOptionsPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    before = workspace.brush.colour
    click(panel, "Colour")
    dialog = panel.findChild(QColorDialog)
    assert isinstance(dialog, QColorDialog)
    dialog.setCurrentColor(QColor(12, 34, 56))
    assert workspace.brush.colour == Colour(12, 34, 56)
    dialog.reject()
    assert workspace.brush.colour == before


def test_the_mask_colour_is_told(
    panel: ToolOptionsPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.set_tool(ToolId.MASK)
    click(panel, "Mask colour")
    dialog = panel.findChild(QColorDialog)
    assert isinstance(dialog, QColorDialog)
    with qtbot.waitSignal(panel.mask_colour_chosen) as signal:
        dialog.setCurrentColor(QColor(0, 200, 0))
    assert signal.args == [QColor(0, 200, 0)]
    dialog.accept()


def test_the_frame_is_set_by_numbers_in_single_steps(
    panel: ToolOptionsPanel, workspace: Workspace
) -> None:
    workspace.set_tool(ToolId.FRAME)
    number(panel, "Frame x").setValue(32)
    number(panel, "Frame width").setValue(256)
    assert workspace.document.frame == Bounds(32, 0, 256, 256)
    workspace.stack.undo()
    assert workspace.document.frame == Bounds(32, 0, 512, 256)
    assert number(panel, "Frame width").value() == 512


def test_a_preset_keeps_the_frames_middle(panel: ToolOptionsPanel, workspace: Workspace) -> None:
    workspace.set_tool(ToolId.FRAME)
    presets = next(box for box in panel.findChildren(QComboBox) if box.isVisible())
    presets.activated.emit(presets.findText("256 × 256"))
    assert workspace.document.frame == Bounds(128, 0, 256, 256)


def test_extending_by_numbers_asks_for_the_wider_canvas(
    panel: ToolOptionsPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.set_tool(ToolId.EXTEND)
    apply = next(b for b in panel.findChildren(QAbstractButton) if b.text() == "Extend")
    assert not apply.isEnabled()
    number(panel, "Extend left").setValue(64)
    number(panel, "Extend bottom").setValue(128)
    with qtbot.waitSignal(panel.extend_requested) as signal:
        QTest.mouseClick(apply, Qt.MouseButton.LeftButton)
    assert signal.args == [Bounds(-64, 0, 576, 384)]
    assert number(panel, "Extend left").value() == 0
    assert workspace.document.canvas == CANVAS


def test_extending_says_what_comes_of_the_canvas_as_it_is_now(
    panel: ToolOptionsPanel, workspace: Workspace
) -> None:
    workspace.set_tool(ToolId.EXTEND)
    number(panel, "Extend left").setValue(64)
    workspace.stack.push(ResizeCanvas(Bounds(0, 0, 20, 16)))
    assert shown_words(panel, "becomes") == "The canvas becomes 84 × 16."
    workspace.stack.undo()
    assert shown_words(panel, "becomes") == f"The canvas becomes {CANVAS.width + 64} × 256."


def shown_words(panel: ToolOptionsPanel, part: str) -> str:
    """What the visible label says that has these words in it."""
    labels = (label for label in panel.findChildren(QLabel) if label.isVisible())
    return next(label.text() for label in labels if part in label.text())


def test_every_control_has_a_name(panel: ToolOptionsPanel) -> None:
    controls = (QAbstractButton, QAbstractSpinBox, QSlider, QComboBox)
    unnamed = [
        control
        for kind in controls
        for control in panel.findChildren(kind)
        if not control.accessibleName() and not getattr(control, "text", str)()
    ]
    assert not unnamed


def test_tools_with_nothing_to_set_say_how_they_are_used(
    panel: ToolOptionsPanel, workspace: Workspace
) -> None:
    workspace.set_tool(ToolId.HAND)
    panel.resize(280, 600)
    shown = {label.text(): label for label in panel.findChildren(QLabel) if label.isVisible()}
    assert set(shown) == {"Hand", CARDS[ToolId.HAND].hint}
    assert shown["Hand"].geometry().bottom() < 40
