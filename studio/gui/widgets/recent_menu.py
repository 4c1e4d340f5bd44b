"""The menu of the files that were opened or saved last."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from studio.gui.background import Background
from studio.gui.icons import icon
from studio.gui.recent_files import RecentFiles

log = logging.getLogger(__name__)


class RecentMenu(QMenu):
    """Lists the recent files; those that are gone are grey.

    Whether a file is still there is looked up elsewhere when the menu is shown, because a disk in
    the network may take its time.

    Signals:
        chosen(Path): this file is to be opened.
    """

    chosen = Signal(object)

    def __init__(
        self, recent: RecentFiles, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._recent = recent
        self._background = background
        self._entries: dict[Path, QAction] = {}
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._look)
        recent.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        self._entries = {path: self._entry(path) for path in self._recent.paths}
        if self._entries:
            self.addSeparator()
        forget = self.addAction(icon("x"), "Clear the List", self._recent.clear)
        forget.setEnabled(bool(self._entries))

    def _entry(self, path: Path) -> QAction:
        action = self.addAction(icon("image"), f"{path.name} — {_short(path.parent)}")
        action.setToolTip(str(path))
        action.triggered.connect(lambda: self.chosen.emit(path))
        return action

    def _look(self) -> None:
        paths = tuple(self._entries)
        self._background.run(
            lambda: {path: path.is_file() for path in paths}, self._show_missing, _unseen
        )

    def _show_missing(self, present: dict[Path, bool]) -> None:
        for path, is_there in present.items():
            if path in self._entries:
                self._entries[path].setEnabled(is_there)


def _short(folder: Path) -> str:
    """A folder as people write it: with ~ for their own."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except ValueError:
        return str(folder)


def _unseen(error: Exception) -> None:
    log.warning("the recent files cannot be looked for: %s", error)
