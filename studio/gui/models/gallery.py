"""The gallery as a list for views: newest first, read page by page, pictures when they are seen."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Callable, Sequence
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


class _Renewal(msgspec.Struct, frozen=True):
    """What has become of the entries that were shown, found out on another thread.

    Attributes:
        question: as of `_Page`.
        shown: the entries when it was asked.
        fresh: those to be shown now.
        steps: from the former to the latter, as `difflib` has them.
        complete: whether there are no older ones.
    """

    question: int
    shown: list[Entry]
    fresh: list[Entry]
    steps: Sequence[tuple[str, int, int, int, int]]
    complete: bool


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

    def refresh(self) -> None:
        """Looks for what others changed; what stays keeps its place, and so do its views."""
        shown = list(self._entries)
        # A page that is under way is read along: its own answer comes too late.
        more = PAGE if self._reading or not shown else 0
        self._question += 1
        self._reading = True
        question, query, starred = self._question, self._query, self._starred
        self._background.run(
            lambda: _renewal(
                question,
                shown,
                self._gallery.entries(query, len(shown) + PAGE, starred=starred),
                more,
            ),
            self._renew,
            self._refused,
        )

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
            self.refresh()
            return
        self._insert(0, [entry])
        self.counted.emit()

    def replace(self, entry: Entry) -> None:
        """Shows what has become of an entry: starred, or gone where it is in the trash."""
        row = next((r for r, known in enumerate(self._entries) if known.id == entry.id), None)
        if row is None:
            return
        if entry.trashed:
            self._remove(row, row + 1)
            self.counted.emit()
        else:
            self._replace(row, [entry])

    def _take(self, page: _Page) -> None:
        if page.question != self._question:
            return
        known = {entry.id for entry in self._entries}
        fresh = [entry for entry in page.entries if entry.id not in known]
        self._insert(len(self._entries), fresh)
        self._conclude(complete=len(page.entries) < PAGE)

    def _renew(self, renewal: _Renewal) -> None:
        if renewal.question != self._question:
            return
        if renewal.shown != self._entries:  # something was added or starred here meanwhile
            self.refresh()
            return
        for step, first, end, fresh, fresh_end in reversed(renewal.steps):
            if step == "equal":
                self._replace(first, renewal.fresh[fresh:fresh_end])
                continue
            self._remove(first, end)
            self._insert(first, renewal.fresh[fresh:fresh_end])
        self._conclude(complete=renewal.complete)

    def _insert(self, row: int, entries: list[Entry]) -> None:
        if entries:
            self.beginInsertRows(QModelIndex(), row, row + len(entries) - 1)
            self._entries[row:row] = entries
            self.endInsertRows()

    def _remove(self, first: int, end: int) -> None:
        if end > first:
            self.beginRemoveRows(QModelIndex(), first, end - 1)
            del self._entries[first:end]
            self.endRemoveRows()

    def _replace(self, first: int, entries: list[Entry]) -> None:
        """Puts other values of the same entries in place; those that changed are drawn anew."""
        for row, entry in enumerate(entries, first):
            if entry is not self._entries[row]:
                self._entries[row] = entry
                self.dataChanged.emit(self.index(row), self.index(row))

    def _conclude(self, *, complete: bool) -> None:
        """Ends a reading."""
        self._reading = False
        self._complete = complete
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


def _renewal(question: int, shown: list[Entry], found: list[Entry], more: int) -> _Renewal:
    """How to get from the entries that are shown to those that were found.

    Args:
        question: as of `_Renewal`.
        shown: the former.
        found: the latter, and a page of older ones where there are any.
        more: how many of the older ones are wanted too.
    """
    before = {entry.id: entry for entry in shown}
    # An entry that is as it was stays the same object, so telling the changed ones is quick.
    same = [before[e.id] if before.get(e.id) == e else e for e in found]
    last = max((row for row, entry in enumerate(found) if entry.id in before), default=PAGE - 1)
    fresh = same[: last + 1 + more]
    old_ids, new_ids = ([entry.id for entry in entries] for entries in (shown, fresh))
    steps = difflib.SequenceMatcher(None, old_ids, new_ids, autojunk=False).get_opcodes()
    complete = len(fresh) == len(found) < len(shown) + PAGE
    return _Renewal(question, shown, fresh, steps, complete)


def _read_thumbnail(gallery: Gallery, entry: Entry) -> QImage:
    return QImage.fromData(gallery.thumbnails.read(entry))
