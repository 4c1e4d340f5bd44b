"""The gradient tool."""

from __future__ import annotations

import math
from typing import ClassVar

import msgspec

from studio.core.colour import WHITE, Colour
from studio.core.gradient import Gradient, GradientKind
from studio.core.stroke import Stencil
from studio.tools.events import Modifiers, PointerEvent
from studio.tools.overlay import Cursor, Handle, Line, Overlay
from studio.tools.straight import constrained
from studio.tools.tool import Drag, DragCancelled, DragTool, ToolContext
from studio.tools.washing import wash, washable

_SHORTEST = 1.0
"""Pixels of a drag below which nothing happens."""


class GradientSettings(msgspec.Struct, frozen=True):
    """What the gradient tool lays down, beginning with the brush's colour.

    Attributes:
        kind: how it spreads.
        to_transparent: it ends in nothing instead of in a colour.
        end: the colour that it ends in.
        reverse: begins with the end.
        opacity: 0 to 1.
    """

    kind: GradientKind = GradientKind.LINEAR
    to_transparent: bool = False
    end: Colour = WHITE
    reverse: bool = False
    opacity: float = 1.0


class GradientTool(DragTool):
    """Lays a gradient along the drag, shown meanwhile; Ctrl keeps to steps of 15 degrees."""

    name: ClassVar[str] = "gradient"

    def __init__(self, context: ToolContext) -> None:
        super().__init__(context)
        self._ends: tuple[tuple[float, float], tuple[float, float]] | None = None

    @property
    def cursor(self) -> Cursor:
        """A cross."""
        return Cursor.CROSS

    def drag(self, event: PointerEvent) -> Drag:
        """Shows the gradient as the pointer goes, and lays it when the button is let go."""
        target, stencil = washable(self._context), Stencil.of(self._context.document)
        below, gradient = target.surface.snapshot(), None
        start = (event.x, event.y)
        try:
            while (here := (yield)) is not None:
                end = _aimed(start, here)
                self._ends = (start, end)
                gradient = self._gradient(start, end)
                target.show(target.washed(below, gradient, stencil))
        except DragCancelled:
            target.hide()
            return
        finally:
            self._ends = None
        if gradient is None or math.dist(gradient.start, gradient.end) < _SHORTEST:
            target.hide()
            return
        ink = gradient
        wash(self._context, target, lambda: ink, "Gradient")

    def overlay(self) -> Overlay:
        """The line from its start to its end."""
        if self._ends is None:
            return ()
        start, end = self._ends
        return (Line(*start, *end), Handle(*start), Handle(*end, active=True))

    def _gradient(self, start: tuple[float, float], end: tuple[float, float]) -> Gradient:
        settings, first = self._context.settings[GradientSettings], self._context.brush.colour
        last = first if settings.to_transparent else settings.end
        opacities = (settings.opacity, 0.0 if settings.to_transparent else settings.opacity)
        if settings.reverse:
            first, last, opacities = last, first, opacities[::-1]
        return Gradient(settings.kind, start, end, first, last, opacities)


def _aimed(start: tuple[float, float], event: PointerEvent) -> tuple[float, float]:
    if Modifiers.CONTROL in event.modifiers:
        return constrained(*start, event.x, event.y)
    return event.x, event.y
