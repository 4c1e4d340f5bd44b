"""Changes of what is selected: of the selection itself, and of the painted mask alike."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence

from studio.core.commands.memory import Holding
from studio.core.commands.recorded import RecordedChange
from studio.core.commands.stack import Command
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from studio.core.selection import NOTHING, inverted, mask_from, rectangle
from studio.core.tiles import ORIGIN, MaskSurface, Snapshot, TileChange, TileState

_MOST_EVENTS = 16
"""Where more tiles than that changed, whoever listens hears of the rectangle around them."""


class Target(enum.StrEnum):
    """Which of a document's two masks is changed."""

    SELECTION = "selection"
    """Where tools work."""
    MASK = "mask"
    """What is to be generated anew."""

    def surface(self, document: Document) -> MaskSurface:
        """The mask itself."""
        return document.selection if self is Target.SELECTION else document.mask

    def apply(self, document: Document, state: TileState) -> None:
        """Gives it the tiles of ``state``, and says where it differs."""
        self.touch(document, self.surface(document).apply(state))

    def touch(self, document: Document, dirty: Sequence[Bounds]) -> None:
        """Says that it was written in these rectangles."""
        touch = document.touch_selection if self is Target.SELECTION else document.touch_mask
        if len(dirty) > _MOST_EVENTS:
            dirty = [_around(dirty)]
        for part in dirty:
            touch(part)


class PaintMask(RecordedChange):
    """A recorded change of the ``target``."""

    def __init__(
        self, change: TileChange, name: str = "Paint mask", target: Target = Target.MASK
    ) -> None:
        super().__init__(change, name)
        self._target = target

    def _apply(self, document: Document, state: TileState) -> None:
        self._target.apply(document, state)


class ChangeSelection(Command):
    """Makes a new mask of the one that is there, when it is done first.

    Args:
        change: from the mask and the canvas to the new mask; quick, as it runs where `do` does.
        name: as the person reads it.
        target: what is changed.
    """

    def __init__(
        self,
        change: Callable[[Snapshot, Bounds], Snapshot],
        name: str,
        target: Target = Target.SELECTION,
    ) -> None:
        self._make = change
        self._name = name
        self._target = target
        self._change: TileChange | None = None

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def cost(self) -> int:
        """Bytes of the tiles that differ."""
        return self._change.size if self._change else 0

    @property
    def holdings(self) -> Sequence[Holding]:
        """The tiles before and after."""
        return self._change.states if self._change else ()

    def do(self, document: Document) -> None:
        """Changes the mask."""
        if self._change is None:
            before = self._target.surface(document).snapshot()
            self._change = TileChange.between(before, self._make(before, document.canvas))
        self._target.apply(document, self._change.after)

    def undo(self, document: Document) -> None:
        """Brings the mask before back."""
        if self._change is not None:
            self._target.apply(document, self._change.before)


class SetSelection(ChangeSelection):
    """Replaces the selection, or the painted mask, by a mask that was made before."""

    def __init__(
        self, mask: Snapshot, name: str = "Select", target: Target = Target.SELECTION
    ) -> None:
        super().__init__(lambda _, canvas: mask, name, target)


class ClearMask(SetSelection):
    """Leaves nothing masked, or selected."""

    def __init__(self, target: Target = Target.MASK) -> None:
        name = "Clear mask" if target is Target.MASK else "Deselect"
        super().__init__(NOTHING, name, target)


class InvertMask(ChangeSelection):
    """Masks, or selects, what was not and the other way round, within the canvas."""

    def __init__(self, target: Target = Target.MASK) -> None:
        name = "Invert mask" if target is Target.MASK else "Invert selection"
        super().__init__(inverted, name, target)


class SetMask(SetSelection):
    """Replaces the painted mask by a picture.

    Args:
        picture: mode ``L``, 255 = repaint.
        origin: of its top left pixel on the canvas.
        name: as the person reads it.

    Raises:
        ValueError: if the picture has another mode.
    """

    def __init__(self, picture: Picture, origin: Point = ORIGIN, name: str = "Set mask") -> None:
        if picture.mode != "L":
            raise ValueError(f"A mask has one channel, not {picture.mode}.")
        place = Bounds(*origin, *picture.extent)
        super().__init__(mask_from(picture.array(), place), name, Target.MASK)

    @staticmethod
    def from_bounds(bounds: Bounds) -> SetSelection:
        """Masks a rectangle and nothing else."""
        return SetSelection(rectangle(bounds), "Mask rectangle", Target.MASK)


class SetChannel(Command):
    """Keeps a mask by name, in the place of one that has the name; None forgets it."""

    def __init__(self, channel: str, mask: Snapshot | None) -> None:
        self._channel = channel
        self._mask = mask
        self._before: Snapshot | None = None

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Remove channel" if self._mask is None else "Save selection as channel"

    @property
    def cost(self) -> int:
        """Bytes of the mask that it replaces."""
        return self._before.size if self._before else 0

    def do(self, document: Document) -> None:
        """Keeps or forgets the mask."""
        self._before = document.channels.get(self._channel)
        _put(document, self._channel, self._mask)

    def undo(self, document: Document) -> None:
        """Brings back what had that name."""
        _put(document, self._channel, self._before)


def _around(parts: Sequence[Bounds]) -> Bounds:
    """The rectangle that holds all of them; quicker than one union after the other."""
    return Bounds.from_edges(
        min(part.x for part in parts),
        min(part.y for part in parts),
        max(part.right for part in parts),
        max(part.bottom for part in parts),
    )


def _put(document: Document, channel: str, mask: Snapshot | None) -> None:
    if mask is not None:
        document.channels[channel] = mask
    else:
        document.channels.pop(channel, None)
