"""What can be set about the tools that fill, copy and smear, and what is shown of it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.gradient import GradientKind
from studio.gui.options.clone import CloneOptions
from studio.gui.options.filling import FillOptions
from studio.gui.options.gradient import GradientOptions
from studio.gui.options.picking import PickOptions
from studio.gui.options.smudge import SmudgeOptions
from studio.gui.widgets.colour_button import ColourButton
from studio.gui.widgets.fields import SliderField
from studio.gui.workspace import Workspace
from studio.tools import (
    CloneSettings,
    FillSettings,
    GradientSettings,
    PickSettings,
    SmudgeSettings,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    return Workspace()


def slider(page: QWidget, name: str) -> SliderField:
    return next(f for f in page.findChildren(SliderField) if f.accessibleName() == name)


def check(page: QWidget, text: str) -> QCheckBox:
    return next(b for b in page.findChildren(QCheckBox) if b.text().startswith(text))


def colour(page: QWidget, name: str) -> ColourButton:
    return next(b for b in page.findChildren(ColourButton) if b.accessibleName() == name)


@pytest.mark.parametrize(
    ("make", "name", "value", "setting"),
    [
        (FillOptions, "Tolerance", 77, FillSettings(tolerance=77)),
        (FillOptions, "Grow by", 3, FillSettings(grow=3)),
        (FillOptions, "Opacity", 25, FillSettings(opacity=0.25)),
        (GradientOptions, "Opacity", 50, GradientSettings(opacity=0.5)),
        (SmudgeOptions, "Strength", 20, SmudgeSettings(strength=0.2)),
        (PickOptions, "Radius", 4, PickSettings(radius=4)),
    ],
)
def test_numbers_are_set_and_shown(
    workspace: Workspace, qtbot: QtBot, make: Any, name: str, value: int, setting: Any
) -> None:
    page = make(workspace)
    qtbot.addWidget(page)
    field = slider(page, name)
    field.changed.emit(float(value))
    assert workspace.tool_settings[type(setting)] == setting
    assert field.value == value
    workspace.tool_settings.put(type(setting)())
    assert field.value != value


@pytest.mark.parametrize(
    ("make", "text", "name", "kind"),
    [
        (FillOptions, "Only what hangs", "contiguous", FillSettings),
        (FillOptions, "Go by all", "all_layers", FillSettings),
        (FillOptions, "Soften", "antialias", FillSettings),
        (GradientOptions, "The other way", "reverse", GradientSettings),
        (CloneOptions, "Strokes go on", "aligned", CloneSettings),
        (CloneOptions, "Copy what is seen", "all_layers", CloneSettings),
        (PickOptions, "Look at all", "all_layers", PickSettings),
    ],
)
def test_boxes_are_ticked_and_follow(
    workspace: Workspace, qtbot: QtBot, make: Any, text: str, name: str, kind: type
) -> None:
    page = make(workspace)
    qtbot.addWidget(page)
    box = check(page, text)
    before = getattr(kind(), name)
    assert box.isChecked() == before
    box.toggle()
    assert getattr(workspace.tool_settings[kind], name) is not before
    workspace.tool_settings.put(kind())
    assert box.isChecked() == before


def test_a_gradient_s_kind_and_end_are_chosen(workspace: Workspace, qtbot: QtBot) -> None:
    page = GradientOptions(workspace)
    qtbot.addWidget(page)
    page.show()
    boxes = {box.accessibleName(): box for box in page.findChildren(QComboBox)}
    boxes["Kind"].activated.emit(1)
    assert workspace.tool_settings[GradientSettings].kind is GradientKind.RADIAL
    end = colour(page, "End colour")
    end.chosen.emit(QColor("#102030"))
    assert workspace.tool_settings[GradientSettings].end == Colour(16, 32, 48)
    visible = [end.isVisible()]
    boxes["To"].activated.emit(1)
    assert workspace.tool_settings[GradientSettings].to_transparent
    assert [*visible, end.isVisible()] == [True, False]


def test_the_painting_colour_is_shown_wherever_it_is_used(
    workspace: Workspace, qtbot: QtBot
) -> None:
    page = FillOptions(workspace)
    qtbot.addWidget(page)
    button = colour(page, "Colour")
    button.chosen.emit(QColor("#405060"))
    assert workspace.brush.colour == Colour(64, 80, 96)
    workspace.set_colour(Colour(1, 2, 3))
    assert button.colour.name() == "#010203"
