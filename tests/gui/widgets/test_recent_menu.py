"""The menu of recent files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.files.openraster import save_openraster
from studio.files.writing import write_picture
from studio.gui.background import Background
from studio.gui.recent_files import MAX_RECENT, RecentFiles
from studio.gui.widgets.recent_menu import SIDE, RecentMenu
from tests.helpers.documents import BLUE, RED, document_with, solid


@pytest.fixture
def recent(qtbot: QtBot) -> RecentFiles:
    return RecentFiles()


@pytest.fixture
def menu(recent: RecentFiles, qtbot: QtBot) -> Iterator[RecentMenu]:
    background = Background(1)
    menu = RecentMenu(recent, background)
    qtbot.addWidget(menu)
    yield menu
    background.close()


def texts(menu: RecentMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def test_the_newest_file_comes_first_and_each_once(recent: RecentFiles) -> None:
    for name in ("a.ora", "b.ora", "a.ora"):
        recent.add(Path("/tmp") / name)
    assert [path.name for path in recent.paths] == ["a.ora", "b.ora"]


def test_only_so_many_are_remembered(recent: RecentFiles) -> None:
    for number in range(MAX_RECENT + 5):
        recent.add(Path(f"/tmp/{number}.ora"))
    assert len(recent.paths) == MAX_RECENT
    again = RecentFiles()
    again.recall(recent.texts)
    assert again.paths == recent.paths


def test_a_chosen_file_is_told(recent: RecentFiles, menu: RecentMenu, qtbot: QtBot) -> None:
    recent.add(Path("/tmp/lake.ora"))
    assert texts(menu) == ["lake.ora — /tmp", "Clear the List"]
    with qtbot.waitSignal(menu.chosen) as chosen:
        menu.actions()[0].trigger()
    assert chosen.args == [Path("/tmp/lake.ora")]


def test_files_that_are_gone_are_grey(
    recent: RecentFiles, menu: RecentMenu, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "here.ora").touch()
    recent.add(tmp_path / "gone.ora")
    recent.add(tmp_path / "here.ora")
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: not menu.actions()[1].isEnabled())
    assert menu.actions()[0].isEnabled()


def test_the_list_is_cleared_on_demand(recent: RecentFiles, menu: RecentMenu) -> None:
    clear = menu.actions()[-1]
    assert not clear.isEnabled()
    recent.add(Path("/tmp/lake.ora"))
    menu.actions()[-1].trigger()
    assert recent.paths == ()
    assert texts(menu) == ["Clear the List"]


def test_each_file_has_a_small_picture(
    recent: RecentFiles, menu: RecentMenu, qtbot: QtBot, tmp_path: Path
) -> None:
    write_picture(tmp_path / "red.png", solid(300, 200, RED))
    save_openraster(tmp_path / "blue.ora", document_with(solid(64, 64, BLUE)))
    (tmp_path / "broken.ora").write_bytes(b"nothing")
    for name in ("broken.ora", "blue.ora", "red.png"):
        recent.add(tmp_path / name)

    def colours() -> list[tuple[int, int, int]]:
        icons = [action.icon() for action in menu.actions()[:2]]
        middles = [icon.pixmap(SIDE, SIDE).toImage().pixelColor(SIDE // 2, 8) for icon in icons]
        return [(colour.red(), colour.green(), colour.blue()) for colour in middles]

    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: colours() == [tuple(RED), tuple(BLUE)])
    assert all(action.isEnabled() for action in menu.actions()[:3])
