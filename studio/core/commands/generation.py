"""What a model made, taken into the document."""

from __future__ import annotations

from studio.core.commands.layer import AddLayer
from studio.core.commands.shelf import ShelvingCommand
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer, picture_bounds
from studio.core.picture import Picture
from studio.core.tiles import Snapshot


class AddGenerated(AddLayer):
    """Lays a generated patch above the active layer as a layer that remembers its recipe.

    Args:
        picture: the patch; where its alpha is 0 nothing changes.
        origin: of its top left pixel on the canvas.
        recipe: the request as JSON.
        name: of the layer, usually the prompt.
        area: the part of the canvas that the request was about; the patch where left out.
        mask: the mask that it was asked with, 255 = repaint; None where there was none.
        index: of the layer among the document's own; above the active one where left out.
    """

    def __init__(
        self,
        picture: Picture,
        origin: Point,
        recipe: bytes,
        name: str,
        area: Bounds | None = None,
        mask: Snapshot | None = None,
        index: int | None = None,
    ) -> None:
        place = picture_bounds(picture, origin)
        layer = GeneratedLayer(name, recipe=recipe, area=area or place, request_mask=mask)
        layer.surface.write(place, picture.rgba())
        super().__init__(layer, index, name="Keep generated picture")
        self._generated = layer

    @property
    def layer(self) -> GeneratedLayer:
        """The layer that it adds."""
        return self._generated


class RemakeGenerated(ShelvingCommand):
    """Puts a layer that was made anew in the place of the one before.

    Args:
        before: in the document.
        layer: in no stack yet; it takes over how the one before is mixed, masked and locked.
    """

    def __init__(self, before: GeneratedLayer, layer: GeneratedLayer) -> None:
        super().__init__(layer)
        self._before = before
        self._layer = layer
        self._is_dressed = False

    @property
    def name(self) -> str:
        """What the person reads."""
        return "Make layer anew"

    def do(self, document: Document) -> None:
        """Exchanges the layers."""
        self._shelf.take()
        if not self._is_dressed:
            self._layer = _dressed(self._layer, self._before)
            self._is_dressed = True
        self._exchange(document, self._before, self._layer)
        self._shelf.put(self._before)

    def undo(self, document: Document) -> None:
        """Exchanges them again."""
        self._shelf.take()
        self._exchange(document, self._layer, self._before)
        self._shelf.put(self._layer)

    @staticmethod
    def _exchange(document: Document, old: GeneratedLayer, new: GeneratedLayer) -> None:
        stack = document.stack_of(old)
        stack.insert(stack.remove(old), new)
        document.active = new


def _dressed(layer: GeneratedLayer, like: GeneratedLayer) -> GeneratedLayer:
    """The layer, mixed, masked and locked like another one."""
    return GeneratedLayer(
        layer.name,
        layer.surface,
        recipe=layer.recipe,
        area=layer.area,
        request_mask=layer.request_mask,
        **like.look(),
    )
