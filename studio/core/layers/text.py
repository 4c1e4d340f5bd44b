"""A layer that shows a text."""

from __future__ import annotations

from typing import Any

from studio.core.geometry import Point
from studio.core.layers.layer import LayerSnapshot
from studio.core.layers.raster import RasterLayer
from studio.core.raster_text import rendered_text
from studio.core.text import TextContent
from studio.core.tiles import ORIGIN, TiledSurface


class TextLayer(RasterLayer):
    """A text that stays editable; its pixels are drawn anew whenever it is set.

    Args:
        content: what it says, and how.
        origin: of the text's top left corner on the canvas.
        surface: how it looks, where that is known; drawn where it is left out.

    Raises:
        BugError: if it has to be drawn while no QGuiApplication runs.
    """

    def __init__(
        self,
        name: str,
        content: TextContent,
        origin: Point = ORIGIN,
        surface: TiledSurface | None = None,
        **properties: Any,
    ) -> None:
        super().__init__(name, surface, **properties)
        self._content = content
        self._origin = origin
        if surface is None:
            self._render(content, origin)

    @property
    def text(self) -> TextContent:
        """What it says, and how."""
        return self._content

    @property
    def origin(self) -> Point:
        """The text's top left corner on the canvas."""
        return self._origin

    def set_content(self, content: TextContent, origin: Point | None = None) -> None:
        """Shows another text, or the same one in another way, or elsewhere; its mask stays.

        Raises:
            KnownError: if it is too large to be drawn; then nothing is changed.
            BugError: if no QGuiApplication runs.
        """
        origin = self._origin if origin is None else origin
        if (content, origin) == (self._content, self._origin):
            return
        before = self.bounds
        self._render(content, origin)
        self._content, self._origin = content, origin
        self.property_changed.emit(self, "content")
        self.touch(before.union(self.bounds))

    def rasterise(self) -> RasterLayer:
        """A plain layer that looks the same, with an id of its own."""
        return RasterLayer(self.name, self._copied_surface(), **self.look())

    def snapshot(self) -> LayerSnapshot:
        """The layer as it is now, with its text."""
        return self._snapshot_of(self.surface.snapshot(), text=self._content, origin=self._origin)

    def duplicate(self, name: str) -> TextLayer:
        """A copy with an id of its own and the same text."""
        return TextLayer(name, self._content, self._origin, self._copied_surface(), **self.look())

    def _move(self, dx: int, dy: int) -> None:
        super()._move(dx, dy)
        self._origin = Point(self._origin.x + dx, self._origin.y + dy)

    def _render(self, content: TextContent, origin: Point) -> None:
        place, pixels = rendered_text(content)
        self.surface.clear_all()
        self.surface.write_stored(place.moved(*origin), pixels)
