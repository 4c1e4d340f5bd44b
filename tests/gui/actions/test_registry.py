from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core.errors import BugError
from studio.gui.actions.registry import ActionRegistry, ActionSpec, Scope, shortcut_text
from studio.gui.actions.specs import MENUS, SPECS
from studio.gui.icons import icon_names
from studio.gui.main_window import MainWindow
from studio.gui.toolbox import CARDS

OPEN = ActionSpec("file.open", "Open…", "folder-open", "Open a picture", ("Ctrl+O",))


def test_every_action_has_a_name_an_icon_and_a_tip() -> None:
    known = icon_names()
    for spec in SPECS:
        assert spec.text.strip(), spec.id
        assert spec.icon in known, spec.id
        assert len(spec.tip) > 8, spec.id
        assert not spec.tip.endswith("."), spec.id
        assert re.fullmatch(r"[a-z]+\.[a-z_-]+", spec.id)


def test_no_two_actions_share_an_id_or_a_shortcut() -> None:
    assert len({spec.id for spec in SPECS}) == len(SPECS)
    keys = [QKeySequence(key).toString() for spec in SPECS for key in spec.shortcuts]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_menus_name_only_actions_that_exist() -> None:
    known = {spec.id for spec in SPECS}
    for _, items in MENUS:
        assert {item for item in items if item} <= known


def test_every_action_is_in_a_menu_or_on_the_rail() -> None:
    shown = {item for _, items in MENUS for item in items}
    shown |= {f"tool.{tool}" for tool in CARDS}
    assert {spec.id for spec in SPECS} <= shown


def test_every_action_of_the_window_does_something(window: MainWindow) -> None:
    assert window.registry.unbound == []


def test_an_action_runs_what_it_is_bound_to_and_asks_whether_it_may(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    registry = ActionRegistry((OPEN,), host, host)
    done: list[str] = []
    allowed = [True]
    registry.bind("file.open", lambda: done.append("opened"), enabled=lambda: allowed[0])
    registry.run("file.open")
    allowed[0] = False
    registry.refresh()
    registry.run("file.open")
    assert done == ["opened"]


def test_a_checkable_action_shows_the_state_and_not_the_click(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    spec = ActionSpec("view.grid", "Grid", "square", "Show a grid", checkable=True)
    registry = ActionRegistry((spec,), host, host)
    registry.bind("view.grid", lambda: None, checked=lambda: False)
    registry.run("view.grid")
    assert not registry["view.grid"].isChecked()


@pytest.mark.parametrize("action_id", ["file.close", "file.open"])
def test_an_unknown_or_bound_action_cannot_be_bound(qtbot: QtBot, action_id: str) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    registry = ActionRegistry((OPEN,), host, host)
    registry.bind("file.open", lambda: None)
    with pytest.raises(BugError):
        registry.bind(action_id, lambda: None)


def test_two_actions_of_one_id_are_refused(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    with pytest.raises(BugError):
        ActionRegistry((OPEN, OPEN), host, host)


def test_the_tool_tip_names_the_shortcut(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    registry = ActionRegistry((OPEN,), host, host)
    action = registry.bind("file.open", lambda: None)
    assert shortcut_text(action) in action.toolTip()


def test_a_shortcut_of_the_canvas_is_heard_only_there() -> None:
    tab = [spec for spec in SPECS if "Tab" in spec.shortcuts]
    assert [spec.scope for spec in tab] == [Scope.CANVAS]


def test_letters_are_heard_in_the_whole_window() -> None:
    letters = [
        spec for spec in SPECS if any(len(key) == 1 and key.isalpha() for key in spec.shortcuts)
    ]
    assert {spec.scope for spec in letters} == {Scope.WINDOW}


def test_an_action_that_is_no_longer_possible_does_nothing(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    registry = ActionRegistry((OPEN,), host, host)
    done: list[str] = []
    allowed = [True]
    registry.bind("file.open", lambda: done.append("opened"), enabled=lambda: allowed[0])
    registry.refresh()
    allowed[0] = False
    assert registry["file.open"].isEnabled()
    registry.run("file.open")
    assert not done
    assert not registry["file.open"].isEnabled()
