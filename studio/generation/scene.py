"""A picture that is being edited, whether a document's snapshot or a plain file."""

from __future__ import annotations

from typing import Protocol

import msgspec
import numpy as np

from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from studio.generation.preparation import check_same_size


class Scene(Protocol):
    """A picture that is being edited, of which only parts are read."""

    @property
    def canvas(self) -> Bounds:
        """The picture's place on the plane."""

    def flatten(self, bounds: Bounds) -> Picture:
        """Its pixels, transparent where there is nothing."""

    def mask(self, bounds: Bounds) -> Picture:
        """What is masked, as ``L``; 255 = repaint, 0 beyond the mask."""


class PictureScene(msgspec.Struct, frozen=True):
    """A plain picture, and a mask of its size, as a scene.

    Raises:
        RequestError: if the mask is of another size.
    """

    picture: Picture
    painted: Picture | None = None
    origin: Point = Point(0, 0)

    def __post_init__(self) -> None:
        if self.painted is not None:
            check_same_size(self.picture, self.painted)

    @property
    def canvas(self) -> Bounds:
        """Where the picture lies."""
        return Bounds.of(self.picture.extent).moved(self.origin.x, self.origin.y)

    def flatten(self, bounds: Bounds) -> Picture:
        """The picture's pixels there; ``RGB`` where none is transparent."""
        return crop(self.picture, bounds.relative_to(self.origin))

    def mask(self, bounds: Bounds) -> Picture:
        """The mask's pixels there, nothing where there is no mask."""
        if self.painted is None:
            return Picture.from_array(np.zeros((bounds.height, bounds.width), np.uint8))
        return crop(self.painted, bounds.relative_to(self.origin))


def placed_on(picture: Picture, at: Point, canvas: Bounds) -> Picture:
    """The picture as ``RGBA`` on a transparent canvas.

    Args:
        picture: any mode.
        at: its place on the plane.
        canvas: what is returned; parts of the picture beyond it are cut off.
    """
    moved = Bounds.of(picture.extent).moved(at.x, at.y)
    return Picture.from_array(crop(picture, canvas.relative_to(moved.origin)).rgba())


def crop(picture: Picture, bounds: Bounds) -> Picture:
    """A rectangle of a picture, in its own coordinates.

    Beyond the picture it is transparent, so ``RGB`` becomes ``RGBA`` there; a mask is 0.
    """
    part = bounds.intersection(Bounds.of(picture.extent))
    reaches_out = part != bounds
    whole = picture.rgba() if reaches_out and picture.mode == "RGB" else picture.array()
    pixels = whole[part.y : part.bottom, part.x : part.right]
    if not reaches_out:
        return Picture.from_array(pixels)
    canvas = np.zeros((bounds.height, bounds.width, *whole.shape[2:]), np.uint8)
    inside = part.relative_to(bounds.origin)
    canvas[inside.y : inside.bottom, inside.x : inside.right] = pixels
    return Picture.from_array(canvas)
