"""Makes the histories of documents, which share what memory and disk may hold of them."""

from __future__ import annotations

import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.core import atomic
from studio.core.claims import Claim, sweep
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.spool import Spool
from studio.gui.background import Background
from studio.gui.settings import HistorySettings
from studio.gui.widgets.toasts import Tone


class Histories(QObject):
    """Gives each document its stack of commands, and pixels of old steps a place on the disk.

    Args:
        folder: where old steps wait.
        settings: how many of them.

    Signals:
        message(str, Tone, str): a sentence for the person, how it is meant, and details.
    """

    message = Signal(str, object, str)

    def __init__(
        self,
        folder: Path,
        settings: HistorySettings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._memory = settings.memory
        self._stacks: weakref.WeakSet[CommandStack] = weakref.WeakSet()
        self._claim: Claim | None = None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._spool = Spool(self._make_folder, self._writer, settings.disk)
        self._told: set[str] = set()

    @property
    def memory(self) -> int:
        """Bytes that each history may hold on to in memory."""
        return self._memory

    @property
    def disk_used(self) -> int:
        """Bytes of all histories that wait on the disk."""
        return self._spool.used

    def set_memory(self, memory: int) -> None:
        """Each history may hold on to so many bytes from now on."""
        self._memory = memory
        for stack in self._stacks:
            stack.set_limit(memory)

    def new_stack(self, document: Document) -> CommandStack:
        """The history of a document that was just made or opened."""
        stack = CommandStack(document, self._memory, self._spool)
        self._stacks.add(stack)
        stack.dropped.connect(self._tell_dropped)
        return stack

    def sweep(self, background: Background) -> None:
        """Removes, in another thread, what crashes left."""
        background.run(lambda: sweep(self._folder), lambda _: None, lambda _: None)

    def close(self) -> None:
        """Removes everything from the disk."""
        self._writer.shutdown(cancel_futures=True)
        if self._claim is not None:
            self._claim.remove()

    def _make_folder(self) -> Path:
        self._claim = Claim.make(self._folder)
        return self._claim.folder

    def _tell_dropped(self, _: int) -> None:
        failure = self._spool.failure
        why = "their room is used up" if failure is None else atomic.reason(failure)
        if why not in self._told:
            self._told.add(why)
            self.message.emit(
                f"The oldest steps cannot be undone any more because {why}.", Tone.NOTE, ""
            )
