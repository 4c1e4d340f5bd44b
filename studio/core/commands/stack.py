"""Undo and redo: what was done to a document, by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from studio.core.commands.memory import HistoryMemory, Holding
from studio.core.document import Document
from studio.core.events import Signal
from studio.core.spool import Spool, SpoolError

DEFAULT_LIMIT_BYTES = 2**30


class Command(ABC):
    """One change of a document that can be taken back.

    A command is complete at construction, or *recorded*: its change was made, a little at a time,
    before it was pushed (a brush stroke). For the latter `do` finds nothing left to do the first
    time.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """What the person reads in the menu and in the history: "Paint stroke"."""

    @abstractmethod
    def do(self, document: Document) -> None:
        """Makes the change, or makes it again."""

    @abstractmethod
    def undo(self, document: Document) -> None:
        """Leaves the document as it was before `do`."""

    def merge(self, later: Command) -> Command | None:
        """One command for both where that is what the person means, else None.

        ``later`` was done directly after this one. Steps of one slider drag merge; the merged
        command undoes both at once.
        """
        return None

    @property
    def cost(self) -> int:
        """Bytes of pixels in memory that keeping it holds on to."""
        return 0

    @property
    def holdings(self) -> Sequence[Holding]:
        """What of that may wait on the disk until it is undone or done again."""
        return ()


class CommandStack:
    """The history of one document.

    Args:
        document: on which commands are done.
        limit_bytes: what commands may hold on to in memory; what is beyond it goes to the spool,
            and where there is none or it is full, the oldest commands are dropped, though never
            the last one.
        spool: where pixels of old commands wait; it may be shared with other stacks.

    Events:
        changed(): a command was pushed, undone, redone or dropped, or the document was saved.
        dropped(int): so many of the oldest commands were dropped to keep within the limit.
    """

    changed = Signal()
    dropped = Signal(int)

    def __init__(
        self,
        document: Document,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
        spool: Spool | None = None,
    ) -> None:
        self._document = document
        self._commands: list[Command] = []
        self._memory = HistoryMemory(limit_bytes, spool)
        self._index = 0
        self._saved: int | None = 0
        self._dropped_count = 0
        self._may_merge = False

    @property
    def entries(self) -> Sequence[Command]:
        """All commands, the oldest first; those from `index` on are undone."""
        return tuple(self._commands)

    @property
    def index(self) -> int:
        """How many of the commands are done."""
        return self._index

    @property
    def saved_index(self) -> int | None:
        """How many commands lead to what is on disk; None if no undo or redo leads there."""
        return self._saved

    @property
    def dropped_count(self) -> int:
        """How many commands before the oldest were dropped."""
        return self._dropped_count

    @property
    def can_undo(self) -> bool:
        """Whether there is a command to take back."""
        return self._index > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a command to make again."""
        return self._index < len(self._commands)

    @property
    def undo_name(self) -> str:
        """The name of what `undo` would take back; empty if there is nothing."""
        return self._commands[self._index - 1].name if self.can_undo else ""

    @property
    def redo_name(self) -> str:
        """The name of what `redo` would make again; empty if there is nothing."""
        return self._commands[self._index].name if self.can_redo else ""

    @property
    def is_clean(self) -> bool:
        """Whether the document is as it was when it was last saved (or made)."""
        return self._saved == self._index

    @property
    def cost(self) -> int:
        """Bytes of pixels in memory that all commands hold on to."""
        return self._memory.total

    def set_limit(self, limit_bytes: int) -> None:
        """Commands may hold on to so much memory from now on."""
        self._memory.set_limit(limit_bytes)
        self._make_room()
        self.changed.emit()

    def push(self, command: Command) -> None:
        """Does a command and keeps it; what was undone before is forgotten.

        If the command raises, nothing is kept.
        """
        command.do(self._document)
        self._forget_undone()
        may_merge = self._may_merge and self._commands
        merged = self._commands[-1].merge(command) if may_merge else None
        if merged is None:
            self._keep(command)
        else:
            self._forget(len(self._commands) - 1, len(self._commands))
            self._keep(merged)
        self._index = len(self._commands)
        self._may_merge = True
        self._make_room()
        self.changed.emit()

    def undo(self) -> None:
        """Takes the last command back; nothing happens if there is none.

        Raises:
            SpoolError: as `go_to`.
        """
        self.go_to(self._index - 1)

    def redo(self) -> None:
        """Makes the next command again; nothing happens if there is none.

        Raises:
            SpoolError: as `go_to`.
        """
        self.go_to(self._index + 1)

    def go_to(self, index: int) -> None:
        """Undoes or redoes until so many commands are done, as far as there are so many.

        Raises:
            SpoolError: if the disk does not give pixels back; the document is then as near to
                that as could be, and the steps that cannot be reached are dropped.
        """
        target = max(0, min(index, len(self._commands)))
        if target == self._index:
            return
        try:
            self._walk(target)
        except SpoolError:
            self._drop_unreachable(target)
            raise
        finally:
            self._may_merge = False
            self._make_room()
            self.changed.emit()

    def seal(self) -> None:
        """The next command starts a step of its own: call it when a slider is let go."""
        self._may_merge = False

    def mark_saved(self) -> None:
        """The document as it is now is on disk."""
        self._saved = self._index
        self._may_merge = False
        self.changed.emit()

    def mark_unsaved(self) -> None:
        """What is on disk is something else than any state of this history."""
        self._saved = None
        self.changed.emit()

    def close(self) -> None:
        """Forgets everything, on the disk too; the document stays as it is."""
        self._forget(0, len(self._commands))
        self._index = 0

    def _walk(self, target: int) -> None:
        while self._index > target:
            self._commands[self._index - 1].undo(self._document)
            self._index -= 1
            self._memory.weigh(self._index)
        while self._index < target:
            self._commands[self._index].do(self._document)
            self._memory.weigh(self._index)
            self._index += 1

    def _keep(self, command: Command) -> None:
        self._commands.append(command)
        self._memory.append(command)

    def _forget(self, first: int, last: int) -> None:
        self._memory.forget(first, last)
        del self._commands[first:last]

    def _forget_undone(self) -> None:
        if self.can_redo:
            self._forget(self._index, len(self._commands))
            self._may_merge = False
        if self._saved is not None and self._saved > self._index:
            self._saved = None

    def _make_room(self) -> None:
        count = self._memory.make_room(self._index)
        if count:
            self._drop_oldest(count)

    def _drop_oldest(self, count: int) -> None:
        self._forget(0, count)
        self._index -= count
        self._dropped_count += count
        if self._saved is not None:
            self._saved = self._saved - count if self._saved >= count else None
        self.dropped.emit(count)

    def _drop_unreachable(self, target: int) -> None:
        """Drops what lies beyond the command whose pixels are lost, and it too."""
        if target < self._index:
            self._drop_oldest(self._index)
        else:
            self._forget_undone()
