"""Plain shapes that a tool wants to see drawn over the canvas, in canvas coordinates."""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from studio.core.geometry import Bounds


class Cursor(enum.Enum):
    """How the pointer should look."""

    ARROW = enum.auto()
    HIDDEN = enum.auto()
    CROSS = enum.auto()
    MOVE = enum.auto()
    SIZE_HORIZONTAL = enum.auto()
    SIZE_VERTICAL = enum.auto()
    SIZE_FALLING = enum.auto()  # from top left to bottom right
    SIZE_RISING = enum.auto()  # from bottom left to top right
    PICK = enum.auto()
    TURN = enum.auto()
    TEXT = enum.auto()


class Circle(msgspec.Struct, frozen=True):
    """A brush's outline.

    Attributes:
        x, y: the centre.
        radius: in canvas pixels.
        hardness: 0 to 1; the solid core's radius is ``radius * hardness``.
        roundness: the shorter radius as a part of ``radius``, the longer one.
        angle: of the longer one, clockwise from the right in degrees.
    """

    x: float
    y: float
    radius: float
    hardness: float = 1.0
    roundness: float = 1.0
    angle: float = 0.0


class Line(msgspec.Struct, frozen=True):
    """Where a straight stroke will go."""

    x1: float
    y1: float
    x2: float
    y2: float


class FrameBox(msgspec.Struct, frozen=True):
    """The generation frame while it is being changed."""

    bounds: Bounds


class NewArea(msgspec.Struct, frozen=True):
    """The canvas as it will be: what is in ``bounds`` and not in ``canvas`` is to be hatched."""

    bounds: Bounds
    canvas: Bounds


class Handle(msgspec.Struct, frozen=True):
    """A place to take hold of; drawn at one size whatever the zoom.

    Attributes:
        x, y: its middle.
        active: whether the pointer is on it.
    """

    x: float
    y: float
    active: bool = False


class Swatch(msgspec.Struct, frozen=True):
    """The colour under the picker.

    Attributes:
        x, y: the pointer.
        colour: as ``#rrggbb``.
    """

    x: float
    y: float
    colour: str


class Outline(msgspec.Struct, frozen=True):
    """What is about to be selected: a line that shows on any picture.

    Attributes:
        corners: of the line, in order.
        closed: whether it goes back to where it began.
    """

    corners: tuple[tuple[float, float], ...]
    closed: bool = True


class MovedSelection(msgspec.Struct, frozen=True):
    """The selection is on its way: it is to be shown so many pixels farther."""

    dx: int
    dy: int


class PivotMark(msgspec.Struct, frozen=True):
    """What something turns about.

    Attributes:
        x, y: its place.
        active: whether the pointer is on it.
    """

    x: float
    y: float
    active: bool = False


class SnapMark(msgspec.Struct, frozen=True):
    """A line that what is being moved was drawn to."""

    x1: float
    y1: float
    x2: float
    y2: float


class CropBox(msgspec.Struct, frozen=True):
    """The canvas as it will be: what lies in ``canvas`` and not in ``bounds`` is to be shaded.

    Attributes:
        bounds: what remains, or becomes, the canvas.
        canvas: as it is.
        thirds: whether lines divide it in three, both ways.
    """

    bounds: Bounds
    canvas: Bounds
    thirds: bool = True


Shape: TypeAlias = (
    Circle
    | Line
    | FrameBox
    | NewArea
    | Handle
    | Swatch
    | Outline
    | MovedSelection
    | PivotMark
    | SnapMark
    | CropBox
)
Overlay: TypeAlias = tuple[Shape, ...]
