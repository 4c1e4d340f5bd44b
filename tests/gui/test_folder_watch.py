"""What happens in a folder is noticed, whoever does it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.folder_watch import SETTLE_MILLISECONDS, FolderWatch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data/models"


@pytest.fixture
def watch(qtbot: QtBot, folder: Path) -> Iterator[FolderWatch]:
    watch = FolderWatch([folder, folder / "inner"])
    watch.begin()
    yield watch
    watch.end()


def test_a_folder_is_watched_from_when_it_is_made_until_it_is_made_again(
    qtbot: QtBot, watch: FolderWatch, folder: Path
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: folder.mkdir(parents=True),
        (folder / "model").mkdir,
        (folder / "inner").mkdir,
        (folder / "inner" / "half").mkdir,
        lambda: shutil.rmtree(folder.parent),
        lambda: folder.mkdir(parents=True),
        (folder / "model").mkdir,
    ]
    for step in steps:
        with qtbot.waitSignal(watch.changed):
            step()


def test_nothing_is_told_after_the_end(qtbot: QtBot, watch: FolderWatch, folder: Path) -> None:
    folder.mkdir(parents=True)
    watch.end()
    with qtbot.assertNotEmitted(watch.changed, wait=SETTLE_MILLISECONDS + 50):
        (folder / "model").mkdir()
