"""Changes of the canvas and of the generation frame."""

from __future__ import annotations

from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Bounds


class ResizeCanvas(Command):
    """Extends or crops the canvas; no pixel is moved or lost."""

    def __init__(self, bounds: Bounds, name: str = "Resize canvas") -> None:
        self._bounds = bounds
        self._name = name
        self._before = bounds

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def do(self, document: Document) -> None:
        """Sets the new canvas."""
        self._before = document.canvas
        document.canvas = self._bounds

    def undo(self, document: Document) -> None:
        """Sets the old canvas."""
        document.canvas = self._before


class SetFrame(Command):
    """Moves or resizes the generation frame; the steps of one drag merge."""

    def __init__(self, frame: Bounds) -> None:
        self._frame = frame
        self._before = frame

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Set frame"

    def do(self, document: Document) -> None:
        """Sets the new frame."""
        self._before = document.frame
        document.frame = self._frame

    def undo(self, document: Document) -> None:
        """Sets the old frame."""
        document.frame = self._before

    def merge(self, later: Command) -> Command | None:
        """From the first frame to the last one."""
        if not isinstance(later, SetFrame):
            return None
        merged = SetFrame(later._frame)
        merged._before = self._before
        return merged
