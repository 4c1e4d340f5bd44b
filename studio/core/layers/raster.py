"""Layers that are made of pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.core.geometry import Bounds, Point
from studio.core.layers.layer import Layer, LayerSnapshot
from studio.core.picture import Picture
from studio.core.tiles import ORIGIN, TiledSurface


class RasterLayer(Layer):
    """A layer to paint on; after writing into ``surface`` call `touch`."""

    def __init__(self, name: str, surface: TiledSurface | None = None, **properties: Any) -> None:
        super().__init__(name, **properties)
        self._surface = surface or TiledSurface()

    @classmethod
    def from_picture(
        cls, name: str, picture: Picture, origin: Point = ORIGIN, **properties: Any
    ) -> RasterLayer:
        """A layer that shows a picture whose top left pixel lies at ``origin``."""
        layer = cls(name, **properties)
        layer.surface.write(picture_bounds(picture, origin), picture.rgba())
        return layer

    @property
    def surface(self) -> TiledSurface:
        """Its pixels, in canvas coordinates."""
        return self._surface

    @property
    def pixels(self) -> TiledSurface:
        """The surface."""
        return self._surface

    @property
    def bounds(self) -> Bounds:
        """The rectangle around its tiles."""
        return self._surface.bounds

    def snapshot(self) -> LayerSnapshot:
        """The layer as it is now."""
        return LayerSnapshot(
            id=self.id,
            name=self.name,
            visible=self.visible,
            opacity=self.opacity,
            locked=self.locked,
            blend_mode=self.blend_mode,
            pixels=self._surface.snapshot(),
        )

    def duplicate(self, name: str) -> RasterLayer:
        """A copy with an id of its own; pixels are shared until one of both is painted on."""
        return RasterLayer(name, self._copied_surface(), **self._look())

    def translate(self, dx: int, dy: int) -> None:
        """Moves its pixels, at no cost."""
        before = self.bounds
        self._surface.translate(dx, dy)
        self.touch(before.union(self.bounds))

    def _copied_surface(self) -> TiledSurface:
        surface = TiledSurface()
        surface.restore(self._surface.snapshot())
        return surface

    def _look(self) -> dict[str, Any]:
        return {
            "visible": self.visible,
            "opacity": self.opacity,
            "locked": self.locked,
            "blend_mode": self.blend_mode,
        }


class GeneratedLayer(RasterLayer):
    """A raster layer that remembers how a model made it.

    Args:
        recipe: the request as JSON, opaque to the core.
        area: the part of the canvas that the request was about; it moves with the layer.
    """

    def __init__(
        self,
        name: str,
        surface: TiledSurface | None = None,
        *,
        recipe: bytes,
        area: Bounds,
        **properties: Any,
    ) -> None:
        super().__init__(name, surface, **properties)
        self._recipe = recipe
        self._area = area

    @property
    def recipe(self) -> bytes:
        """The request as JSON."""
        return self._recipe

    @property
    def area(self) -> Bounds:
        """The part of the canvas that the request was about."""
        return self._area

    def snapshot(self) -> LayerSnapshot:
        """The layer as it is now, with its recipe."""
        return replace(super().snapshot(), recipe=self._recipe, area=self._area)

    def duplicate(self, name: str) -> GeneratedLayer:
        """A copy with an id of its own and the same recipe."""
        return GeneratedLayer(
            name, self._copied_surface(), recipe=self._recipe, area=self._area, **self._look()
        )

    def translate(self, dx: int, dy: int) -> None:
        """Moves its pixels and its area."""
        self._area = self._area.moved(dx, dy)
        super().translate(dx, dy)


def picture_bounds(picture: Picture, origin: Point) -> Bounds:
    """What a picture covers on the canvas when its top left pixel lies at ``origin``."""
    return Bounds(origin.x, origin.y, picture.width, picture.height)
