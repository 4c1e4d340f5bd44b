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
    SUN = "sun"
    MOON = "moon"
    CLOUD = "cloud"
    RAINBOW = "rainbow"
    TREE = "tree"
    PINE = "pine"
    FLOWER = "flower"
    MUSHROOM = "mushroom"
    LEAF = "leaf"
    HOUSE = "house"
    CASTLE = "castle"
    TENT = "tent"
    BRIDGE = "bridge"
    BOAT = "boat"
    CAR = "car"
    TRAIN = "train"
    BALLOON = "balloon"
    ROCKET = "rocket"
    PLANE = "plane"
    BICYCLE = "bicycle"
    FISH = "fish"
    BIRD = "bird"
    CAT = "cat"
    DOG = "dog"
    BUTTERFLY = "butterfly"
    SNAIL = "snail"
    SNOWMAN = "snowman"
    PERSON = "person"
    APPLE = "apple"
    PEAR = "pear"
    CUP = "cup"
    BOOK = "book"
    UMBRELLA = "umbrella"
    HAT = "hat"
    KITE = "kite"
    LAMP = "lamp"
    CHAIR = "chair"
    CLOCK = "clock"
    KEY = "key"


class Setting(StrEnum):
    """Where a scene takes place; a plain sheet and a gradient have a colour, the others not."""

    PLAIN = "plain"
    GRADIENT = "gradient"
    SEA = "sea"
    MEADOW = "meadow"
    NIGHT = "night"
    DESERT = "desert"
    SNOW = "snow"
    ROOM = "room"


COLOURED = (Setting.PLAIN, Setting.GRADIENT)
"""Settings that are sheets of a colour."""


class Style(StrEnum):
    """The manner that a picture is drawn in."""

    FLAT = "flat"
    OUTLINE = "outline"
    PASTEL = "pastel"
    CRAYON = "crayon"
    WATERCOLOUR = "watercolour"
    DARK = "dark"
    PAPER = "paper"


class Relation(StrEnum):
    """How the first two things of a scene stand to each other."""

    APART = "apart"
    INSIDE = "inside"
    BEHIND = "behind"


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
    Size.SMALL: (20.0, 25.0),
    Size.MEDIUM: (28.0, 35.0),
    Size.LARGE: (39.0, 50.0),
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
        if self.radius < 26.5:
            return Size.SMALL
        return Size.MEDIUM if self.radius < 37 else Size.LARGE

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
    """What is behind the things: a setting, and for a sheet its colour."""

    setting: Setting
    colour: Colour | None = None

    def __post_init__(self) -> None:
        if (self.setting in COLOURED) != (self.colour is not None):
            raise ValueError("a sheet, and no other backdrop, has a colour")


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture.

    Up to two things may differ; more than two, up to four, are alike in kind and colour. Things
    apart come in reading order; one that is inside or in front of another comes after it, and
    later things are drawn over earlier ones. Details such as tilt and paint follow from ``seed``.
    """

    backdrop: Backdrop
    things: tuple[Thing, ...]
    seed: int
    style: Style = Style.FLAT
    relation: Relation = Relation.APART


def _third(coordinate: float) -> int:
    """Which third of the side a coordinate lies in, 0 to 2."""
    return min(2, max(0, int(coordinate * 3 / SIDE)))
