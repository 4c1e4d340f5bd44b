"""Changes of the canvas, of the generation frame and of the guides."""

from __future__ import annotations

from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.guides import Guide
from studio.core.projection import Projection


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


class ProjectCanvas(ResizeCanvas):
    """Takes the canvas to where everything on it was taken, and says so.

    Args:
        bounds: of the canvas afterwards.
        projection: of all that is on it, which other commands take care of.
        name: as the person reads it.
    """

    def __init__(self, bounds: Bounds, projection: Projection, name: str) -> None:
        super().__init__(bounds, name)
        self._projection = projection

    def do(self, document: Document) -> None:
        """Sets the new canvas, and says what took it there."""
        super().do(document)
        document.projected.emit(self._projection)

    def undo(self, document: Document) -> None:
        """Sets the old canvas, and says what takes it back."""
        super().undo(document)
        document.projected.emit(self._projection.inverse())


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


class SetGuides(Command):
    """Lays, moves or takes away guides; the steps of one drag merge.

    Args:
        guides: all that there are afterwards.
        name: as the person reads it.
    """

    def __init__(self, guides: tuple[Guide, ...], name: str = "Set guides") -> None:
        self._guides = guides
        self._name = name
        self._before: tuple[Guide, ...] = ()

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def do(self, document: Document) -> None:
        """Sets the new guides."""
        self._before = document.guides
        document.guides = self._guides

    def undo(self, document: Document) -> None:
        """Sets the old guides."""
        document.guides = self._before

    def merge(self, later: Command) -> Command | None:
        """From the first guides to the last ones, for the same thing done to them."""
        if not isinstance(later, SetGuides) or later._name != self._name:
            return None
        merged = SetGuides(later._guides, self._name)
        merged._before = self._before
        return merged
