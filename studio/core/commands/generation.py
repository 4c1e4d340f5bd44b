"""What a model made, taken into the document."""

from __future__ import annotations

from studio.core.commands.layer import AddLayer
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer, picture_bounds
from studio.core.picture import Picture


class AddGenerated(AddLayer):
    """Lays a generated patch above the active layer as a layer that remembers its recipe.

    Args:
        picture: the patch; where its alpha is 0 nothing changes.
        origin: of its top left pixel on the canvas.
        recipe: the request as JSON.
        name: of the layer, usually the prompt.
        area: the part of the canvas that the request was about; the patch where left out.
    """

    def __init__(
        self, picture: Picture, origin: Point, recipe: bytes, name: str, area: Bounds | None = None
    ) -> None:
        place = picture_bounds(picture, origin)
        layer = GeneratedLayer(name, recipe=recipe, area=area or place)
        layer.surface.write(place, picture.rgba())
        super().__init__(layer, name="Keep generated picture")
        self._generated = layer

    @property
    def layer(self) -> GeneratedLayer:
        """The layer that it adds."""
        return self._generated
