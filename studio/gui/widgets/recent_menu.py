"""The menu of the files that were opened or saved last, with a small picture of each."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from studio.core.errors import PictureError
from studio.gui.background import Background
from studio.gui.icons import icon
from studio.gui.images import to_image
from studio.gui.recent_files import RecentFiles

log = logging.getLogger(__name__)

SIDE = 40
"""Of the small pictures, in view units."""


class RecentMenu(QMenu):
    """Lists the recent files; those that are gone are grey.

    Whether a file is still there, and what it looks like, is looked up elsewhere when the menu is
    shown, because a disk in the network may take its time.

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
        self._signs: dict[Path, _Sign] = {}
        self.setStyleSheet(f"QMenu {{ icon-size: {SIDE}px; }}")
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._look)
        recent.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        self._entries = {path: self._entry(path) for path in self._recent.paths}
        if self._entries:
            self.addSeparator()
        forget = self.addAction("Clear the List", self._recent.clear)
        forget.setEnabled(bool(self._entries))

    def _entry(self, path: Path) -> QAction:
        action = self.addAction(icon("image"), f"{path.name} — {_short(path.parent)}")
        action.setToolTip(str(path))
        action.triggered.connect(lambda: self.chosen.emit(path))
        return action

    def _look(self) -> None:
        for path in self._entries:
            self._look_at(path, self._signs.get(path))

    def _look_at(self, path: Path, known: _Sign | None) -> None:
        ratio = self.devicePixelRatioF()
        self._background.run(
            lambda: _seen(path, known, round(SIDE * ratio)),
            lambda sign: self._show_sign(path, sign, ratio),
            _unseen,
        )

    def _show_sign(self, path: Path, sign: _Sign | None, ratio: float) -> None:
        entry = self._entries.get(path)
        if entry is None:
            return
        entry.setEnabled(sign is not None)
        if sign is not None and sign.image is not None:
            pixmap = QPixmap.fromImage(sign.image)
            pixmap.setDevicePixelRatio(ratio)
            entry.setIcon(QIcon(pixmap))
        if sign is not None:
            self._signs[path] = sign


class _Sign(NamedTuple):
    """What a file looked like.

    Attributes:
        changed: when it was written last, in nanoseconds.
        image: None where nothing can be seen of it.
    """

    changed: int
    image: QImage | None


def _seen(path: Path, known: _Sign | None, side: int) -> _Sign | None:
    """What a file looks like now, as it is known where it did not change; None without a file."""
    from studio.files.previews import preview

    if not path.is_file():
        return None
    changed = path.stat().st_mtime_ns
    if known is not None and known.changed == changed:
        return known
    try:
        return _Sign(changed, to_image(preview(path, side)))
    except PictureError:
        return _Sign(changed, None)


def _short(folder: Path) -> str:
    """A folder as people write it: with ~ for their own."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except ValueError:
        return str(folder)


def _unseen(error: Exception) -> None:
    log.warning("the recent files cannot be looked for: %s", error)
