"""Files, and nothing else, can be dropped on the canvas."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.gui.canvas.view import CanvasView
from tests.gui.canvas.hand import NOTHING
from tests.gui.canvas.looks import look

DROPS = pytest.mark.filterwarnings("ignore:Function. 'QD(rag|rop).*deprecated")
"""Qt means drops to be made by the system alone, and says so."""


@DROPS
def test_pictures_can_be_dropped(view: CanvasView, qtbot: QtBot, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING
    )
    QApplication.sendEvent(view, enter)
    assert enter.isAccepted()
    drop = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING
    )
    with qtbot.waitSignal(view.files_dropped) as signal:
        QApplication.sendEvent(view, drop)
    assert signal.args == [[tmp_path / "a.png"]]


@DROPS
def test_words_cannot_be_dropped(view: CanvasView) -> None:
    mime = QMimeData()
    mime.setText("a red fox")
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING
    )
    enter.ignore()
    QApplication.sendEvent(view, enter)
    assert not enter.isAccepted()


@DROPS
def test_the_border_shows_that_files_may_be_dropped(view: CanvasView, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    bare = look(view)
    enter = QDragEnterEvent(
        QPoint(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NOTHING
    )
    QApplication.sendEvent(view, enter)
    assert look(view) != bare
    QApplication.sendEvent(view, QDragLeaveEvent())
    assert look(view) == bare
