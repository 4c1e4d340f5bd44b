from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.commands.selection import Target
from studio.core.selection import Operation
from studio.gui.options.selecting import SelectOptions
from studio.gui.widgets.fields import SliderField
from studio.gui.workspace import ToolId, Workspace
from studio.tools import SelectSettings


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    workspace = Workspace()
    workspace.set_tool(ToolId.RECTANGLE)
    return workspace


@pytest.fixture
def options(workspace: Workspace, qtbot: QtBot) -> SelectOptions:
    options = SelectOptions(workspace)
    qtbot.addWidget(options)
    options.show()
    return options


def called(options: QWidget, name: str) -> SliderField:
    return next(it for it in options.findChildren(SliderField) if it.accessibleName() == name)


def test_what_is_chosen_is_what_the_tools_go_by(
    options: SelectOptions, workspace: Workspace
) -> None:
    buttons = {it.accessibleName()[:3]: it for it in options.findChildren(QToolButton)}
    buttons["Add"].click()
    called(options, "Feather").changed.emit(12.0)
    target = options.findChildren(QComboBox)[0]
    target.setCurrentIndex(1)
    target.activated.emit(1)
    settings = workspace.tool_settings[SelectSettings]
    assert settings.operation is Operation.ADD
    assert settings.feather == 12
    assert settings.target is Target.MASK


def test_settings_that_were_changed_elsewhere_are_shown(
    options: SelectOptions, workspace: Workspace
) -> None:
    workspace.tool_settings.change(
        SelectSettings, tolerance=77, contiguous=False, operation=Operation.INTERSECT
    )
    assert called(options, "Tolerance").value == 77
    chosen = [it for it in options.findChildren(QToolButton) if it.isChecked()]
    assert [it.accessibleName() for it in chosen] == ["Keep what both have in common (Shift+Alt)"]
    box = next(it for it in options.findChildren(QCheckBox) if "connected" in it.text())
    assert not box.isChecked()


@pytest.mark.parametrize(
    ("tool", "shown"),
    [
        (ToolId.RECTANGLE, {"Feather"}),
        (ToolId.WAND, {"Feather", "Tolerance"}),
        (ToolId.COLOUR_RANGE, {"Feather", "Fuzziness"}),
    ],
)
def test_each_tool_shows_what_concerns_it(
    options: SelectOptions, workspace: Workspace, tool: ToolId, shown: set[str]
) -> None:
    workspace.set_tool(tool)
    sliders = options.findChildren(SliderField)
    assert {it.accessibleName() for it in sliders if it.isVisible()} == shown
