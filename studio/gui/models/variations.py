"""The variations grid: pictures like another one, as they arrive."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
)
from PySide6.QtGui import QImage

from studio.gui.engine_thread import StoredCandidate

_Index = QModelIndex | QPersistentModelIndex


class CellRole(enum.IntEnum):
    """What a view may ask of a cell."""

    CELL = Qt.ItemDataRole.UserRole + 1
    """The `Cell` itself."""


class Cell(msgspec.Struct, frozen=True):
    """One place of the grid.

    Attributes:
        job_id: of the generation that fills it.
        index: which of its candidates, from 0.
        image: the result, or the latest preview; None until there is something to see.
        stored: the result; None while it is under way.
        pinned: whether it stays when the grid is used anew.
        failed: whether it will stay empty.
    """

    job_id: str
    index: int
    image: QImage | None = None
    stored: StoredCandidate | None = None
    pinned: bool = False
    failed: bool = False


class VariationsModel(QAbstractListModel):
    """The cells: pinned ones first, then those of the latest generation."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cells: list[Cell] = []

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All of them, in the order in which they are shown."""
        return tuple(self._cells)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many cells there are."""
        return 0 if parent.isValid() else len(self._cells)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The cell, or the words that a screen reader says of it."""
        if not index.isValid():
            return None
        cell = self._cells[index.row()]
        if role == CellRole.CELL:
            return cell
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return describe(cell)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Finished cells can be dragged onto the canvas."""
        flags = super().flags(index)
        if index.isValid() and self._file(index.row()) is not None:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Any) -> QMimeData:
        """The gallery's files of these cells."""
        files = [self._file(index.row()) for index in indexes]
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in files if path is not None])
        return data

    def begin(self, job_id: str, count: int) -> None:
        """Makes room for the results of a generation; what is not pinned goes."""
        self.beginResetModel()
        kept = [cell for cell in self._cells if cell.pinned]
        self._cells = [*kept, *(Cell(job_id, index) for index in range(count))]
        self.endResetModel()

    def show_preview(self, job_id: str, index: int, image: QImage) -> None:
        """Shows how far a candidate is."""
        self._update(job_id, index, image=image)

    def add(self, stored: StoredCandidate) -> None:
        """Shows a result."""
        self._update(stored.job_id, stored.candidate.index, image=stored.image, stored=stored)

    def finish(self, job_id: str) -> None:
        """Gives up waiting for what a generation has not delivered."""
        for cell in [c for c in self._cells if c.job_id == job_id and c.stored is None]:
            self._update(job_id, cell.index, failed=True, image=None)

    def toggle_pin(self, row: int) -> None:
        """Pins a finished cell, or lets it go."""
        cell = self._cells[row]
        if cell.stored is not None:
            self._cells[row] = replace(cell, pinned=not cell.pinned)
            self._tell(row)

    def _file(self, row: int) -> Path | None:
        stored = self._cells[row].stored
        return stored.entry.path if stored is not None and stored.entry is not None else None

    def _update(self, job_id: str, index: int, **changes: Any) -> None:
        for row, cell in enumerate(self._cells):
            if cell.job_id == job_id and cell.index == index:
                self._cells[row] = replace(cell, **changes)
                self._tell(row)

    def _tell(self, row: int) -> None:
        place = self.index(row)
        self.dataChanged.emit(place, place)


def describe(cell: Cell) -> str:
    """What there is to say of a cell."""
    number = f"Variation {cell.index + 1}"
    if cell.stored is None:
        return f"{number}: not made" if cell.failed else f"{number}: under way"
    score = cell.stored.candidate.score
    rated = "" if score is None else f", score {score:.2f}"
    pinned = ", pinned" if cell.pinned else ""
    return f"{number}, seed {cell.stored.candidate.seed}{rated}{pinned}"
