"""How a picture is moved, scaled, turned, skewed and put in perspective: maps of the plane.

Coordinates are the canvas', with whole numbers at the corners of pixels.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels

Matrix: TypeAlias = npt.NDArray[np.float64]
_WHOLE = 1e-6
"""How near to a whole number counts as one, in pixels."""
_FLAT = 1e-9


class Spot(NamedTuple):
    """A place on the canvas that need not lie on a pixel's corner."""

    x: float
    y: float

    def moved(self, dx: float, dy: float) -> Spot:
        """The place so far away."""
        return Spot(self.x + dx, self.y + dy)

    def distance(self, other: tuple[float, float]) -> float:
        """In pixels."""
        return math.hypot(other[0] - self.x, other[1] - self.y)

    def towards(self, other: tuple[float, float], share: float = 0.5) -> Spot:
        """The place on the way to another one; halfway by default."""
        return Spot(self.x + (other[0] - self.x) * share, self.y + (other[1] - self.y) * share)


Quad: TypeAlias = tuple[Spot, Spot, Spot, Spot]
"""Four corners, in the order top left, top right, bottom right, bottom left of what they were."""


class Look(msgspec.Struct, frozen=True):
    """How much a projection scales, turns and skews at one place.

    Attributes:
        scale_x, scale_y: 1.0 leaves the size; ``scale_y`` is negative where it mirrors.
        angle: clockwise in degrees, above -180 and up to 180.
        skew: how far columns lean to the right of upright, in degrees, -90 to 90.
    """

    scale_x: float
    scale_y: float
    angle: float
    skew: float


class WholeTurn(NamedTuple):
    """A projection that takes pixels to pixels: mirroring, turning by quarters, whole moves.

    Attributes:
        a, b, d, e: where a step to the right goes, ``(a, d)``, and one down, ``(b, e)``; each
            number is -1, 0 or 1.
        dx, dy: where the origin goes.
    """

    a: int
    b: int
    d: int
    e: int
    dx: int
    dy: int

    def bounds(self, bounds: Bounds) -> Bounds:
        """Where a rectangle comes to lie."""
        x, y = self._place(bounds.x, bounds.y)
        right, bottom = self._place(bounds.right, bounds.bottom)
        return Bounds.from_edges(min(x, right), min(y, bottom), max(x, right), max(y, bottom))

    def pixels(self, pixels: Pixels) -> Pixels:
        """A copy of the pixels of a rectangle, in their new order."""
        swapped = self.a == 0
        result = pixels.swapaxes(0, 1) if swapped else pixels
        across, down = (self.b, self.d) if swapped else (self.a, self.e)
        return np.array(result[::down, ::across], order="C")

    def _place(self, x: int, y: int) -> Point:
        return Point(self.a * x + self.b * y + self.dx, self.d * x + self.e * y + self.dy)


class Projection(msgspec.Struct, frozen=True, dict=True):
    """A map of the plane that takes straight lines to straight lines.

    Attributes:
        values: of its 3x3 matrix, row by row, which acts on columns ``(x, y, 1)``.

    >>> Projection.scaling(2.0, 1.0).then(Projection.moving(3.0, 0.0)).apply((1.0, 1.0))
    Spot(x=5.0, y=1.0)
    """

    values: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

    @classmethod
    def of(cls, matrix: Matrix) -> Projection:
        """With that 3x3 matrix, whose last value must not be 0."""
        return cls(tuple((matrix / matrix[2, 2]).ravel().tolist()))

    @classmethod
    def moving(cls, dx: float, dy: float) -> Projection:
        """Moves by so many pixels."""
        return cls((1.0, 0.0, dx, 0.0, 1.0, dy, 0.0, 0.0, 1.0))

    @classmethod
    def scaling(cls, x: float, y: float, about: tuple[float, float] = (0.0, 0.0)) -> Projection:
        """Scales; negative factors mirror. The place ``about`` stays."""
        return cls((x, 0.0, about[0] * (1 - x), 0.0, y, about[1] * (1 - y), 0.0, 0.0, 1.0))

    @classmethod
    def turning(cls, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Projection:
        """Turns clockwise; the place ``about`` stays. Quarter turns are exact."""
        sine, cosine = _sine(degrees), _sine(degrees + 90.0)
        linear = np.array([[cosine, -sine], [sine, cosine]])
        return cls._linear(linear, about)

    @classmethod
    def skewing(cls, x: float, y: float, about: tuple[float, float] = (0.0, 0.0)) -> Projection:
        """Moves rows by ``x`` pixels a row and columns by ``y`` a column; ``about`` stays."""
        return cls._linear(np.array([[1.0, x], [y, 1.0]]), about)

    @classmethod
    def between(cls, source: Quad, target: Quad) -> Projection:
        """Takes each corner of a convex quadrilateral to the same corner of another.

        Raises:
            ValueError: if one of them has three corners in a line.
        """
        rows, values = [], []
        for (x, y), (u, v) in zip(source, target, strict=True):
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            values += [u, v]
        try:
            solution = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(values))
        except np.linalg.LinAlgError as error:
            raise ValueError("Three corners of a quadrilateral lie in a line.") from error
        return cls((*solution.tolist(), 1.0))

    @classmethod
    def _linear(cls, linear: Matrix, about: tuple[float, float]) -> Projection:
        matrix = np.eye(3)
        matrix[:2, :2] = linear
        matrix[:2, 2] = np.array(about) - linear @ np.array(about)
        return cls.of(matrix)

    @functools.cached_property
    def matrix(self) -> Matrix:
        """Its 3x3 matrix."""
        return np.array(self.values).reshape(3, 3)

    @property
    def is_affine(self) -> bool:
        """Whether it keeps lines parallel: no perspective."""
        return abs(self.values[6]) < _FLAT and abs(self.values[7]) < _FLAT

    @property
    def is_identity(self) -> bool:
        """Whether it leaves everything where it is."""
        return self.whole_move == Point(0, 0)

    @property
    def whole_turn(self) -> WholeTurn | None:
        """As what it takes pixels to pixels; None where it mixes some."""
        a, b, dx, d, e, dy = (round(value) for value in self.values[:6])
        exact = np.abs(np.array((a, b, dx, d, e, dy)) - self.values[:6]).max() < _WHOLE
        swaps = sorted((abs(a), abs(b))) == [0, 1] and abs(a) == abs(e) and abs(b) == abs(d)
        return WholeTurn(a, b, d, e, dx, dy) if self.is_affine and exact and swaps else None

    @property
    def whole_move(self) -> Point | None:
        """By how much it moves, if it moves by whole pixels and does nothing else."""
        turn = self.whole_turn
        return Point(turn.dx, turn.dy) if turn is not None and turn[:4] == (1, 0, 0, 1) else None

    @property
    def uniform_scale(self) -> float | None:
        """Its factor, if it moves and scales both ways alike and does nothing else."""
        a, b, _, d, e, *_ = self.values
        alike = self.is_affine and a > 0 and max(abs(b), abs(d), abs(a - e)) < _WHOLE
        return a if alike else None

    def then(self, later: Projection) -> Projection:
        """Both, this one first."""
        return Projection.of(later.matrix @ self.matrix)

    def inverse(self) -> Projection:
        """What undoes it.

        Raises:
            ValueError: if it flattens the plane, so that nothing does.
        """
        if abs(np.linalg.det(self.matrix)) < 1e-12:
            raise ValueError("A projection that flattens the plane cannot be undone.")
        return Projection.of(np.asarray(np.linalg.inv(self.matrix), dtype=np.float64))

    def apply(self, spot: tuple[float, float]) -> Spot:
        """Where a place comes to lie; places on the horizon go very far."""
        x, y, weight = (self.matrix @ np.array((*spot, 1.0))).tolist()
        weight = weight if abs(weight) > 1e-12 else 1e-12
        return Spot(x / weight, y / weight)

    def quad(self, bounds: Bounds) -> Quad:
        """Where the corners of a rectangle come to lie."""
        a, b, c, d = corners(bounds)
        return self.apply(a), self.apply(b), self.apply(c), self.apply(d)

    def jacobian(self, spot: tuple[float, float]) -> Matrix:
        """How it changes small steps about a place, as a 2x2 matrix."""
        matrix = self.matrix
        weight = float(matrix[2, :2] @ np.array(spot) + matrix[2, 2])
        weight = weight if abs(weight) > 1e-12 else 1e-12
        result: Matrix = (matrix[:2, :2] - np.outer(self.apply(spot), matrix[2, :2])) / weight
        return result

    def look(self, spot: tuple[float, float]) -> Look:
        """How much it scales, turns and skews about a place."""
        (a, b), (d, e) = self.jacobian(spot).tolist()
        scale_x = math.hypot(a, d)
        if scale_x < _FLAT:
            return Look(0.0, math.hypot(b, e), 0.0, 0.0)
        scale_y = (a * e - b * d) / scale_x
        lean = (a * b + d * e) / scale_x
        skew = math.degrees(math.atan2(lean, abs(scale_y)))
        return Look(scale_x, scale_y, math.degrees(math.atan2(d, a)), skew)


IDENTITY = Projection()


def corners(bounds: Bounds) -> Quad:
    """The corners of a rectangle."""
    return (
        Spot(bounds.x, bounds.y),
        Spot(bounds.right, bounds.y),
        Spot(bounds.right, bounds.bottom),
        Spot(bounds.x, bounds.bottom),
    )


def middle(bounds: Bounds) -> Spot:
    """The middle of a rectangle."""
    return Spot(bounds.x + bounds.width / 2, bounds.y + bounds.height / 2)


def bounds_around(spots: tuple[Spot, ...], slack: float = _WHOLE) -> Bounds:
    """The pixels that a shape with these corners may touch; ``slack`` forgives rounding."""
    columns, rows = [spot.x for spot in spots], [spot.y for spot in spots]
    return Bounds.from_edges(
        math.floor(min(columns) + slack),
        math.floor(min(rows) + slack),
        math.ceil(max(columns) - slack),
        math.ceil(max(rows) - slack),
    )


def is_convex(quad: Quad, smallest: float = 1e-3) -> bool:
    """Whether all corners turn the same way, none of them by (almost) nothing.

    Args:
        smallest: the area of the triangle at a corner below which it is flat, in square pixels.
    """
    turns = [_turn(quad[i - 1], quad[i], quad[(i + 1) % 4]) for i in range(4)]
    return min(turns) > smallest or max(turns) < -smallest


def contains(quad: Quad, spot: tuple[float, float]) -> bool:
    """Whether a place lies within a convex quadrilateral."""
    turns = [_turn(quad[i - 1], quad[i], spot) for i in range(4)]
    return min(turns) >= 0 or max(turns) <= 0


def _turn(first: Any, second: Any, third: Any) -> float:
    """Twice the area of the triangle; negative where it runs counter-clockwise on the screen."""
    way_x, way_y = second[0] - first[0], second[1] - first[1]
    return float(way_x * (third[1] - first[1]) - way_y * (third[0] - first[0]))


def _sine(degrees: float) -> float:
    quarters = degrees / 90.0
    if quarters == round(quarters):
        return (0.0, 1.0, 0.0, -1.0)[round(quarters) % 4]
    return math.sin(math.radians(degrees))
