"""Selecting by a click on a colour."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from studio.core.compositor import compose
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Point
from studio.core.selection import (
    Operation,
    ReadPixels,
    alike,
    antialiased,
    colour_range,
    flooded,
)
from studio.core.tiles import Snapshot
from studio.tools.events import PointerEvent
from studio.tools.selecting.selecting import SelectingTool, pixel_at
from studio.tools.selecting.settings import SelectSettings
from studio.tools.tool import Drag


class SimilarTool(SelectingTool):
    """A tool that selects what is like the colour that is clicked."""

    @abstractmethod
    def find(
        self, read: ReadPixels, at: Point, canvas: Bounds, settings: SelectSettings
    ) -> Snapshot:
        """What is like the colour there; called in any thread."""

    def draw(self, event: PointerEvent, operation: Operation) -> Drag:
        """Selects when the button is let go."""
        self._reader()
        while (yield) is not None:
            pass
        self.click(event, operation)

    def click(self, event: PointerEvent, operation: Operation) -> None:
        """Selects what is like the colour under the pointer."""
        canvas, at = self._context.document.canvas, pixel_at(event)
        if not canvas.contains_point(at):
            self.deselect(operation)
            return
        read, settings = self._reader(), self.settings
        self.select(lambda: self.find(read, at, canvas, settings), operation)

    def _reader(self) -> ReadPixels:
        """Reads the picture, or the active layer, as it is now.

        Raises:
            KnownError: if there is no active layer to be read.
        """
        document = self._context.document
        if self.settings.all_layers:
            whole = document.snapshot()
            return lambda part: compose(whole, part)
        if document.active is None:
            raise KnownError("There is no layer to select from: choose one, or all layers.")
        return document.active.snapshot().pixels.read_stored


class MagicWandTool(SimilarTool):
    """Selects the region of similar colour around a click, or all such regions."""

    name: ClassVar[str] = "wand"
    noun: ClassVar[str] = "similar"

    def find(
        self, read: ReadPixels, at: Point, canvas: Bounds, settings: SelectSettings
    ) -> Snapshot:
        """The region, or all of them."""
        search = flooded if settings.contiguous else alike
        mask = search(read, at, canvas, settings.tolerance)
        return antialiased(mask, canvas) if settings.antialias else mask


class ColourRangeTool(SimilarTool):
    """Selects every pixel that is like the one that is clicked, the more the liker it is."""

    name: ClassVar[str] = "colour-range"
    noun: ClassVar[str] = "colour range"

    def find(
        self, read: ReadPixels, at: Point, canvas: Bounds, settings: SelectSettings
    ) -> Snapshot:
        """All over the canvas."""
        return colour_range(read, at, canvas, settings.fuzziness)
