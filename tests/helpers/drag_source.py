"""A small window from which files are dragged, as from a file manager.

Run as ``python -m tests.helpers.drag_source PATH…`` it lies in the upper left corner of the screen
and lets these files be dragged out of it, until it is ended.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.helpers.screen import VirtualScreen

SIDE = 48


@contextlib.contextmanager
def dragged(screen: VirtualScreen, *files: Path) -> Iterator[None]:
    """Files in the pointer's hand: move it where they belong, and let go."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.drag_source", *map(str, files)],
        env=screen.environment(),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == b"shown\n"
        screen.hold(SIDE // 2, SIDE // 2)
        screen.move(SIDE // 2 + 4, SIDE // 2 + 4)
        assert process.stdout.readline() == b"dragging\n"
        yield
    finally:
        process.kill()
        process.communicate()


def _show(files: list[str]) -> int:
    from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
    from PySide6.QtGui import QDrag
    from PySide6.QtWidgets import QApplication, QWidget

    class Source(QWidget):
        def paintEvent(self, event: Any) -> None:
            QTimer.singleShot(0, self, lambda: print("shown", flush=True))

        def mouseMoveEvent(self, event: Any) -> None:
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(file) for file in files])
            drag = QDrag(self)
            drag.setMimeData(mime)
            print("dragging", flush=True)
            drag.exec(Qt.DropAction.CopyAction)

    app = QApplication([])
    flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
    source = Source(None, flags | Qt.WindowType.WindowDoesNotAcceptFocus)
    source.setGeometry(0, 0, SIDE, SIDE)
    source.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(_show(sys.argv[1:]))
