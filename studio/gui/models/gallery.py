"""The gallery as a list for views: newest first, read page by page, pictures when they are seen."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QImage

from studio.gallery.entry import Entry
from studio.gallery.store import Gallery
from studio.gui.background import Background
from studio.gui.words import tip_words

_Index = QModelIndex | QPersistentModelIndex

PAGE = 60
THUMBNAILS_KEPT = 600


class EntryRole(enum.IntEnum):
    """What a view may ask of an entry."""

    ENTRY = Qt.ItemDataRole.UserRole + 1
    """The `Entry` itself."""
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2
    """Its small picture as a QImage; None until it has been read, which asking begins."""


class EntryAction(enum.Enum):
    """What can be done with a picture of the gallery: its words and icon."""

    OPEN = ("Put on the canvas", "image-plus")
    REUSE = ("Use its settings", "sliders-horizontal")
    VARY = ("Make variations", "shuffle")
    ENLARGE = ("Make it twice as large", "image-upscale")
    STAR = ("Star", "star")
    SHOW = ("Show the file", "folder-open")
    TRASH = ("Move to the trash", "trash-2")


class _Page(msgspec.Struct, frozen=True):
    """An answer to a question; one to an outdated question is dropped."""

    question: int
    entries: list[Entry]


class GalleryModel(QAbstractListModel):
    """The entries that match a search. Nothing is read on the window's thread.

    Signals:
        failed(Exception): the gallery could not be read.
        counted(): entries were found, added or removed.
        found(QModelIndex): the entry that `find` looks for is there.
    """

    failed = Signal(object)
    counted = Signal()
    found = Signal(object)

    def __init__(
        self, gallery: Gallery, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._background = background
        self._entries: list[Entry] = []
        self._thumbnails: dict[str, QImage] = {}
        self._wanted: set[str] = set()
        self._query = ""
        self._starred = False
        self._question = 0
        self._reading = False
        self._complete = False
        self._is_sought: Callable[[Entry], bool] | None = None

    @property
    def query(self) -> str:
        """The words that are searched for."""
        return self._query

    @property
    def is_searching(self) -> bool:
        """Whether a search leaves some entries out."""
        return bool(self._query) or self._starred

    def search(self, query: str, *, starred: bool = False) -> None:
        """Shows the entries that match, beginning anew."""
        self._query, self._starred = query, starred
        self._is_sought = None
        self.reload()

    def find(self, query: str, is_sought: Callable[[Entry], bool]) -> None:
        """Searches, and reads on until an entry is the one that is sought, which `found` tells."""
        self.search(query)
        self._is_sought = is_sought

    def reload(self) -> None:
        """Reads everything anew."""
        self._question += 1
        self._reading = False
        self._complete = False
        self.beginResetModel()
        self._entries.clear()
        self.endResetModel()
        self.fetchMore()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many entries were read so far."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The entry, its thumbnail, or its words."""
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == EntryRole.ENTRY:
            return entry
        if role == EntryRole.THUMBNAIL:
            return self._thumbnail(entry)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return describe(entry)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Entries can be chosen and dragged out."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:
        """Files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Any) -> QMimeData:
        """The files of these entries, for whatever they are dropped on."""
        data = QMimeData()
        rows = sorted(index.row() for index in indexes)
        data.setUrls([QUrl.fromLocalFile(str(self._entries[row].path)) for row in rows])
        return data

    def canFetchMore(self, parent: _Index = QModelIndex()) -> bool:  # noqa: B008 - as above
        """Whether there may be older entries still to be read."""
        return not parent.isValid() and not self._complete and not self._reading

    def fetchMore(self, parent: _Index = QModelIndex()) -> None:  # noqa: B008 - as above
        """Reads the next page; its entries appear when they are there."""
        if not self.canFetchMore(parent):
            return
        self._reading = True
        question, query, starred = self._question, self._query, self._starred
        offset = len(self._entries)
        self._background.run(
            lambda: _Page(question, self._gallery.entries(query, PAGE, offset, starred=starred)),
            self._take,
            self._refused,
        )

    def add(self, entry: Entry) -> None:
        """Shows a new entry in front, unless a search is on that it may not match."""
        if any(known.id == entry.id for known in self._entries):
            return
        if self.is_searching:
            self.reload()
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._entries.insert(0, entry)
        self.endInsertRows()
        self.counted.emit()

    def replace(self, entry: Entry) -> None:
        """Shows what has become of an entry: starred, or gone where it is in the trash."""
        row = next((r for r, known in enumerate(self._entries) if known.id == entry.id), None)
        if row is None:
            return
        if entry.trashed:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._entries[row]
            self.endRemoveRows()
            self.counted.emit()
        else:
            self._entries[row] = entry
            self.dataChanged.emit(self.index(row), self.index(row))

    def _take(self, page: _Page) -> None:
        if page.question != self._question:
            return
        self._reading = False
        self._complete = len(page.entries) < PAGE
        known = {entry.id for entry in self._entries}
        fresh = [entry for entry in page.entries if entry.id not in known]
        if fresh:
            first = len(self._entries)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._entries.extend(fresh)
            self.endInsertRows()
        self.counted.emit()
        if self._is_sought is not None:
            self._look_for(self._is_sought)

    def _look_for(self, is_sought: Callable[[Entry], bool]) -> None:
        row = next((row for row, entry in enumerate(self._entries) if is_sought(entry)), None)
        if row is None:
            self.fetchMore()
        else:
            self._is_sought = None
            self.found.emit(self.index(row))

    def _refused(self, error: Exception) -> None:
        self._reading = False
        self._complete = True
        self.failed.emit(error)

    def _thumbnail(self, entry: Entry) -> QImage | None:
        image = self._thumbnails.get(entry.id)
        if image is None and entry.id not in self._wanted:
            self._wanted.add(entry.id)
            self._background.run(
                lambda: _read_thumbnail(self._gallery, entry),
                lambda read: self._show_thumbnail(entry.id, read),
                lambda _: self._show_thumbnail(entry.id, QImage()),
            )
        return image

    def _show_thumbnail(self, entry_id: str, image: QImage) -> None:
        self._wanted.discard(entry_id)
        while len(self._thumbnails) >= THUMBNAILS_KEPT:
            del self._thumbnails[next(iter(self._thumbnails))]
        self._thumbnails[entry_id] = image
        for row, entry in enumerate(self._entries):
            if entry.id == entry_id:
                self.dataChanged.emit(self.index(row), self.index(row), [EntryRole.THUMBNAIL])


def describe(entry: Entry) -> str:
    """What there is to say of an entry in a few lines."""
    size = f"{entry.width} × {entry.height}"
    lines = [
        tip_words(entry.prompt) or "(no prompt)",
        f"{size} · {entry.model} · seed {entry.seed}",
    ]
    if entry.score is not None:
        lines[1] += f" · score {entry.score:.2f}"
    lines.append(f"{entry.created.astimezone():%Y-%m-%d %H:%M}")
    return "\n".join(lines)


def _read_thumbnail(gallery: Gallery, entry: Entry) -> QImage:
    return QImage(str(gallery.thumbnails.path(entry)))
