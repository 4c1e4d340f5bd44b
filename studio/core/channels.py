"""Selections that are kept by name."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from studio.core.events import Signal
from studio.core.tiles import Snapshot


class Channels(MutableMapping[str, Snapshot]):
    """Masks by name, in the order in which they came.

    Events:
        changed(): one came, went or was replaced.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._channels: dict[str, Snapshot] = {}

    def __getitem__(self, name: str) -> Snapshot:
        return self._channels[name]

    def __setitem__(self, name: str, channel: Snapshot) -> None:
        self._channels[name] = channel
        self.changed.emit()

    def __delitem__(self, name: str) -> None:
        del self._channels[name]
        self.changed.emit()

    def __iter__(self) -> Iterator[str]:
        return iter(self._channels)

    def __len__(self) -> int:
        return len(self._channels)
