"""Drawings that a crash kept from being saved: found at the start, opened, kept or discarded."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.core.compositor import render
from studio.core.document import DocumentSnapshot
from studio.core.errors import PictureError
from studio.core.restoring import restored
from studio.gui.background import Background
from studio.gui.journalling import Journalling
from studio.gui.workspace import Workspace
from studio.journal import LostDrawing, lost_drawings

THUMBNAIL_SIDE = 96
"""In pixels before scaling."""
_SHARPNESS = 2
"""Thumbnails are made this much larger, for screens with small pixels."""


class Found(msgspec.Struct, frozen=True, eq=False):
    """A lost drawing, and what it looks like in small."""

    lost: LostDrawing
    thumbnail: QImage


class Recovery(QObject):
    """Looks for lost drawings and does with them what the person says.

    Args:
        folder: where the journals lie.

    Signals:
        found(tuple[Found]): there are lost drawings, the latest first; emitted at most once.
    """

    found = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        journalling: Journalling,
        background: Background,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._journalling = journalling
        self._background = background
        self._folder = folder
        self._undecided: list[Found] = []

    def look(self) -> None:
        """Looks for them in another thread."""
        self._background.run(lambda: _find(self._folder), self._tell, _raise)

    def open(self, found: Found) -> None:
        """Opens a drawing as it was, with its changes not saved."""
        self._background.run(found.lost.read, lambda read: self._show(found, read), _raise)

    def discard(self, found: Found) -> None:
        """Removes what was kept of a drawing."""
        self._undecided.remove(found)
        self._background.run(found.lost.discard, lambda _: None, _raise)

    def keep(self, found: Found) -> None:
        """Leaves a drawing for the next start."""
        self._undecided.remove(found)
        found.lost.keep()

    def close(self) -> None:
        """Leaves all drawings of which nothing was said for the next start."""
        for found in list(self._undecided):
            self.keep(found)

    def _show(self, found: Found, snapshot: DocumentSnapshot) -> None:
        self._undecided.remove(found)
        about = found.lost.about
        document, path, origin = restored(snapshot), _path(about.path), _path(about.origin)
        tab = self._workspace.open_document(document, path, origin)
        tab.stack.mark_unsaved()
        self._journalling.adopt(tab, found.lost)

    def _tell(self, found: tuple[Found, ...]) -> None:
        self._undecided += found
        if found:
            self.found.emit(found)


def _find(folder: Path) -> tuple[Found, ...]:
    lost = sorted(lost_drawings(folder), key=lambda drawing: drawing.about.time, reverse=True)
    return tuple(Found(drawing, _thumbnail(drawing)) for drawing in lost)


def _thumbnail(drawing: LostDrawing) -> QImage:
    """The drawing in small; empty where it cannot be read, which opening it will tell."""
    try:
        document = drawing.read()
    except PictureError:
        return QImage()
    scale = min(1.0, THUMBNAIL_SIDE * _SHARPNESS / document.canvas.extent.longest)
    return render(document, document.canvas, scale)


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _raise(error: Exception) -> None:
    raise error
