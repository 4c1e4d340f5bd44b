"""What the tools go by, as the person chose it."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import replace

from studio.core.events import Signal

T = TypeVar("T")


class SettingsStore:
    """One frozen struct of each kind; what was never set is as its class makes it.

    >>> import msgspec
    >>> class FillSettings(msgspec.Struct, frozen=True):
    ...     tolerance: int = 16
    >>> store = SettingsStore()
    >>> store.change(FillSettings, tolerance=40)
    >>> store[FillSettings].tolerance
    40

    Events:
        changed(type): the settings of that class are others now.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        self._values: dict[type, Any] = {}

    def __getitem__(self, kind: type[T]) -> T:
        value: T = self._values.setdefault(kind, kind())
        return value

    def put(self, value: Any) -> None:
        """Replaces the settings of the value's class."""
        kind = type(value)
        if value != self._values.get(kind, kind()):
            self._values[kind] = value
            self.changed.emit(kind)

    def change(self, kind: type[Any], /, **changes: Any) -> None:
        """Replaces some of the settings of that class, by name."""
        self.put(replace(self[kind], **changes))
