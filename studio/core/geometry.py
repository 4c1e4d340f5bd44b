"""Integer pixel geometry: points, extents and rectangles.

The canvas is an endless plane of pixels; x grows to the right, y downwards. A `Bounds` covers the
pixels ``x <= column < x + width`` and ``y <= row < y + height``; one with no pixels is empty.
"""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """A pixel's place on the canvas."""

    x: int
    y: int


class Extent(NamedTuple):
    """A width and a height in pixels."""

    width: int
    height: int

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.width * self.height

    @property
    def longest(self) -> int:
        """The longer side, in pixels."""
        return max(self.width, self.height)

    @property
    def shortest(self) -> int:
        """The shorter side, in pixels."""
        return min(self.width, self.height)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class Bounds(NamedTuple):
    """A rectangle of pixels; empty when it is not at least one pixel wide and high."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of(cls, extent: Extent) -> Bounds:
        """The rectangle of that extent at the origin."""
        return cls(0, 0, extent.width, extent.height)

    @classmethod
    def from_edges(cls, left: int, top: int, right: int, bottom: int) -> Bounds:
        """The rectangle between these edges; right and bottom are exclusive.

        >>> Bounds.from_edges(2, 3, 10, 5)
        Bounds(x=2, y=3, width=8, height=2)
        """
        return cls(left, top, right - left, bottom - top)

    @property
    def right(self) -> int:
        """The first column beyond the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond the rectangle."""
        return self.y + self.height

    @property
    def origin(self) -> Point:
        """The top left pixel."""
        return Point(self.x, self.y)

    @property
    def extent(self) -> Extent:
        """Width and height."""
        return Extent(self.width, self.height)

    @property
    def area(self) -> int:
        """Number of pixels; zero when empty."""
        return 0 if self.is_empty else self.width * self.height

    @property
    def is_empty(self) -> bool:
        """Whether it covers no pixel."""
        return self.width <= 0 or self.height <= 0

    def contains(self, other: Bounds) -> bool:
        """Whether every pixel of ``other`` is also in this rectangle; true for an empty one."""
        return other.is_empty or (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def contains_point(self, point: Point) -> bool:
        """Whether the pixel lies inside."""
        return self.x <= point.x < self.right and self.y <= point.y < self.bottom

    def intersection(self, other: Bounds) -> Bounds:
        """The pixels in both; empty (with no negative sides) where they do not meet.

        >>> Bounds(0, 0, 4, 4).intersection(Bounds(2, 2, 4, 4))
        Bounds(x=2, y=2, width=2, height=2)
        """
        left, top = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Bounds(left, top, max(0, right - left), max(0, bottom - top))

    def union(self, other: Bounds) -> Bounds:
        """The smallest rectangle that holds both; an empty one adds nothing."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return Bounds.from_edges(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def padded(self, amount: int) -> Bounds:
        """Grown by ``amount`` pixels on every side, or shrunk where it is negative."""
        return Bounds(
            self.x - amount, self.y - amount, self.width + 2 * amount, self.height + 2 * amount
        )

    def moved(self, dx: int, dy: int) -> Bounds:
        """The same rectangle elsewhere."""
        return Bounds(self.x + dx, self.y + dy, self.width, self.height)

    def relative_to(self, origin: Point) -> Bounds:
        """The same rectangle in coordinates whose zero is ``origin``."""
        return self.moved(-origin.x, -origin.y)

    def clamped_into(self, outer: Bounds) -> Bounds:
        """Moved, never resized, so that it lies inside ``outer`` as far as its size allows.

        >>> Bounds(-5, 90, 20, 20).clamped_into(Bounds(0, 0, 100, 100))
        Bounds(x=0, y=80, width=20, height=20)
        """
        x = max(outer.x, min(self.x, outer.right - self.width))
        y = max(outer.y, min(self.y, outer.bottom - self.height))
        return Bounds(x, y, self.width, self.height)
