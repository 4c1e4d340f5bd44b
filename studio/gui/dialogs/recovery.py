"""Asks what becomes of drawings that were not saved when Sfumato ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.gui.recovery import THUMBNAIL_SIDE, Found, Recovery
from studio.gui.theme import UNIT
from studio.gui.widgets.fields import muted
from studio.gui.widgets.layer_row import paint_checks
from studio.gui.words import ago_words
from studio.journal import About


def offer(recovery: Recovery, drawings: Sequence[Found], parent: QWidget) -> None:
    """Shows the dialog beside a window, and has done what the person says."""
    dialog = RecoveryDialog(drawings, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open_requested.connect(recovery.open)
    dialog.discard_requested.connect(recovery.discard)
    dialog.keep_requested.connect(recovery.keep)
    dialog.show()


class RecoveryDialog(QDialog):
    """Lists the drawings, each to be opened or discarded; those that are left stay for later.

    It stands beside the window and holds nobody up.

    Signals:
        open_requested(Found), discard_requested(Found), keep_requested(Found): what the person
            wants done; the last one for each drawing that is left when the dialog is closed.
    """

    open_requested = Signal(object)
    discard_requested = Signal(object)
    keep_requested = Signal(object)

    def __init__(self, drawings: Sequence[Found], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Drawings that were not saved")
        self.setModal(False)
        words = QLabel(
            "Sfumato ended before these drawings were saved. They are here as they were, up to "
            "the last second."
        )
        words.setWordWrap(True)
        self._rows: list[_Row] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(UNIT)
        for found in drawings:
            self._add(found)
        self._list.addStretch()
        buttons = QDialogButtonBox()
        everything = buttons.addButton("Open all", QDialogButtonBox.ButtonRole.AcceptRole)
        everything.setVisible(len(drawings) > 1)
        buttons.addButton("Keep for later", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._open_all)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        layout.setSpacing(2 * UNIT)
        layout.addWidget(words)
        layout.addWidget(_scrolling(self._list), 1)
        layout.addWidget(buttons)
        self.resize(520, min(560, 140 + len(drawings) * (THUMBNAIL_SIDE + UNIT)))

    @property
    def drawings(self) -> tuple[Found, ...]:
        """Those that nothing was said of yet."""
        return tuple(row.found for row in self._rows)

    def done(self, result: int) -> None:
        """Keeps what is left for later."""
        for row in self._rows:
            self.keep_requested.emit(row.found)
        self._rows.clear()
        super().done(result)

    def _add(self, found: Found) -> None:
        row = _Row(found)
        row.open.clicked.connect(lambda: self._decide(row, self.open_requested))
        row.discard.clicked.connect(lambda: self._decide(row, self.discard_requested))
        self._rows.append(row)
        self._list.addWidget(row)

    def _open_all(self) -> None:
        for row in reversed(list(self._rows)):
            self._decide(row, self.open_requested)

    def _decide(self, row: _Row, wish: SignalInstance) -> None:
        self._rows.remove(row)
        row.hide()
        row.deleteLater()
        wish.emit(row.found)
        if not self._rows:
            self.accept()


class _Row(QFrame):
    """One drawing."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found
        about = found.lost.about
        picture = QLabel()
        picture.setPixmap(_pixmap(found.thumbnail, self.devicePixelRatioF()))
        picture.setFixedSize(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name = QLabel(about.name)
        name.setTextFormat(Qt.TextFormat.PlainText)
        when = muted(_when(about))
        when.setToolTip(about.path or about.origin)
        self.open = QPushButton("Open")
        self.open.setAccessibleName(f"Open {about.name}")
        self.discard = QPushButton("Discard")
        self.discard.setAccessibleName(f"Discard {about.name}")
        text = QVBoxLayout()
        text.addStretch()
        text.addWidget(name)
        text.addWidget(when)
        text.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, UNIT, 0)
        layout.setSpacing(2 * UNIT)
        layout.addWidget(picture)
        layout.addLayout(text, 1)
        layout.addWidget(self.open)
        layout.addWidget(self.discard)


def _when(about: About) -> str:
    """When it was painted on last, and where it belongs."""
    place = about.path or about.origin
    where = f"in {Path(place).parent}" if place else "never saved"
    return f"{ago_words(time.time() - about.time)}, {where}"


def _pixmap(thumbnail: QImage, ratio: float) -> QPixmap:
    side = round(THUMBNAIL_SIDE * ratio)
    small = thumbnail.scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap = QPixmap(small.size())
    painter = QPainter(pixmap)
    paint_checks(painter, pixmap.rect())
    painter.drawImage(0, 0, small)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _scrolling(rows: QVBoxLayout) -> QScrollArea:
    inside = QWidget()
    inside.setLayout(rows)
    rows.setContentsMargins(0, 0, 0, 0)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(inside)
    return area
