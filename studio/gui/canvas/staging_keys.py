"""The keys with which candidates are looked through and chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from studio.gui.canvas.staging import StagingModel

_KEEP = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FLICK = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_FIRST = Qt.Key.Key_1


class StagingKeys(QObject):
    """Left and Right flick, digits jump, Enter keeps, V varies, Escape discards.

    Signals:
        keep_requested(), vary_requested(): of the shown candidate.
        discard_requested(): of all.
    """

    keep_requested = Signal()
    vary_requested = Signal()
    discard_requested = Signal()

    def __init__(self, staging: StagingModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._staging = staging

    def mean(self, event: QKeyEvent) -> bool:
        """Whether the key means something here and now."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = event.key()
        known = key in (*_KEEP, *_FLICK, Qt.Key.Key_V, Qt.Key.Key_Escape) or _is_digit(key)
        return plain and known and self._staging.is_active

    def take(self, event: QKeyEvent) -> bool:
        """Does what the key stands for; whether it stands for anything."""
        if not self.mean(event):
            return False
        key, has_candidate = event.key(), self._staging.current is not None
        if key in _FLICK:
            self._staging.step(_FLICK[Qt.Key(key)])
        elif _is_digit(key):
            self._staging.jump(key - _FIRST)
        elif key == Qt.Key.Key_Escape:
            self.discard_requested.emit()
        elif has_candidate:
            (self.keep_requested if key in _KEEP else self.vary_requested).emit()
        return True


def _is_digit(key: int) -> bool:
    return _FIRST <= key < _FIRST + 9
