"""What keys do on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from studio.gui.canvas.pointer import Pointer
from studio.gui.canvas.staging_keys import StagingKeys

_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class CanvasKeys:
    """Space, R and Alt lend another tool; the tool in hand and the candidates take the rest.

    Args:
        pointer: whose tool is lent.
        staging: chooses candidates.
    """

    def __init__(self, pointer: Pointer, staging: StagingKeys) -> None:
        self._pointer = pointer
        self._staging = staging
        self._lends: dict[int, Callable[[bool], None]] = {
            Qt.Key.Key_Space: pointer.hold_space,
            Qt.Key.Key_Alt: pointer.hold_alt,
            Qt.Key.Key_R: pointer.hold_turn,
        }

    def mean(self, event: QKeyEvent) -> bool:
        """Whether a key that is some action's shortcut means something else here and now."""
        turns = event.key() == Qt.Key.Key_R and not event.modifiers() & _MODIFIERS
        return turns or self._pointer.wants(event.key()) or self._staging.mean(event)

    def press(self, event: QKeyEvent) -> bool:
        """A key went down; whether it meant anything."""
        lend = self._lent(event)
        if lend is not None:
            if not event.isAutoRepeat():
                lend(True)
        elif self._pointer.wants(event.key()):
            self._pointer.take_key(event.key(), event.modifiers())
        else:
            return self._staging.take(event)
        return True

    def release(self, event: QKeyEvent) -> bool:
        """A key was let go; whether it had lent anything."""
        lend = self._lends.get(event.key())
        if lend is None or event.isAutoRepeat():
            return False
        lend(False)
        return True

    def let_go(self) -> None:
        """The keyboard went elsewhere: what is let go there is not heard here."""
        self._pointer.lose_keys()

    def _lent(self, event: QKeyEvent) -> Callable[[bool], None] | None:
        """What a key lends; R with Control or Alt is another key."""
        if event.key() == Qt.Key.Key_R and event.modifiers() & _MODIFIERS:
            return None
        return self._lends.get(event.key())
