"""Changes of the painted mask."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from studio.core.tiles import ORIGIN, MaskSurface, TileChange, TileState


class PaintMask(Command):
    """A recorded change of the painted mask."""

    def __init__(self, change: TileChange, name: str = "Paint mask") -> None:
        self._change = change
        self._name = name

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def cost(self) -> int:
        """Bytes of the touched tiles."""
        return self._change.size

    def do(self, document: Document) -> None:
        """Brings the mask after the change back."""
        _apply(document, self._change.after)

    def undo(self, document: Document) -> None:
        """Brings the mask before the change back."""
        _apply(document, self._change.before)


class _MaskCommand(Command):
    """Computes the new mask when it is done first, and remembers the tiles that differ."""

    def __init__(self) -> None:
        self._change: TileChange | None = None

    @property
    def cost(self) -> int:
        """Bytes of the touched tiles."""
        return self._change.size if self._change else 0

    def do(self, document: Document) -> None:
        """Changes the mask."""
        if self._change is not None:
            _apply(document, self._change.after)
            return
        before = document.mask.snapshot()
        self._write(document.mask, document.canvas)
        self._change = TileChange.between(before, document.mask.snapshot())
        document.touch_mask(before.bounds.union(document.mask.bounds))

    def undo(self, document: Document) -> None:
        """Brings the mask before back."""
        if self._change is not None:
            _apply(document, self._change.before)

    @abstractmethod
    def _write(self, mask: MaskSurface, canvas: Bounds) -> None: ...


class ClearMask(_MaskCommand):
    """Leaves nothing masked."""

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Clear mask"

    def _write(self, mask: MaskSurface, canvas: Bounds) -> None:
        mask.clear_all()


class InvertMask(_MaskCommand):
    """Masks what was not masked and the other way round, within the canvas."""

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Invert mask"

    def _write(self, mask: MaskSurface, canvas: Bounds) -> None:
        inverted = 255 - mask.read(canvas)
        mask.clear_all()
        mask.write(canvas, inverted)


class SetMask(_MaskCommand):
    """Replaces the mask by a picture.

    Args:
        picture: mode ``L``, 255 = repaint.
        origin: of its top left pixel on the canvas.
        name: as the person reads it.

    Raises:
        ValueError: if the picture has another mode.
    """

    def __init__(self, picture: Picture, origin: Point = ORIGIN, name: str = "Set mask") -> None:
        super().__init__()
        if picture.mode != "L":
            raise ValueError(f"A mask has one channel, not {picture.mode}.")
        self._picture = picture
        self._origin = origin
        self._name = name

    @classmethod
    def from_bounds(cls, bounds: Bounds) -> SetMask:
        """Masks a rectangle and nothing else."""
        full = np.full((bounds.height, bounds.width), 255, dtype=np.uint8)
        return cls(Picture.from_array(full), bounds.origin, "Mask rectangle")

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def _write(self, mask: MaskSurface, canvas: Bounds) -> None:
        mask.clear_all()
        place = Bounds(*self._origin, *self._picture.extent)
        mask.write(place, self._picture.array())


def _apply(document: Document, state: TileState) -> None:
    for dirty in document.mask.apply(state):
        document.touch_mask(dirty)
