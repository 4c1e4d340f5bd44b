"""Lines beside which things are laid."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Orientation(StrEnum):
    """How a line runs; the value is its name in a file."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class Guide(msgspec.Struct, frozen=True):
    """A line across the whole canvas, between two rows or columns of pixels.

    Attributes:
        orientation: how it runs.
        position: the row or column that it lies before, in canvas coordinates.
    """

    orientation: Orientation
    position: int
