from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio import app, paths
from studio.core.errors import KnownError
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog
from studio.gui import application
from studio.gui.application import ExceptionHook, FirstFrame, remember
from studio.gui.dialogs.crash import CrashDialog
from studio.gui.main_window import MainWindow
from studio.gui.settings import load_settings
from studio.gui.widgets.toasts import Toasts
from tests.helpers.scripted_engine import ScriptedEngine


def call(hook: ExceptionHook, error: BaseException) -> None:
    hook(type(error), error, error.__traceback__)


def test_what_the_person_can_mend_is_a_message(window: MainWindow) -> None:
    call(ExceptionHook(window), KnownError("The disk is full: make room."))
    assert not window.findChildren(CrashDialog)


def test_our_mistakes_are_logged_and_shown_once_at_a_time(
    window: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    hook = ExceptionHook(window)
    call(hook, ZeroDivisionError("first"))
    call(hook, ZeroDivisionError("second"))
    (dialog,) = window.findChildren(CrashDialog)
    assert "first" in caplog.text
    assert "second" in caplog.text
    dialog.close()
    call(hook, ZeroDivisionError("third"))
    assert len([d for d in window.findChildren(CrashDialog) if d.isVisible()]) == 1


def test_the_state_is_kept_for_the_next_start(window: MainWindow) -> None:
    window.set_theme("light")
    remember(window)
    assert load_settings(paths.config()).theme == "light"


def test_a_folder_that_cannot_be_written_does_not_stop_the_way_out(
    window: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    paths.config().parent.mkdir(parents=True, exist_ok=True)
    paths.config().write_text("a file where the folder should be")
    remember(window)
    assert "cannot be saved" in caplog.text


def test_the_window_is_shown_and_everything_is_ended(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    gallery: Gallery,
    catalog: Catalog,
    engine: ScriptedEngine,
) -> None:
    seen: list[str] = []
    made: list[ScriptedEngine] = []

    def make_engine() -> ScriptedEngine:
        made.append(engine)
        return engine

    def loop(*_: object) -> int:
        qtbot.waitUntil(lambda: bool(made))
        seen.extend(visible_titles())
        return 0

    monkeypatch.setattr(QApplication, "exec", loop)
    code = application.run(
        [],
        gallery=gallery,
        read_catalog=lambda: catalog,
        make_engine=make_engine,
        make_installer=app.make_installer,
    )
    assert code == 0
    assert seen == ["untitled – Sfumato"]
    assert engine.closed
    assert visible_titles() == []
    assert sys.excepthook is sys.__excepthook__


def test_work_begins_after_the_first_frame(qtbot: QtBot) -> None:
    calls: list[bool] = []
    widget = QWidget()
    qtbot.addWidget(widget)
    FirstFrame(widget, lambda: calls.append(widget.isVisible()))
    qtbot.wait(20)
    assert not calls
    widget.show()
    qtbot.waitUntil(lambda: bool(calls))
    widget.repaint()
    qtbot.wait(20)
    assert calls == [True]


def test_work_begins_though_no_frame_is_asked_for(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "UNSEEN_MILLISECONDS", 10)
    calls: list[bool] = []
    widget = QWidget()
    qtbot.addWidget(widget)
    FirstFrame(widget, lambda: calls.append(widget.isVisible()))
    qtbot.waitUntil(lambda: calls == [False])


def test_what_the_gallery_has_to_say_is_shown_at_the_start(
    monkeypatch: pytest.MonkeyPatch, gallery: Gallery, catalog: Catalog, engine: ScriptedEngine
) -> None:
    seen: list[str] = []

    def loop(*_: object) -> int:
        (window,) = (
            w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()
        )
        seen.extend(toast for toasts in window.findChildren(Toasts) for toast in toasts.messages)
        return 0

    gallery.notes = ("The database has been built anew.",)
    monkeypatch.setattr(QApplication, "exec", loop)
    application.run(
        [],
        gallery=gallery,
        read_catalog=lambda: catalog,
        make_engine=lambda: engine,
        make_installer=app.make_installer,
    )
    assert seen == ["The database has been built anew."]


def visible_windows() -> list[MainWindow]:
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
    return [window for window in windows if window.isVisible()]


def visible_titles() -> list[str]:
    return [window.windowTitle() for window in visible_windows()]


def test_the_window_knows_nothing_of_torch() -> None:
    code = "import sys, studio.gui.application; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_seldom_opened_is_read_in_when_it_is() -> None:
    seldom = ("conversing", "enlarging", "managing", "dialogs.model_manager", "docks.conversation")
    names = {f"studio.gui.{name}" for name in seldom}
    code = f"import sys, studio.gui.application; sys.exit(bool({names} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
