"""What a picture of the world shows, as plain values; nothing here draws or speaks.

A scene is drawn by :mod:`studio.training.world.draw` and described by
:mod:`studio.training.world.captions`; both see the same description, which is why captions and
attribute labels are always true.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.training.world.palette import Colour, Shade

SIDE = 128
"""Width and height of a drawn picture, in pixels."""


class Kind(StrEnum):
    """Something that can be drawn, by the word that names it."""

    BALL = "ball"
    SQUARE = "square"
    TRIANGLE = "triangle"
    STAR = "star"
    HEART = "heart"
    MOON = "moon"
    SUN = "sun"
    CLOUD = "cloud"
    TREE = "tree"
    FLOWER = "flower"
    MUSHROOM = "mushroom"
    HOUSE = "house"
    BOAT = "boat"
    CAR = "car"
    FISH = "fish"
    BALLOON = "balloon"


class Setting(StrEnum):
    """Where a scene takes place; plain is a sheet of one colour."""

    PLAIN = "plain"
    SEA = "sea"
    MEADOW = "meadow"
    NIGHT = "night"
    DESERT = "desert"
    SNOW = "snow"


class Size(StrEnum):
    """How large a thing is within the picture."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Column(StrEnum):
    """The third of the picture's width that a thing's middle lies in."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Row(StrEnum):
    """The third of the picture's height that a thing's middle lies in."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


VARIANTS = 2
"""In how many ways each kind is drawn."""

RADII: dict[Size, tuple[float, float]] = {
    Size.SMALL: (16.0, 21.0),
    Size.MEDIUM: (24.0, 31.0),
    Size.LARGE: (35.0, 44.0),
}
"""Least and largest radius of each size, in pixels of a :data:`SIDE` picture."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in a scene.

    ``x`` and ``y`` are its middle and ``radius`` half its extent, in pixels of a :data:`SIDE`
    picture; ``variant`` picks one of :data:`VARIANTS` drawings of its kind.
    """

    kind: Kind
    colour: Colour
    shade: Shade
    variant: int
    x: float
    y: float
    radius: float

    @property
    def size(self) -> Size:
        """The size word that fits the radius."""
        if self.radius < 22.5:
            return Size.SMALL
        return Size.MEDIUM if self.radius < 33 else Size.LARGE

    @property
    def column(self) -> Column:
        """The third of the width that its middle lies in."""
        return (Column.LEFT, Column.CENTRE, Column.RIGHT)[_third(self.x)]

    @property
    def row(self) -> Row:
        """The third of the height that its middle lies in."""
        return (Row.TOP, Row.MIDDLE, Row.BOTTOM)[_third(self.y)]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What is behind the things: a setting, or for a plain sheet its colour."""

    setting: Setting
    colour: Colour | None = None

    def __post_init__(self) -> None:
        if (self.setting is Setting.PLAIN) != (self.colour is not None):
            raise ValueError("a plain backdrop, and no other, has a colour")


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture: a backdrop, one or two things in reading order, and a seed for details."""

    backdrop: Backdrop
    things: tuple[Thing, ...]
    seed: int


def _third(coordinate: float) -> int:
    """Which third of the side a coordinate lies in, 0 to 2."""
    return min(2, max(0, int(coordinate * 3 / SIDE)))
