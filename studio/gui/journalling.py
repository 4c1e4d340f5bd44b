"""Has every open document kept in a journal, so that a crash costs a second and no more."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core import atomic
from studio.core.document import DocumentSnapshot
from studio.gui.background import Background
from studio.gui.open_document import OpenDocument
from studio.gui.widgets.toasts import Tone
from studio.gui.workspace import Workspace
from studio.journal import About, Journal, LostDrawing

log = logging.getLogger(__name__)

DELAY_MS = 300
"""From a change to the snapshot; with the time to write it, it stays well below a second."""
FIRST_DELAY_MS = 2000
"""From opening a file until it is kept for the first time, unless it is changed before."""
RETRY_MS = 10_000
"""From a refusal of the disk to the next attempt."""


class Journalling(QObject):
    """Keeps journals for the documents of a workspace, written in a thread of their own.

    Args:
        folder: where the journals lie.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    message = Signal(str, object, str)

    def __init__(self, workspace: Workspace, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._writing = Background(threads=1, parent=self)
        self._keepers: dict[str, _Keeper] = {}
        self._leaving: set[_Keeper] = set()
        for tab in workspace.tabs:
            self._follow(tab)
        workspace.opened.connect(self._follow)
        workspace.closed.connect(self._forget)

    @property
    def is_idle(self) -> bool:
        """Whether everything that changed is kept."""
        return all(keeper.is_idle for keeper in self._keepers.values())

    def adopt(self, tab: OpenDocument, lost: LostDrawing) -> None:
        """A lost drawing is open again: what was kept of it goes once its new journal is there."""
        self._keepers[tab.id].replace(lost)

    def close(self) -> None:
        """Removes all journals: the person is done, and was asked about what is not saved."""
        for keeper in self._keepers.values():
            keeper.stop()
        self._writing.close()
        for keeper in (*self._keepers.values(), *self._leaving):
            keeper.discard()
        self._keepers.clear()
        self._leaving.clear()

    def _follow(self, tab: OpenDocument) -> None:
        keeper = _Keeper(tab, self._folder, self._writing, self)
        keeper.message.connect(self.message)
        self._keepers[tab.id] = keeper

    def _forget(self, tab: OpenDocument) -> None:
        keeper = self._keepers.pop(tab.id)
        keeper.stop()
        self._leaving.add(keeper)
        # Behind what is being written, in the same thread.
        self._writing.run(keeper.discard, lambda _: self._left(keeper), keeper.refused)

    def _left(self, keeper: _Keeper) -> None:
        self._leaving.discard(keeper)
        keeper.deleteLater()


class _Keeper(QObject):
    """Keeps one document.

    Signals:
        message(str, Tone, str): as of `Journalling`.
    """

    message = Signal(str, object, str)

    def __init__(
        self, tab: OpenDocument, folder: Path, writing: Background, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._tab = tab
        self._folder = folder
        self._writing = writing
        self._journal: Journal | None = None
        self._replaced: LostDrawing | None = None
        self._is_due = False
        self._is_writing = False
        self._is_refused = False
        self._is_stopped = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._write)
        self._listen()
        if tab.document.layers:
            self._write_after(FIRST_DELAY_MS)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to be kept."""
        return not (self._is_due or self._is_writing)

    def replace(self, lost: LostDrawing) -> None:
        """Keeps it at once, and then removes what was kept of the lost drawing."""
        self._replaced = lost
        self._write_after(0)

    def stop(self) -> None:
        """Keeps nothing more than what is being written."""
        self._is_stopped = True
        for event in self._events:
            event.disconnect(self._changed)
        self._timer.stop()

    def discard(self) -> None:
        """Removes the journal; when nothing is being written."""
        if self._journal is not None:
            self._journal.discard()

    def refused(self, error: Exception) -> None:
        """Says so once, and tries again later."""
        if not isinstance(error, OSError):
            raise error
        log.warning("the journal of %s cannot be written: %s", self._tab.name, error)
        self._is_writing = False
        if not self._is_refused:
            self._is_refused = True
            self.message.emit(
                f"A crash would cost your latest changes because {atomic.reason(error)}: "
                "save the drawing.",
                Tone.WARNING,
                str(self._folder),
            )
        self._write_after(RETRY_MS)

    def _listen(self) -> None:
        document = self._tab.document
        self._events = (
            document.changed,
            document.structure_changed,
            document.layer_changed,
            document.mask_changed,
            document.selection_changed,
            document.channels_changed,
            document.guides_changed,
            document.frame_changed,
            document.canvas_changed,
            self._tab.title_changed,
        )
        for event in self._events:
            event.connect(self._changed)

    def _changed(self) -> None:
        if self._is_due:
            return
        self._is_due = True
        if not self._is_writing and not self._is_refused:
            self._write_after(DELAY_MS)

    def _write_after(self, milliseconds: int) -> None:
        if not self._is_stopped:
            self._timer.start(milliseconds)

    def _write(self) -> None:
        self._is_due = False
        if self._journal is None and not self._tab.document.layers:
            return
        self._is_writing = True
        snapshot, about = self._tab.document.snapshot(), _about(self._tab)
        self._writing.run(lambda: self._record(snapshot, about), self._written, self.refused)

    def _record(self, snapshot: DocumentSnapshot, about: About) -> None:
        """In the other thread, where nothing else touches the journal meanwhile."""
        if self._journal is None:
            self._journal = Journal.start(self._folder)
        self._journal.record(snapshot, about)
        if self._replaced is not None:
            self._replaced.discard()
            self._replaced = None

    def _written(self, _: None) -> None:
        self._is_writing = self._is_refused = False
        if self._is_due:
            self._write_after(DELAY_MS)


def _about(tab: OpenDocument) -> About:
    return About(
        name=tab.name,
        path=str(tab.path or ""),
        origin=str(tab.origin or ""),
        time=time.time(),
        is_saved=not tab.has_unsaved_changes,
    )
