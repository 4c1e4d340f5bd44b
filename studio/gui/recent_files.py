"""The files that were opened or saved last."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.gui.settings import remembered

MAX_RECENT = 12


class RecentFiles(QObject):
    """Remembers files, the newest first, each once.

    Signals:
        changed(): another file is among them, or the first one is another.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The newest first; they may be gone by now."""
        return tuple(Path(path) for path in self._paths)

    @property
    def texts(self) -> tuple[str, ...]:
        """As settings keep them."""
        return self._paths

    def recall(self, texts: Iterable[str]) -> None:
        """Brings back what settings kept."""
        self._paths = tuple(texts)[:MAX_RECENT]
        self.changed.emit()

    def add(self, path: Path) -> None:
        """This file was opened or saved just now."""
        self._paths = remembered(str(path.absolute()), self._paths, MAX_RECENT)
        self.changed.emit()

    def clear(self) -> None:
        """Forgets all of them."""
        self._paths = ()
        self.changed.emit()
