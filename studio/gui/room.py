"""How much room windows have."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

FRAME = QSize(0, 40)
"""What a desktop draws around a window, about."""


def room_for(window: QWidget) -> QSize:
    """The largest size that a window can have and be seen whole on its screen."""
    return window.screen().availableSize() - FRAME
