"""Noticing what other programs do in the gallery, such as the command line."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.errors import KnownError
from studio.gallery.store import Gallery
from studio.gui.background import Background

LOOK_MILLISECONDS: Final = 1000
"""How often the database is asked, which takes some microseconds of another thread."""


class GalleryWatch(QObject):
    """Tells when another process has added pictures to the gallery or changed some.

    The database is asked rather than its files watched: they lie on whatever disk, and change
    with what this process writes too. Nothing is watched before `begin` and after `end`.

    Signals:
        changed(): there is something new to be read.
    """

    changed = Signal()

    def __init__(
        self, gallery: Gallery, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._background = background
        self._version: int | None = None
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Watches from now on."""
        self._look()

    def end(self) -> None:
        """Watches no more, once the background is closed."""
        self._timer.stop()

    def _look(self) -> None:
        self._background.run(self._gallery.version, self._compare, self._refused)

    def _compare(self, version: int) -> None:
        known, self._version = self._version, version
        self._timer.start()
        if known not in (None, version):
            self.changed.emit()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._timer.start()  # who wants to see pictures is told what is wrong; this only looks
