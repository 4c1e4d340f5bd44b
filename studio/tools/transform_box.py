"""The box around what is being transformed: what each of its handles does to it."""

from __future__ import annotations

import enum
import math

import msgspec
from msgspec.structs import replace

from studio.core.geometry import Bounds
from studio.core.projection import (
    IDENTITY,
    Look,
    Projection,
    Quad,
    Spot,
    contains,
    corners,
    is_convex,
    middle,
)
from studio.tools.grips import GRIPS, Grip, handle

TURN_STEP = 15.0
"""Degrees that angles are multiples of while they are constrained."""
_SMALLEST = 0.5
"""No side is made smaller than so many pixels by a handle."""
_ORDER = (
    *(Grip.LEFT | Grip.TOP, Grip.RIGHT | Grip.TOP),
    *(Grip.RIGHT | Grip.BOTTOM, Grip.LEFT | Grip.BOTTOM),
)
"""The corners as a `Quad` holds them."""
_ENDS = {Grip.TOP: (0, 1), Grip.RIGHT: (1, 2), Grip.BOTTOM: (2, 3), Grip.LEFT: (3, 0)}
"""The corners that each edge joins."""


class Hold(enum.Enum):
    """What of a box lies under the pointer."""

    PIVOT = enum.auto()
    GRIP = enum.auto()
    INSIDE = enum.auto()
    OUTSIDE = enum.auto()


class TransformBox(msgspec.Struct, frozen=True):
    """A rectangle under a projection; every change gives another box.

    Attributes:
        bounds: the rectangle as it was.
        pivot: what it turns about, in the rectangle's own coordinates.
        projection: of the rectangle.
    """

    bounds: Bounds
    pivot: Spot
    projection: Projection = IDENTITY

    @classmethod
    def around(cls, bounds: Bounds) -> TransformBox:
        """A rectangle as it is, with its pivot in the middle."""
        return cls(bounds, middle(bounds))

    @property
    def quad(self) -> Quad:
        """Its corners on the canvas."""
        return self.projection.quad(self.bounds)

    @property
    def place(self) -> Spot:
        """Its pivot on the canvas."""
        return self.projection.apply(self.pivot)

    @property
    def look(self) -> Look:
        """How much it is scaled, turned and skewed about its pivot."""
        return self.projection.look(self.pivot)

    def grip(self, grip: Grip) -> Spot:
        """A corner, or the middle of an edge, on the canvas."""
        return self.projection.apply(self._own(grip))

    def under(self, spot: Spot, reach: float) -> tuple[Hold, Grip]:
        """What lies under a place of the canvas, or within ``reach`` pixels of it."""
        a, b, c, _ = self.quad
        if self.place.distance(spot) <= min(reach, a.distance(b) / 4, b.distance(c) / 4):
            return Hold.PIVOT, Grip.NONE
        nearest = min(reversed(GRIPS), key=lambda grip: self.grip(grip).distance(spot))
        if self.grip(nearest).distance(spot) <= reach:
            return Hold.GRIP, nearest
        inside = contains(self.quad, spot)
        return (Hold.INSIDE if inside else Hold.OUTSIDE), Grip.NONE

    def outwards(self, grip: Grip) -> Spot:
        """The way from the middle to a corner or an edge, on the canvas."""
        centre = self.projection.apply(middle(self.bounds))
        return self.grip(grip).moved(-centre.x, -centre.y)

    def then(self, later: Projection) -> TransformBox:
        """Projected further."""
        return replace(self, projection=self.projection.then(later))

    def moved(self, dx: float, dy: float) -> TransformBox:
        """Moved by so many pixels."""
        return self.then(Projection.moving(dx, dy))

    def turned(self, degrees: float) -> TransformBox:
        """Turned clockwise about its pivot."""
        return self.then(Projection.turning(degrees, self.place))

    def mirrored(self, *, across: bool) -> TransformBox:
        """Mirrored about its pivot: left and right, or top and bottom of the canvas."""
        factors = (-1.0, 1.0) if across else (1.0, -1.0)
        return self.then(Projection.scaling(*factors, self.place))

    def scaled(self, x: float, y: float, about: Spot | None = None) -> TransformBox:
        """Scaled along its own sides about one of its own places, by default the pivot."""
        before = Projection.scaling(x, y, self.pivot if about is None else about)
        return replace(self, projection=before.then(self.projection))

    def on_pixels(self) -> TransformBox:
        """Moved by less than a pixel, so that its first corner lies on a pixel's."""
        corner = self.quad[0]
        return self.moved(round(corner.x) - corner.x, round(corner.y) - corner.y)

    def with_pivot(self, spot: Spot, reach: float = 0.0) -> TransformBox:
        """With the pivot at a place of the canvas, or at a handle or the middle that is near."""
        own = [self._own(grip) for grip in GRIPS]
        near = [place for place in (*own, middle(self.bounds)) if self._reaches(place, spot, reach)]
        pivot = near[0] if near else self.projection.inverse().apply(spot)
        return replace(self, pivot=pivot)

    def swung(self, start: Spot, here: Spot, *, stepwise: bool = False) -> TransformBox:
        """Turned as far as the pointer went about the pivot; ``stepwise`` to round angles."""
        before, after = (
            math.degrees(math.atan2(spot.y - self.place.y, spot.x - self.place.x))
            for spot in (start, here)
        )
        degrees = after - before
        if stepwise:
            angle = self.look.angle
            degrees = round((angle + degrees) / TURN_STEP) * TURN_STEP - angle
        return self.turned(degrees)

    def pulled(
        self, grip: Grip, start: Spot, here: Spot, *, alike: bool = False, about_pivot: bool = False
    ) -> TransformBox:
        """Scaled so that a handle follows the pointer.

        Args:
            grip: the handle.
            start, here: where the pointer took hold of it, and where it is now.
            alike: both sides by the same factor.
            about_pivot: the pivot stays; else the opposite edge or corner.
        """
        back = self.projection.inverse()
        own, fixed = self._own(grip), self.pivot if about_pivot else self._own(_opposite(grip))
        first, last = back.apply(start), back.apply(here)
        reach_x, reach_y = own.x - fixed.x, own.y - fixed.y
        x = 1.0 + _share(last.x - first.x, reach_x if grip & (Grip.LEFT | Grip.RIGHT) else 0.0)
        y = 1.0 + _share(last.y - first.y, reach_y if grip & (Grip.TOP | Grip.BOTTOM) else 0.0)
        if alike:
            x = y = _alike(grip, (x, y), (reach_x, reach_y))
        x, y = self._not_too_small(x, self.bounds.width), self._not_too_small(y, self.bounds.height)
        return self.scaled(x, y, fixed)

    def distorted(
        self, grip: Grip, start: Spot, here: Spot, *, symmetric: bool = False
    ) -> TransformBox:
        """With a corner as far from its place as the pointer went; as it is where that folds it.

        Args:
            symmetric: its neighbour along the longer way goes as far the other way: perspective.
        """
        quad, number = list(self.quad), _ORDER.index(grip)
        dx, dy = here.x - start.x, here.y - start.y
        if symmetric:
            sideways = abs(dx) >= abs(dy)
            dx, dy = (dx, 0.0) if sideways else (0.0, dy)
            neighbour = number ^ 1 if sideways else 3 - number
            quad[neighbour] = quad[neighbour].moved(-dx, -dy)
        quad[number] = quad[number].moved(dx, dy)
        return self._with_quad((quad[0], quad[1], quad[2], quad[3]))

    def skewed(
        self, grip: Grip, start: Spot, here: Spot, *, about_pivot: bool = False
    ) -> TransformBox:
        """With an edge moved along itself as far as the pointer went.

        Args:
            about_pivot: the opposite edge goes as far the other way.
        """
        quad = list(self.quad)
        first, second = _ENDS[grip]
        along = quad[second].x - quad[first].x, quad[second].y - quad[first].y
        length = math.hypot(*along) or 1.0
        way = ((here.x - start.x) * along[0] + (here.y - start.y) * along[1]) / length**2
        for number in (first, second):
            quad[number] = quad[number].moved(along[0] * way, along[1] * way)
        if about_pivot:
            for number in _ENDS[_opposite(grip)]:
                quad[number] = quad[number].moved(-along[0] * way, -along[1] * way)
        return self._with_quad((quad[0], quad[1], quad[2], quad[3]))

    def _with_quad(self, quad: Quad) -> TransformBox:
        if not is_convex(quad, 1.0):
            return self
        return replace(self, projection=Projection.between(corners(self.bounds), quad))

    def _own(self, grip: Grip) -> Spot:
        place = handle(self.bounds, grip)
        return Spot(place.x, place.y)

    def _reaches(self, own: Spot, spot: Spot, reach: float) -> bool:
        return self.projection.apply(own).distance(spot) <= reach

    def _not_too_small(self, factor: float, side: int) -> float:
        least = _SMALLEST / side
        return factor if abs(factor) >= least else math.copysign(least, factor)


def _opposite(grip: Grip) -> Grip:
    swaps = {Grip.LEFT: Grip.RIGHT, Grip.RIGHT: Grip.LEFT}
    swaps |= {Grip.TOP: Grip.BOTTOM, Grip.BOTTOM: Grip.TOP}
    result = Grip.NONE
    for edge in grip:
        result |= swaps[edge]
    return result


def _share(way: float, reach: float) -> float:
    return way / reach if reach else 0.0


def _alike(grip: Grip, factors: tuple[float, float], reaches: tuple[float, float]) -> float:
    """One factor for both sides: a corner's pointer counts as far as it follows the diagonal."""
    if grip in _ENDS:
        return factors[0] if grip & (Grip.LEFT | Grip.RIGHT) else factors[1]
    weights = reaches[0] ** 2, reaches[1] ** 2
    total = sum(weights) or 1.0
    return (factors[0] * weights[0] + factors[1] * weights[1]) / total
