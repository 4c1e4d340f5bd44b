"""Starts the window, and is the last to see an error."""

from __future__ import annotations

import gc
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from studio import paths
from studio.core.errors import KnownError
from studio.engine.protocol import Engine
from studio.gallery.store import Gallery
from studio.generation.catalog import Catalog
from studio.gui.clipboard import let_go_of_clipboard
from studio.gui.dialogs.questions import DialogQuestions
from studio.gui.main_window import MainWindow
from studio.gui.room import room_for
from studio.gui.settings import WindowSettings, load_settings, save_settings
from studio.gui.studio import Studio
from studio.gui.theme import apply_theme
from studio.gui.widgets.toasts import Tone

if TYPE_CHECKING:
    from studio.models.installing import Installer

log = logging.getLogger(__name__)

UNSEEN_MILLISECONDS = 2000
"""How long a window that nobody draws, a minimised one, is waited for."""
SWITCH_SECONDS = 0.0005
"""How long a thread at work may keep the window's waiting; Python's own 5 ms are seen."""


def run(
    files: list[Path],
    *,
    gallery: Gallery,
    read_catalog: Callable[[], Catalog],
    make_engine: Callable[[], Engine],
    make_installer: Callable[[], Installer],
) -> int:
    """Shows the window with these files in it, and returns its exit code once it is closed.

    Nothing slow happens before the window is shown: the engine is started and the gallery read
    afterwards.

    Args:
        files: pictures and documents to be opened.
        gallery: where results go.
        read_catalog: reads the list of models.
        make_engine: called on the engine's own thread.
        make_installer: what installs models; called on another thread.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    app = make_application(sys.argv[:1])
    settings = load_settings(paths.config())
    studio = _studio(gallery, read_catalog, make_engine, make_installer, settings)
    window = MainWindow(studio, settings)
    # Dressing the finished window once costs less than dressing each part as it is added.
    apply_theme(app, settings.theme)
    window.places.fit(room_for(window))
    app.styleHints().colorSchemeChanged.connect(window.follow_desktop)
    studio.ask(DialogQuestions(window))
    sys.excepthook = ExceptionHook(window)

    def begin() -> None:
        # All that is there now stays: no collection has to look through it again.
        gc.freeze()
        gc.enable()
        studio.start()
        studio.files.take(files)

    FirstFrame(window, begin)
    window.show()
    for note in (*gallery.notes, *map(str, studio.workspace.brushes.problems)):
        window.show_message(note, Tone.WARNING)
    try:
        code = app.exec()
        remember(window)
    finally:
        gc.enable()
        window.hide()
        studio.close()
        let_go_of_clipboard()
        sys.excepthook = sys.__excepthook__
    return code


def _studio(
    gallery: Gallery,
    read_catalog: Callable[[], Catalog],
    make_engine: Callable[[], Engine],
    make_installer: Callable[[], Installer],
    settings: WindowSettings,
) -> Studio:
    """Everything behind the window, with its places in the person's folders."""
    return Studio(
        gallery,
        read_catalog(),
        make_engine,
        Path.home(),
        journals=paths.journals(),
        old_steps=paths.cache() / "history",
        undo=settings.undo,
        brushes=paths.brushes(),
        read_catalog=read_catalog,
        make_installer=make_installer,
    )


def make_application(arguments: list[str]) -> QApplication:
    """The application object, set up for every kind of screen; the present one where it exists."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication(arguments)
    app.setApplicationName("sfumato")
    app.setApplicationDisplayName("Sfumato")
    app.setDesktopFileName("sfumato")
    app.setStyle("Fusion")
    return app


def remember(window: MainWindow) -> None:
    """Keeps the window's state for the next start; a disk that refuses is only logged."""
    try:
        save_settings(paths.config(), window.settings)
    except OSError as error:
        log.warning("the window's settings cannot be saved: %s", error)


class FirstFrame(QObject):
    """Calls once when a window has been drawn for the first time, or is not drawn for long.

    Args:
        window: which owns it.
        then: what is to be called.
    """

    def __init__(self, window: QWidget, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._due = QTimer(self, singleShot=True, interval=UNSEEN_MILLISECONDS)
        self._due.timeout.connect(self._call)
        self._due.start()
        self._then = then
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Looks on, and lets everything pass."""
        if event.type() is QEvent.Type.Paint:
            self._due.start(0)
        return False

    def _call(self) -> None:
        self._window.removeEventFilter(self)
        self._then()


class ExceptionHook:
    """What becomes of an exception that nobody caught: a message, or a report to be copied."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._showing = False

    def __call__(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Tells the person; work goes on."""
        if isinstance(error, KnownError):
            self._window.show_message(error.message, Tone.FAILURE, error.details)
            return
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
            return
        report = "".join(traceback.format_exception(kind, error, trace))
        log.error("an exception was not caught\n%s", report)
        if not self._showing:
            self._show(report)

    def _show(self, report: str) -> None:
        from studio.gui.dialogs.crash import CrashDialog

        self._showing = True
        dialog = CrashDialog(report, self._window)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self._showing = False
