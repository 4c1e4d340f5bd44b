"""Lets files be dropped on a widget."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget


class FileDrop(QObject):
    """Watches what is dragged over a widget, and takes local files.

    Signals:
        hovered(bool): files that may be dropped here came over the widget, or left it.
        dropped(list[Path]): files were dropped.
    """

    hovered = Signal(bool)
    dropped = Signal(list)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accepts files and nothing else."""
        kind = event.type()
        if kind is QEvent.Type.DragLeave:
            self.hovered.emit(False)
            return True
        if kind not in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            return False
        files = _files(event) if isinstance(event, QDropEvent) else []
        if files and isinstance(event, QDropEvent):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        self.hovered.emit(bool(files) and kind is QEvent.Type.DragEnter)
        if files and kind is QEvent.Type.Drop:
            self.dropped.emit(files)
        return True


def _files(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
