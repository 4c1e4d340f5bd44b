"""Which brush, how its tip is, and what the pen does to it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core.brush import LINEAR, BrushSettings, Curve, Source, Target, Texture
from studio.core.colour import Colour
from studio.gui.options.brush import BrushOptions
from studio.gui.options.dynamics import DynamicsOptions
from studio.gui.options.tip import TipOptions
from studio.gui.widgets.brush_picker import BrushPicker
from studio.gui.widgets.curve_edit import CurveEdit
from studio.gui.widgets.fields import SliderField
from studio.gui.workspace import ToolId, Workspace

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    return Workspace()


def box(page: QWidget, name: str) -> QComboBox:
    return next(b for b in page.findChildren(QComboBox) if b.accessibleName() == name)


def choose(page: QWidget, name: str, text: str) -> None:
    found = box(page, name)
    found.setCurrentText(text)
    found.activated.emit(found.currentIndex())


def test_choosing_a_brush_paints_with_it_in_the_present_colour(
    workspace: Workspace, qtbot: QtBot
) -> None:
    page = BrushOptions(workspace)
    qtbot.addWidget(page)
    workspace.set_colour(Colour(1, 2, 3))
    choose(page, "Brush", "Chalk")
    assert workspace.brush.texture is Texture.CHALK
    assert workspace.brush.colour == Colour(1, 2, 3)


def test_each_tool_offers_the_brushes_that_suit_it(workspace: Workspace, qtbot: QtBot) -> None:
    page = BrushOptions(workspace)
    qtbot.addWidget(page)
    offered = []
    for tool in (ToolId.BRUSH, ToolId.ERASER, ToolId.MASK_ERASER, ToolId.SMUDGE):
        workspace.set_tool(tool)
        offered.append(box(page, "Brush").itemText(0))
    assert offered == ["Soft round", "Hard eraser", "Hard mask", "Soft round"]


def test_what_the_picker_refuses_is_passed_on(workspace: Workspace, qtbot: QtBot) -> None:
    page = BrushOptions(workspace)
    qtbot.addWidget(page)
    said: list[str] = []
    page.refused.connect(said.append)
    page.findChildren(BrushPicker)[0].save_as("")
    assert said == ["A brush needs a name: write one."]


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("Angle", 30, {"angle": 30.0}),
        ("Roundness", 25, {"roundness": 0.25}),
        ("Spacing", 50, {"spacing": 0.5}),
        ("Smoothing", 40, {"smoothing": 0.4}),
        ("Grain", 90, {"grain": 0.9}),
    ],
)
def test_the_tip_is_set_and_shown(
    workspace: Workspace, qtbot: QtBot, name: str, value: int, setting: dict[str, float]
) -> None:
    page = TipOptions(workspace)
    qtbot.addWidget(page)
    field = next(f for f in page.findChildren(SliderField) if f.accessibleName() == name)
    field.changed.emit(float(value))
    assert workspace.brush == BrushSettings(**setting)  # type: ignore[arg-type]
    assert field.value == value
    workspace.use_brush(BrushSettings())
    assert field.value != value


def test_a_smooth_ground_has_no_grain(workspace: Workspace, qtbot: QtBot) -> None:
    page = TipOptions(workspace)
    qtbot.addWidget(page)
    grain = next(f for f in page.findChildren(SliderField) if f.accessibleName() == "Grain")
    enabled = [grain.isEnabled()]
    choose(page, "Ground", "Paper")
    assert workspace.brush.texture is Texture.PAPER
    assert [*enabled, grain.isEnabled()] == [False, True]


def test_a_reading_is_put_on_a_setting_and_taken_off(workspace: Workspace, qtbot: QtBot) -> None:
    page = DynamicsOptions(workspace)
    qtbot.addWidget(page)
    acts, curve = page.findChildren(QCheckBox)[0], page.findChildren(CurveEdit)[0]
    assert acts.isChecked()
    choose(page, "Reading", "Tilt")
    choose(page, "Acts on", "Roundness")
    assert not acts.isChecked()
    assert not curve.isEnabled()
    acts.setChecked(True)
    assert workspace.brush.curve(Source.TILT, Target.ROUNDNESS) == LINEAR
    falling = Curve(((0.0, 1.0), (1.0, 0.2)))
    curve.changed.emit(falling)
    assert workspace.brush.curve(Source.TILT, Target.ROUNDNESS) == falling
    assert curve.curve == falling
    acts.setChecked(False)
    assert workspace.brush == BrushSettings()
