"""The crop tool: says which part of the plane is the canvas."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from studio.core.commands.crop import crop
from studio.core.events import Signal, relay
from studio.core.geometry import Bounds
from studio.core.snapping import REACH, SnapLines, SnapSettings
from studio.tools.events import Key, Modifiers, PointerEvent
from studio.tools.grips import HIT_TOLERANCE, Grip, cursor_of, dragged, grip_at, handles
from studio.tools.moving import ARROWS, snap_marks, step_of
from studio.tools.overlay import CropBox, Cursor, Overlay, SnapMark
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext


class CropSettings(msgspec.Struct, frozen=True):
    """How the crop tool goes about it.

    Attributes:
        ratio: width over height to be kept; None for any.
        thirds: whether lines divide the area in three.
        delete: whether what lies outside is erased from the layers.
        extend: whether what lies beyond the old canvas is asked to be filled.
    """

    ratio: float | None = None
    thirds: bool = True
    delete: bool = False
    extend: bool = False


class CropTool(DragTool):
    """Drags out a new canvas, or pulls the edges of the present one; Enter crops, Escape gives up.

    Shift keeps the aspect, Alt the middle, Control suspends the snapping. Nothing is lost by it
    unless `CropSettings` say so.

    Events:
        changed(): `area` is another one.
    """

    name: ClassVar[str] = "crop"

    changed = Signal()

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._area: Bounds | None = None
        self._grip = Grip.NONE
        self._inside = False
        self._marks: tuple[SnapMark, ...] = ()
        context.document.canvas_changed.connect(self._on_canvas)
        relay(self.changed, context.redrawn)

    @property
    def area(self) -> Bounds:
        """The canvas as it will be."""
        return self._area or self._context.document.canvas

    @property
    def is_pending(self) -> bool:
        """Whether the area differs from the canvas."""
        return self._area is not None

    @property
    def is_active(self) -> bool:
        """Whether a drag is under way, or an area waits to be applied."""
        return super().is_active or self.is_pending

    @property
    def cursor(self) -> Cursor:
        """Says what a press would do."""
        if self._grip:
            return cursor_of(self._grip)
        return Cursor.MOVE if self._inside and self.is_pending else Cursor.CROSS

    def hover(self, event: PointerEvent) -> None:
        """Looks which edge or corner the pointer is on."""
        if not super().is_active:
            area = self.area
            self._grip = grip_at(area, event.x, event.y, HIT_TOLERANCE / event.zoom)
            inside_x = area.x <= event.x < area.right
            self._inside = inside_x and area.y <= event.y < area.bottom

    def drag(self, event: PointerEvent) -> Drag:
        """Pulls an edge, moves the area, or drags out another one."""
        before, area = self._area, self.area
        lines = SnapLines.of(self._context.document, self._context.settings[SnapSettings])
        moves = self._inside and self.is_pending and not self._grip
        try:
            while (here := (yield)) is not None:
                if moves:
                    dx, dy = round(here.x - event.x), round(here.y - event.y)
                    self.set_area(area.moved(dx, dy))
                else:
                    self.set_area(self._wanted(area, event, here, lines))
        except DragCancelled:
            self.set_area(before or self._context.document.canvas)
        finally:
            self._marks = ()

    def cancel(self) -> None:
        """Gives up the area."""
        super().cancel()
        self._forget()

    def wants(self, key: Key) -> bool:
        """Enter and the arrows, while an area waits."""
        return self.is_pending and (key is Key.ENTER or key in ARROWS)

    def take_key(self, key: Key, modifiers: Modifiers) -> None:
        """Enter crops; arrows move the area by a pixel, with Shift by ten."""
        if key is Key.ENTER:
            self.apply()
        else:
            self.set_area(self.area.moved(*step_of(key, modifiers)))

    def overlay(self) -> Overlay:
        """The area with its handles, and what lies outside shaded."""
        settings = self._context.settings[CropSettings]
        thirds = settings.thirds and self.is_pending
        box = CropBox(self.area, self._context.document.canvas, thirds)
        return (box, *self._marks, *handles(self.area, self._grip))

    def set_area(self, area: Bounds) -> None:
        """Shows another canvas to be; an empty one is not taken."""
        if area.is_empty or area == self.area:
            return
        self._area = area if area != self._context.document.canvas else None
        self.changed.emit()

    def keep_ratio(self, ratio: float | None) -> None:
        """Gives the area an aspect, about its middle and no larger than it is; None frees it."""
        self._context.settings.change(CropSettings, ratio=ratio)
        if ratio is not None:
            self.set_area(_largest_within(self.area, ratio))

    def apply(self) -> None:
        """Crops; or asks for a larger canvas to be filled, where that is set."""
        if self._area is None:
            return
        area, settings = self._area, self._context.settings[CropSettings]
        document = self._context.document
        self._forget()
        if settings.extend and area.contains(document.canvas):
            self._context.extended.emit(area)
            return
        self._context.stack.push(crop(document, area, delete=settings.delete))
        self._context.stack.seal()

    def _wanted(
        self, area: Bounds, start: PointerEvent, here: PointerEvent, lines: SnapLines
    ) -> Bounds:
        x, y = self._snapped(here, lines)
        if not self._grip:
            return self._fresh(start, here, (x, y))
        pulled = dragged(area, self._grip, x - start.x, y - start.y)
        if Modifiers.ALT in here.modifiers:
            pulled = _both_ways(area, pulled)
        pulled, ratio = upright(pulled), self._ratio(area.extent.aspect, here)
        return pulled if ratio is None else at_ratio(pulled, area, self._grip, ratio)

    def _fresh(
        self, start: PointerEvent, here: PointerEvent, corner: tuple[float, float]
    ) -> Bounds:
        """A new area from where the button was pressed."""
        first = Bounds(round(start.x), round(start.y), 0, 0)
        area = upright(Bounds.from_edges(first.x, first.y, round(corner[0]), round(corner[1])))
        ratio = self._ratio(1.0, here)
        grip = Grip.RIGHT if corner[0] >= first.x else Grip.LEFT
        grip |= Grip.BOTTOM if corner[1] >= first.y else Grip.TOP
        return area if ratio is None else at_ratio(area, first, grip, ratio)

    def _snapped(self, here: PointerEvent, lines: SnapLines) -> tuple[float, float]:
        self._marks = ()
        if Modifiers.CONTROL in here.modifiers:
            return here.x, here.y
        snapped = lines.snap_spot(here.x, here.y, REACH / here.zoom)
        self._marks = snap_marks(snapped, self._context.document.canvas)
        return here.x + snapped.dx, here.y + snapped.dy

    def _ratio(self, present: float, here: PointerEvent) -> float | None:
        ratio = self._context.settings[CropSettings].ratio
        return present if ratio is None and Modifiers.SHIFT in here.modifiers else ratio

    def _on_canvas(self, _: Bounds) -> None:
        self._area = None
        self.changed.emit()

    def _forget(self) -> None:
        if self._area is not None:
            self._area = None
            self.changed.emit()


def upright(bounds: Bounds) -> Bounds:
    """The same rectangle with sides above 0, at least one pixel each.

    >>> upright(Bounds(10, 10, -4, 0))
    Bounds(x=6, y=10, width=4, height=1)
    """
    x, y = min(bounds.x, bounds.right), min(bounds.y, bounds.bottom)
    return Bounds(x, y, max(1, abs(bounds.width)), max(1, abs(bounds.height)))


def at_ratio(pulled: Bounds, before: Bounds, grip: Grip, ratio: float) -> Bounds:
    """A rectangle of a certain aspect that follows a grip; the side opposite to it stays.

    Args:
        pulled: as the grip was dragged.
        before: where it was, whose opposite edges stay.
        grip: that was dragged; an edge's other axis grows about its middle.
        ratio: width over height.
    """
    by_width = bool(grip & (Grip.LEFT | Grip.RIGHT))
    if by_width and grip & (Grip.TOP | Grip.BOTTOM):
        by_width = pulled.width >= pulled.height * ratio
    width = pulled.width if by_width else max(1, round(pulled.height * ratio))
    height = max(1, round(pulled.width / ratio)) if by_width else pulled.height
    x = before.x + (before.width - width) // 2
    y = before.y + (before.height - height) // 2
    if Grip.LEFT in grip:
        x = before.right - width
    elif Grip.RIGHT in grip:
        x = before.x
    if Grip.TOP in grip:
        y = before.bottom - height
    elif Grip.BOTTOM in grip:
        y = before.y
    return Bounds(x, y, width, height)


def _both_ways(before: Bounds, pulled: Bounds) -> Bounds:
    """What was pulled on one side, pulled as far on the other."""
    left, top = pulled.x - before.x, pulled.y - before.y
    right, bottom = pulled.right - before.right, pulled.bottom - before.bottom
    return Bounds.from_edges(
        pulled.x - right, pulled.y - bottom, pulled.right - left, pulled.bottom - top
    )


def _largest_within(area: Bounds, ratio: float) -> Bounds:
    width = min(area.width, max(1, round(area.height * ratio)))
    height = min(area.height, max(1, round(width / ratio)))
    x = area.x + (area.width - width) // 2
    return Bounds(x, area.y + (area.height - height) // 2, width, height)
