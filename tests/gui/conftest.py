"""A whole window with the scripted engine, and a watch on threads that outlive their test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QThread
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from studio import paths
from studio.files.codec import PngCodec
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog, load_catalog
from studio.gui.clipboard import let_go_of_clipboard
from studio.gui.main_window import MainWindow
from studio.gui.settings import WindowSettings
from studio.gui.studio import Studio
from tests.helpers.scripted_engine import ScriptedEngine

HERE = Path(__file__).parent
OFFSCREEN_NOISE = "This plugin does not support .*"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Qt's offscreen platform says of itself fails no test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN_NOISE, extend=True))


@pytest.fixture(autouse=True)
def no_leaked_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a QThread running."""
    started: list[QThread] = []
    start = QThread.start

    def watched(thread: QThread, *arguments: Any) -> None:
        started.append(thread)
        start(thread, *arguments)

    monkeypatch.setattr(QThread, "start", watched)
    yield
    left = [thread for thread in started if thread.isRunning()]
    for thread in left:
        thread.wait(5000)
    assert not left, f"these threads were left running: {left}"


@pytest.fixture(scope="session", autouse=True)
def clean_end() -> Iterator[None]:
    """Ends as the program does, with nothing of Python's on the clipboard."""
    yield
    if QGuiApplication.instance() is not None:
        let_go_of_clipboard()


@pytest.fixture
def engine() -> ScriptedEngine:
    """Every job succeeds at once unless a test says otherwise."""
    return ScriptedEngine()


@pytest.fixture
def catalog() -> Catalog:
    """The models of the program."""
    return load_catalog(paths.models_file(), paths.resources(), paths.config(), paths.data())


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    """An empty gallery."""
    gallery = Gallery(tmp_path / "gallery", PngCodec())
    yield gallery
    gallery.close()


@pytest.fixture
def studio(
    qtbot: QtBot, engine: ScriptedEngine, catalog: Catalog, gallery: Gallery, tmp_path: Path
) -> Iterator[Studio]:
    """Everything behind the window, started."""
    studio = Studio(
        gallery,
        catalog,
        lambda: engine,
        tmp_path,
        journals=paths.journals(),
        old_steps=paths.cache() / "history",
    )
    studio.start()
    yield studio
    studio.close()


@pytest.fixture
def window(qtbot: QtBot, studio: Studio) -> MainWindow:
    """The window, shown, as at the first start."""
    window = MainWindow(studio, WindowSettings())

    def forget_changes(window: MainWindow) -> None:
        for tab in studio.workspace.tabs:
            tab.stack.mark_saved()

    qtbot.addWidget(window, before_close_func=forget_changes)
    window.resize(1280, 800)
    window.show()
    return window
