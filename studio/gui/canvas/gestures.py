"""What a held button does: paint with a tool, or size the brush; `looking` moves the view.

A gesture begins with a press and ends with `release` or `cancel`; in between the pointer belongs
to it, wherever it goes.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt

from studio.core.brush import MAX_SIZE, MIN_SIZE
from studio.gui.canvas.cursors import shape_of
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace
from studio.tools import Circle, Overlay, PointerEvent, Tool

SIZE_DISTANCE = 120.0
"""View units to the right that double the brush's size."""
HARDNESS_DISTANCE = 200.0
"""View units to the right that take the hardness from 0 to 1."""


class Gesture(ABC):
    """What the held button does."""

    @property
    @abstractmethod
    def cursor(self) -> Qt.CursorShape:
        """How the pointer looks meanwhile."""

    @abstractmethod
    def move(self, at: QPointF, event: PointerEvent) -> None:
        """The pointer is at that place of the view, the same in canvas coordinates."""

    @abstractmethod
    def release(self, at: QPointF, event: PointerEvent) -> None:
        """The button was let go there."""

    @abstractmethod
    def cancel(self) -> None:
        """The gesture is given up: leave things as they were, as far as they were changed."""

    def overlay(self) -> Overlay:
        """What to draw over the canvas meanwhile."""
        return ()


class SizeBrush(Gesture):
    """Makes the brush larger to the right and smaller to the left; or harder and softer.

    The brush is shown where the gesture began, so that it can be fitted to what lies there.
    """

    def __init__(
        self, workspace: Workspace, start: QPointF, event: PointerEvent, *, hardness: bool
    ) -> None:
        self._workspace = workspace
        self._start = start
        self._event = event
        self._hardness = hardness
        self._before = workspace.brush

    @property
    def cursor(self) -> Qt.CursorShape:
        """None: the brush itself is shown."""
        return Qt.CursorShape.BlankCursor

    def move(self, at: QPointF, event: PointerEvent) -> None:
        """Changes the brush by the way gone to the right."""
        way = at.x() - self._start.x()
        if self._hardness:
            hardness = self._before.hardness + way / HARDNESS_DISTANCE
            self._workspace.set_brush(hardness=min(1.0, max(0.0, hardness)))
        else:
            size = self._before.size * math.pow(2.0, way / SIZE_DISTANCE)
            self._workspace.set_brush(size=min(MAX_SIZE, max(MIN_SIZE, size)))

    def release(self, at: QPointF, event: PointerEvent) -> None:
        """Keeps the brush as it is now."""
        self.move(at, event)

    def cancel(self) -> None:
        """Brings the brush back."""
        self._workspace.set_brush(size=self._before.size, hardness=self._before.hardness)

    def overlay(self) -> Overlay:
        """The brush where the gesture began."""
        brush = self._workspace.brush
        x, y, radius = self._event.x, self._event.y, brush.size / 2
        return (Circle(x, y, radius, brush.hardness, brush.roundness, brush.angle),)


class UseTool(Gesture):
    """Hands the pointer to a tool.

    Args:
        tool: takes the press at once.
        viewport: how the canvas is looked at.
        offset: added to each position, in canvas pixels: where the tool believes the pointer to be.

    Raises:
        KnownError: if the tool cannot be used there.
    """

    def __init__(
        self,
        tool: Tool,
        event: PointerEvent,
        viewport: Viewport,
        offset: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self._tool = tool
        self._viewport = viewport
        self._offset = offset
        tool.press(self._shifted(event))

    @property
    def cursor(self) -> Qt.CursorShape:
        """The tool's own."""
        return shape_of(self._tool.cursor, self._viewport)

    def move(self, at: QPointF, event: PointerEvent) -> None:
        """Tells the tool."""
        self._tool.move(self._shifted(event))

    def release(self, at: QPointF, event: PointerEvent) -> None:
        """Tells the tool."""
        self._tool.release(self._shifted(event))

    def cancel(self) -> None:
        """Tells the tool."""
        self._tool.cancel()

    def overlay(self) -> Overlay:
        """The tool's own."""
        return self._tool.overlay()

    def _shifted(self, event: PointerEvent) -> PointerEvent:
        dx, dy = self._offset
        return replace(event, x=event.x + dx, y=event.y + dy)
