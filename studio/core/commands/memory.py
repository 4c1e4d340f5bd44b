"""How much the history holds on to: what goes to the disk, and what has to be given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from studio.core.spool import Spool


class Holding(Protocol):
    """Pixels that a command keeps, in memory or on the disk."""

    @property
    def is_pending(self) -> bool:
        """Whether they are on their way to the disk."""

    @property
    def stored(self) -> int:
        """Bytes that they take up on the disk."""

    def put_away(self, spool: Spool) -> None:
        """Starts to write them to the disk, unless they are there already."""

    def fetch(self) -> None:
        """Starts to read them back: they will soon be asked for."""

    def let_go(self) -> None:
        """Forgets those in memory that are on the disk by now."""

    def discard(self) -> None:
        """Removes them from the disk: the command is given up."""


class Held(Protocol):
    """What of a command matters here."""

    @property
    def cost(self) -> int:
        """Bytes of pixels in memory that keeping it holds on to."""

    @property
    def holdings(self) -> Sequence[Holding]:
        """What of that may wait on the disk."""


class HistoryMemory:
    """Watches over the pixels of a history's commands.

    What lies farthest from the present goes to the disk first. What it weighs is remembered, so
    that one more command costs the same after ten thousand as after ten.

    Args:
        limit_bytes: what commands may hold on to in memory.
        spool: where pixels go beyond that; without one, commands are given up.
    """

    def __init__(self, limit_bytes: int, spool: Spool | None) -> None:
        self._limit = limit_bytes
        self._patience = limit_bytes
        """How much may be on its way to the disk at a time."""
        self._spool = spool
        self._entries: list[_Entry] = []
        self._total = 0
        self._leaving: list[_Entry] = []

    @property
    def total(self) -> int:
        """Bytes in memory."""
        return self._total

    def set_limit(self, limit_bytes: int) -> None:
        """Commands may hold on to so much from now on."""
        self._limit = limit_bytes
        self._patience = max(limit_bytes, self._total)

    def append(self, command: Held) -> None:
        """A command was added at the end."""
        self._entries.append(_Entry(command))
        self.weigh(len(self._entries) - 1)

    def weigh(self, number: int) -> None:
        """The command of that number was done, undone or read back: its weight may differ."""
        self._reweigh(self._entries[number])

    def forget(self, first: int, last: int) -> None:
        """The commands from ``first`` to before ``last`` are given up."""
        gone = self._entries[first:last]
        self._leaving = [entry for entry in self._leaving if entry not in gone]
        for entry in gone:
            self._total -= entry.weight
            for holding in entry.command.holdings:
                holding.discard()
        del self._entries[first:last]

    def make_room(self, present: int) -> int:
        """Sends to the disk what is too much in memory.

        Args:
            present: how many of the commands are done; those next to it stay.

        Returns:
            How many of the oldest commands have to be given up because that is not enough.
        """
        self._settle()
        if self._can_store:
            self._send(self._total - self._leaving_bytes - self._limit, present)
            self._settle()
        self._fetch(present)
        return max(self._too_many_for_memory(present), self._too_many_for_disk(present))

    @property
    def _leaving_bytes(self) -> int:
        return sum(entry.weight for entry in self._leaving)

    @property
    def _can_store(self) -> bool:
        return self._spool is not None and self._spool.failure is None

    def _fetch(self, present: int) -> None:
        """Starts to read what the next undo or redo needs."""
        for entry in self._entries[max(0, present - 1) : present + 1]:
            for holding in entry.command.holdings:
                holding.fetch()

    def _settle(self) -> None:
        """Lets go of what has arrived on the disk."""
        still_leaving = []
        for entry in self._leaving:
            if any(holding.is_pending for holding in entry.command.holdings):
                still_leaving.append(entry)
                continue
            for holding in entry.command.holdings:
                holding.let_go()
            self._reweigh(entry)
        self._leaving = still_leaving

    def _send(self, wanted: int, present: int) -> None:
        """Starts to write at least so many bytes, if there are so many."""
        for entry in self._farthest_first(present):
            if wanted <= 0 or self._spool is None:
                break
            if not entry.weight or not entry.command.holdings or entry in self._leaving:
                continue
            for holding in entry.command.holdings:
                holding.put_away(self._spool)
            self._leaving.append(entry)
            wanted -= entry.weight

    def _farthest_first(self, present: int) -> Iterator[_Entry]:
        """All but the commands that the next undo and the next redo need."""
        oldest, newest = 0, len(self._entries) - 1
        while oldest < present - 1 or newest > present:
            if present - oldest > newest - present:
                yield self._entries[oldest]
                oldest += 1
            else:
                yield self._entries[newest]
                newest -= 1

    def _too_many_for_memory(self, present: int) -> int:
        """How many of the oldest have to go so that the rest keeps within the limit."""
        leaving = self._leaving_bytes
        # A disk that is too slow for the hand must not let memory grow without end; one step,
        # however large, always has the time to get there.
        is_slow = leaving > self._patience and len(self._leaving) > 1
        excess = self._total - self._limit - (0 if is_slow else leaving)
        count = 0
        for number, entry in enumerate(self._entries[: max(0, present - 1)]):
            if excess <= 0:
                break
            # Giving up what weighs nothing would gain nothing.
            if entry.weight and (is_slow or entry not in self._leaving):
                excess -= entry.weight
                count = number + 1
        return count

    def _too_many_for_disk(self, present: int) -> int:
        """How many of the oldest have to go so that the rest finds room on the disk."""
        excess = self._spool.excess if self._spool is not None else 0
        count = 0
        while excess > 0 and count < present - 1:
            excess -= sum(holding.stored for holding in self._entries[count].command.holdings)
            count += 1
        return count

    def _reweigh(self, entry: _Entry) -> None:
        weight = entry.command.cost
        self._total += weight - entry.weight
        entry.weight = weight


class _Entry:
    """A command and its weight in bytes, as it was last looked at."""

    __slots__ = ("command", "weight")

    def __init__(self, command: Held) -> None:
        self.command = command
        self.weight = 0
