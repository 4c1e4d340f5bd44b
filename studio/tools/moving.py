"""The move tool: drags the active layer about."""

from __future__ import annotations

from typing import ClassVar

from studio.core.commands.layer import TranslateLayer
from studio.core.errors import KnownError
from studio.core.layers import Layer
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Cursor
from studio.tools.tool import Drag, DragCancelled, DragTool


class MoveTool(DragTool):
    """Moves the active layer by whole pixels; Shift keeps to one axis."""

    name: ClassVar[str] = "move"

    @property
    def cursor(self) -> Cursor:
        """A cross of arrows."""
        return Cursor.MOVE

    def drag(self, event: PointerEvent) -> Drag:
        """Moves the layer as the pointer goes, and pushes one command at the end."""
        layer = self._movable()
        start, dx, dy = event, 0, 0
        try:
            while (here := (yield)) is not None:
                wanted_x, wanted_y = _way(start, here)
                if (wanted_x, wanted_y) != (dx, dy):
                    layer.translate(wanted_x - dx, wanted_y - dy)
                    dx, dy = wanted_x, wanted_y
        except DragCancelled:
            layer.translate(-dx, -dy)
            return
        layer.translate(-dx, -dy)
        if dx or dy:
            self._context.stack.push(TranslateLayer(layer, dx, dy))
            self._context.stack.seal()

    def nudge(self, dx: int, dy: int) -> None:
        """Moves the layer by so many pixels, for the arrow keys; following ones merge."""
        self._context.stack.push(TranslateLayer(self._movable(), dx, dy))

    def _movable(self) -> Layer:
        layer = self._context.document.active
        if layer is None:
            raise KnownError("There is no layer to move: add one first.")
        if layer.locked:
            raise KnownError(f"The layer {layer.name!r} is locked: unlock it to move it.")
        return layer


def _way(start: PointerEvent, here: PointerEvent) -> tuple[int, int]:
    dx, dy = round(here.x - start.x), round(here.y - start.y)
    if Modifiers.SHIFT in here.modifiers:
        return (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
    return dx, dy
