"""The line between known pixels and those that a mask covers."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from studio.generation.membrane import Flags, Floats

_SMOOTH: Final = 2.0
"""Directions follow the border as it looks after a blur of this many pixels."""

_NOTHING: Final = 1e-6


class Border:
    """Where the border runs, and what lies on its two sides.

    Attributes:
        sure: ``(h, w)``: the known pixels outside the mask.
        depth: ``(h, w)``, how far each pixel is inside, in pixels; the border runs between pixels,
            so the known ones next to it are at about -0.5.

    Args:
        sure: at least one of them is.
    """

    def __init__(self, sure: Flags) -> None:
        self.sure = sure
        inwards, outwards = (
            np.asarray(cv2.distanceTransform(side, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
            for side in ((~sure).astype(np.uint8), sure.astype(np.uint8))
        )
        half = np.float32(0.5)
        self.depth: Floats = np.where(sure, half - outwards, inwards - half)
        down, across = np.gradient(blurred(self.depth, _SMOOTH))
        length = np.maximum(np.hypot(across, down), half)
        self._across: Floats = across / length
        self._down: Floats = down / length

    def mirrored(self, pixels: Floats) -> Floats:
        """Each pixel's mirror image behind the border; zero where that is not sure either.

        Args:
            pixels: ``(h, w, 3)``; read only where sure.
        """
        row, column = np.mgrid[: self.depth.shape[0], : self.depth.shape[1]].astype(np.float32)
        row -= 2 * self.depth * self._down
        column -= 2 * self.depth * self._across
        known = self.sure[..., None].astype(np.float32)
        both = np.concatenate([pixels * known, known], axis=2)
        found = np.asarray(
            cv2.remap(both, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )
        weight = found[..., 3:]
        mirrored = np.divide(found[..., :3], weight, out=np.zeros_like(pixels), where=weight > 0.1)
        return np.asarray(mirrored, dtype=np.float32)


def mean_nearby(pixels: Floats, where: Flags, sigma: float) -> Floats:
    """Gaussian mean of the pixels that count; zero where none is near."""
    weight = blurred(where.astype(np.float32), sigma)[..., None]
    total = blurred(np.asarray(pixels * where[..., None], dtype=np.float32), sigma)
    total = total.reshape(pixels.shape)
    mean = np.divide(total, weight, out=np.zeros_like(total), where=weight > _NOTHING)
    return np.asarray(mean, dtype=np.float32)


def blurred(pixels: Floats, sigma: float) -> Floats:
    """A Gaussian blur; a single channel loses its axis."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), dtype=np.float32)


def grown(flags: Flags, amount: int) -> Flags:
    """Set wherever something is set within ``amount`` pixels, diagonals included."""
    side = 2 * amount + 1
    dilated = cv2.dilate(flags.astype(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray(dilated, dtype=np.uint8) > 0
