"""Noticing what other programs do in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

SETTLE_MILLISECONDS: Final = 300
"""What is moved into a folder comes in several steps: they are told once."""


class FolderWatch(QObject):
    """Tells when something is added to folders, taken from them or renamed there.

    What lies deeper is not looked at. Nothing is watched before `begin` and after `end`.

    Args:
        folders: to be watched; where one is missing, what is there of its path is.

    Signals:
        changed(): a folder that was busy has come to rest.
    """

    changed = Signal()

    def __init__(self, folders: Sequence[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = folders
        self._watcher: QFileSystemWatcher | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MILLISECONDS)
        self._timer.timeout.connect(self.changed)

    def begin(self) -> None:
        """Watches from now on."""
        self._watcher = QFileSystemWatcher()
        self._watcher.directoryChanged.connect(self._noticed)
        self._follow(self._watcher)

    def end(self) -> None:
        """Watches no more: the system's watch ends here and not in whatever thread it is found."""
        self._watcher = None
        self._timer.stop()

    def _noticed(self) -> None:
        if self._watcher is not None:
            self._follow(self._watcher)
            self._timer.start()

    def _follow(self, watcher: QFileSystemWatcher) -> None:
        """Watches what there is by now of the folders."""
        present = {str(_nearest(folder)) for folder in self._folders}
        watched = set(watcher.directories())
        if gone := list(watched - present):
            watcher.removePaths(gone)
        if new := list(present - watched):
            watcher.addPaths(new)


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that there is."""
    return next((path for path in (folder, *folder.parents) if path.is_dir()), folder)
