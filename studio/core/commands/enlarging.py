"""The whole picture, or a layer of it, made larger with detail that somebody else has found.

What is enlarged is looked at when it is taken; the enlarged pixels come later, and become one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from studio.core.commands.generation import AddGenerated
from studio.core.commands.group import CommandGroup
from studio.core.commands.image import ImageChange, ImageSubject, change_image
from studio.core.commands.layer import SetLayerProperty
from studio.core.commands.stack import Command
from studio.core.commands.transform import transform
from studio.core.document import Document, DocumentSnapshot
from studio.core.errors import KnownError
from studio.core.geometry import Bounds, Extent
from studio.core.layers import Layer, RasterLayer, TextLayer
from studio.core.picture import Picture
from studio.core.projection import Projection
from studio.core.subject import Outcome, Subject
from studio.core.tiles import TiledSurface
from studio.core.tiles.formats import is_opaque

Step = Callable[[Document], Command]
"""Makes the step, of a document that is still as it was; quick."""


class Enlargement(Protocol):
    """Something about to be made larger."""

    def picture(self) -> Picture:
        """What is to be enlarged; works in any thread, and may take a while."""

    def finish(self, enlarged: Picture, recipe: bytes) -> Step:
        """What makes it final; works in any thread, and may take a while.

        Args:
            enlarged: as many times larger as was said when it was taken.
            recipe: how that was made, as JSON.
        """


class ImageEnlargement(msgspec.Struct, frozen=True):
    """The whole picture: all layers are scaled, and what they looked like lies on top, enlarged.

    Where that is transparent the layers are hidden, which would show through it once more.
    """

    snapshot: DocumentSnapshot
    subject: ImageSubject
    change: ImageChange

    @classmethod
    def take(cls, document: Document, scale: int) -> ImageEnlargement:
        """The picture as it is now."""
        canvas = document.canvas
        extent = Extent(canvas.width * scale, canvas.height * scale)
        change = ImageChange.scaled(canvas, extent)
        return cls(document.snapshot(), ImageSubject.take(document), change)

    def picture(self) -> Picture:
        """What is seen of all layers."""
        return self.snapshot.flatten()

    def finish(self, enlarged: Picture, recipe: bytes) -> Step:
        """As for all enlargements."""
        outcome, change = self.subject.projected(self.change.projection), self.change
        hides = is_opaque(enlarged.rgba())

        def step(document: Document) -> Command:
            scaled = change_image(document, self.subject, change, outcome)
            top = len(document.layers)
            add = AddGenerated(enlarged, change.canvas.origin, recipe, "Enlarged", index=top)
            below = [] if hides else [layer for layer in document.layers if layer.visible]
            hidden = (SetLayerProperty(layer, "visible", False) for layer in below)
            return CommandGroup("Enlarge image", (scaled, *hidden, add))

        return step


class LayerEnlargement(msgspec.Struct, frozen=True):
    """One layer, which grows around its middle; the canvas stays."""

    subject: Subject
    projection: Projection
    area: Bounds

    @classmethod
    def take(cls, document: Document, scale: int) -> LayerEnlargement:
        """The active layer as it is now.

        Raises:
            KnownError: if it has no pixels, is empty or locked.
        """
        layer = document.active
        if not has_pixels(layer):
            raise KnownError("This layer has no pixels of its own: choose one that has.")
        assert layer is not None
        if layer.locks.pixels or layer.locks.position:
            raise KnownError(f"The layer {layer.name!r} is locked: unlock it to change it.")
        pieces = [piece for piece in Subject.whole(document).pieces if piece.layer is layer]
        area = pieces[0].area
        if area.is_empty:
            raise KnownError(f"The layer {layer.name!r} is empty: paint on it or choose another.")
        middle = (area.x + area.width // 2, area.y + area.height // 2)
        projection = Projection.scaling(scale, scale, middle)
        left, top = projection.apply(area.origin)
        grown = Bounds(round(left), round(top), area.width * scale, area.height * scale)
        return cls(Subject(tuple(pieces), None, area), projection, grown)

    def picture(self) -> Picture:
        """The layer's pixels, whatever covers them."""
        moving = self.subject.pieces[0].moving
        assert moving is not None
        return Picture.from_array(moving.read(self.subject.bounds))

    def finish(self, enlarged: Picture, recipe: bytes) -> Step:
        """As for all enlargements; the layer's own recipe stays."""
        [scaled] = self.subject.projected(self.projection)
        surface = TiledSurface()
        surface.write(self.area, enlarged.rgba())
        outcome = Outcome(surface.snapshot(), scaled.mask)
        return lambda _: transform(self.subject, self.projection, [outcome], "Enlarge layer")


def has_pixels(layer: Layer | None) -> bool:
    """Whether a layer can be enlarged: a text is drawn anew at any size, and a group has none."""
    return isinstance(layer, RasterLayer) and not isinstance(layer, TextLayer)
