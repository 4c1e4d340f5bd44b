"""Layers that are made of pixels."""

from __future__ import annotations

from typing import Any

from studio.core.geometry import Bounds, Point
from studio.core.layers.layer import Layer, LayerSnapshot
from studio.core.picture import Picture
from studio.core.tiles import ORIGIN, Snapshot, TiledSurface


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
        return self._snapshot_of(self._surface.snapshot())

    def duplicate(self, name: str) -> RasterLayer:
        """A copy with an id of its own; pixels are shared until one of both is painted on."""
        return RasterLayer(name, self._copied_surface(), **self.look())

    def _move(self, dx: int, dy: int) -> None:
        self._surface.translate(dx, dy)

    def _copied_surface(self) -> TiledSurface:
        return TiledSurface.of(self._surface.snapshot())


class GeneratedLayer(RasterLayer):
    """A raster layer that remembers how a model made it.

    Args:
        recipe: the request as JSON, opaque to the core.
        area: the part of the canvas that the request was about; it moves with the layer.
        request_mask: the painted mask that it was asked with, 255 = repaint; None where there was
            none. It moves with the layer.
    """

    def __init__(
        self,
        name: str,
        surface: TiledSurface | None = None,
        *,
        recipe: bytes,
        area: Bounds,
        request_mask: Snapshot | None = None,
        **properties: Any,
    ) -> None:
        super().__init__(name, surface, **properties)
        self._recipe = recipe
        self._area = area
        self._request_mask = request_mask

    @property
    def recipe(self) -> bytes:
        """The request as JSON."""
        return self._recipe

    @property
    def area(self) -> Bounds:
        """The part of the canvas that the request was about."""
        return self._area

    @property
    def request_mask(self) -> Snapshot | None:
        """The painted mask that it was asked with."""
        return self._request_mask

    def place_request(self, area: Bounds, request_mask: Snapshot | None) -> None:
        """Says where what it was asked for lies now: its pixels were scaled or turned."""
        self._area = area
        self._request_mask = request_mask

    def snapshot(self) -> LayerSnapshot:
        """The layer as it is now, with its recipe."""
        return self._snapshot_of(self._surface.snapshot(), **self._origins())

    def duplicate(self, name: str) -> GeneratedLayer:
        """A copy with an id of its own and the same recipe."""
        return GeneratedLayer(name, self._copied_surface(), **self._origins(), **self.look())

    def _move(self, dx: int, dy: int) -> None:
        super()._move(dx, dy)
        self._area = self._area.moved(dx, dy)
        if self._request_mask is not None:
            self._request_mask = self._request_mask.moved(dx, dy)

    def _origins(self) -> dict[str, Any]:
        return {
            "recipe": self._recipe,
            "area": self._area,
            "request_mask": self._request_mask,
        }


def picture_bounds(picture: Picture, origin: Point) -> Bounds:
    """What a picture covers on the canvas when its top left pixel lies at ``origin``."""
    return Bounds(origin.x, origin.y, picture.width, picture.height)
