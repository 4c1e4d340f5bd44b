"""Colours that go over into one another across the canvas."""

from __future__ import annotations

from enum import StrEnum

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from studio.core.colour import Colour
from studio.core.geometry import Bounds
from studio.core.picture import Pixels


class GradientKind(StrEnum):
    """How a gradient spreads.

    Attributes:
        LINEAR: from its start to its end, the same along every line across.
        RADIAL: from its start to all sides.
    """

    LINEAR = "linear"
    RADIAL = "radial"


class Gradient(msgspec.Struct, frozen=True):
    """From one colour to another, dithered so that no steps show.

    Attributes:
        kind: how it spreads.
        start, end: the places of the colours; the same beyond them.
        first, last: the colours.
        opacities: of both, 0 to 1.
    """

    kind: GradientKind
    start: tuple[float, float]
    end: tuple[float, float]
    first: Colour
    last: Colour
    opacities: tuple[float, float] = (1.0, 1.0)

    def __call__(self, part: Bounds) -> Pixels:
        """Premultiplied BGRA of a part of the canvas."""
        begin, finish = (
            _premultiplied(colour, opacity)
            for colour, opacity in zip((self.first, self.last), self.opacities, strict=True)
        )
        shares = self._shares(part)[..., None]
        mixed = cv2.transform(shares, np.column_stack((finish - begin, begin)))
        mixed += _thresholds(part)[..., None]
        pixels: Pixels = np.minimum(mixed, 255.0).astype(np.uint8)
        # What is dithered may not be brighter than its alpha.
        np.minimum(pixels, pixels[..., 3:], out=pixels)
        return pixels

    def _shares(self, part: Bounds) -> npt.NDArray[np.float32]:
        """How far each pixel is on the way from the first colour to the last."""
        across = np.arange(part.x, part.right, dtype=np.float32) + 0.5 - self.start[0]
        down = (np.arange(part.y, part.bottom, dtype=np.float32) + 0.5 - self.start[1])[:, None]
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        if self.kind is GradientKind.LINEAR:
            squared = max(dx * dx + dy * dy, 1e-6)
            shares = across * (dx / squared) + down * (dy / squared)
        else:
            shares = np.sqrt(across * across + down * down) / max(np.hypot(dx, dy), 1e-3)
        return np.clip(shares, 0.0, 1.0).astype(np.float32)


def _premultiplied(colour: Colour, opacity: float) -> npt.NDArray[np.float32]:
    red, green, blue = colour
    return np.array([blue, green, red, 255], dtype=np.float32) * np.float32(opacity)


def _bayer(order: int) -> npt.NDArray[np.float32]:
    matrix = np.zeros((1, 1))
    for _ in range(order):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return ((matrix + 0.5) / matrix.size).astype(np.float32)


_BAYER = _bayer(3)


def _thresholds(part: Bounds) -> npt.NDArray[np.float32]:
    """What is added to each pixel before its fraction is cut off: half on the average."""
    side = len(_BAYER)
    columns = np.arange(part.x, part.right) % side
    rows = np.arange(part.y, part.bottom) % side
    return _BAYER[np.ix_(rows, columns)]
