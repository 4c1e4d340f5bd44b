"""What all selection tools have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Generator
from typing import ClassVar

from studio.core.commands.selection import ChangeSelection, Target
from studio.core.geometry import Bounds, Point
from studio.core.selection import NOTHING, Operation, clipped, combined, feathered, moved
from studio.core.tiles import MaskSurface, Snapshot
from studio.tools.events import Key, Modifiers, PointerEvent
from studio.tools.overlay import Cursor, MovedSelection, Overlay
from studio.tools.selecting.settings import SelectSettings
from studio.tools.tool import Drag, DragTool, ToolContext

CLICK = 3.0
"""A press that is let go within so many screen pixels is a click."""
SMALL_AREA = 1024 * 1024
"""Pixels that may be selected at once, within the time of a frame."""

_VERBS = {Target.SELECTION: "Select", Target.MASK: "Mask"}
_ARROWS = {Key.LEFT: (-1, 0), Key.RIGHT: (1, 0), Key.UP: (0, -1), Key.DOWN: (0, 1)}


class SelectingTool(DragTool):
    """A tool that makes a selection, or a painted mask, with each drag or click.

    Shift at the press adds to what is selected, Alt takes from it, both keep what both have in
    common. A drag that begins within the selection moves it, and so do the arrow keys: by one
    pixel, with Shift by ten.
    """

    noun: ClassVar[str]
    """What it selects, as the history calls it."""

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._offset: tuple[int, int] | None = None
        self._is_inside = False

    @abstractmethod
    def draw(self, event: PointerEvent, operation: Operation) -> Drag:
        """The drag that selects; it begins where nothing is to be moved."""

    @abstractmethod
    def click(self, event: PointerEvent, operation: Operation) -> None:
        """A press that was let go where it was."""

    @property
    def cursor(self) -> Cursor:
        """Arrows where a drag would move what is selected, else a cross."""
        return Cursor.MOVE if self._is_inside or self._offset else Cursor.CROSS

    @property
    def settings(self) -> SelectSettings:
        """As the person chose them."""
        return self._context.settings[SelectSettings]

    def hover(self, event: PointerEvent) -> None:
        """Looks whether a press would take hold of the selection."""
        if not self.is_active:
            self._is_inside = self._takes_hold(event)

    def drag(self, event: PointerEvent) -> Drag:
        """Moves what is selected, or selects."""
        operation = self._operation(event)
        if not self._takes_hold(event):
            yield from self.draw(event, operation)
        elif not (yield from self._moved(event)):
            self.click(event, operation)

    def overlay(self) -> Overlay:
        """Where the selection is while it is moved."""
        return (MovedSelection(*self._offset),) if self._offset else ()

    def wants(self, key: Key) -> bool:
        """The arrows move what is selected."""
        return key in _ARROWS and not self._surface.is_empty and not self.is_active

    def take_key(self, key: Key, modifiers: Modifiers) -> None:
        """Moves what is selected."""
        dx, dy = _ARROWS[key]
        far = 10 if Modifiers.SHIFT in modifiers else 1
        self._move_by(dx * far, dy * far)

    def select(
        self, make: Callable[[], Snapshot], operation: Operation, area: Bounds | None = None
    ) -> None:
        """Puts a new mask together with what is selected, as one step.

        Args:
            make: the new mask; called in another thread where there is much to do.
            operation: what it does to the old one.
            area: around the new mask, where that is known beforehand.
        """
        canvas, feather = self._context.document.canvas, self.settings.feather
        target, name = self.settings.target, self._name(operation)

        def work() -> Snapshot:
            mask = make()
            return feathered(mask, feather, canvas) if feather else mask

        def done(mask: Snapshot) -> None:
            self._push(lambda base, _: combined(base, mask, operation), name, target)

        self._run(work, done, None if feather else area)

    def deselect(self, operation: Operation) -> None:
        """Selects nothing, where a click means that."""
        if operation is Operation.REPLACE and not self._surface.is_empty:
            self._push(lambda *_: NOTHING, "Deselect", self.settings.target)

    @property
    def _surface(self) -> MaskSurface:
        return self.settings.target.surface(self._context.document)

    def _operation(self, event: PointerEvent) -> Operation:
        adds = Modifiers.SHIFT in event.modifiers
        takes = Modifiers.ALT in event.modifiers
        if adds and takes:
            return Operation.INTERSECT
        if adds or takes:
            return Operation.ADD if adds else Operation.SUBTRACT
        return self.settings.operation

    def _takes_hold(self, event: PointerEvent) -> bool:
        if self._operation(event) is not Operation.REPLACE:
            return False
        return bool(self._surface.read(Bounds(*pixel_at(event), 1, 1))[0, 0] >= 128)

    def _moved(self, start: PointerEvent) -> Generator[None, PointerEvent | None, bool]:
        """Moves the selection with the pointer; whether it went anywhere."""
        try:
            while (here := (yield)) is not None:
                if self._offset is not None or is_away(start, here):
                    self._offset = (round(here.x - start.x), round(here.y - start.y))
            offset = self._offset
        finally:
            self._offset = None
        if offset is not None:
            self._move_by(*offset)
        return offset is not None

    def _move_by(self, dx: int, dy: int) -> None:
        if (dx, dy) == (0, 0):
            return
        before, canvas = self._surface.snapshot(), self._context.document.canvas
        target = self.settings.target

        def done(mask: Snapshot) -> None:
            self._push(lambda *_: mask, f"Move {target}", target)

        self._run(lambda: clipped(moved(before, dx, dy), canvas), done, before.bounds)

    def _run(
        self, work: Callable[[], Snapshot], done: Callable[[Snapshot], None], area: Bounds | None
    ) -> None:
        """Works at once where the area is small, else where nobody waits for it."""
        seen = None if area is None else area.intersection(self._context.document.canvas)
        if seen is not None and seen.area <= SMALL_AREA:
            done(work())
        else:
            self._context.run(work, done)

    def _push(
        self, change: Callable[[Snapshot, Bounds], Snapshot], name: str, target: Target
    ) -> None:
        self._context.stack.push(ChangeSelection(change, name, target))
        self._context.stack.seal()

    def _name(self, operation: Operation) -> str:
        if operation is Operation.REPLACE:
            return f"{_VERBS[self.settings.target]} {self.noun}"
        return f"{operation.capitalize()} {self.noun}"


def pixel_at(event: PointerEvent) -> Point:
    """The pixel under the pointer."""
    return Point(math.floor(event.x), math.floor(event.y))


def is_away(start: PointerEvent, here: PointerEvent) -> bool:
    """Whether the pointer has gone farther than a click allows."""
    return math.hypot(here.x - start.x, here.y - start.y) * here.zoom > CLICK
