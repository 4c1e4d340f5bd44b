"""Dabs: the prints of a brush's tip, as masks kept by shape."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np

Cover: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint16]]
"""How much each pixel is covered, 65535 = wholly; fine enough for dabs of very little flow."""
FULL = 65535

_Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
_CACHE_BYTES = 48 * 2**20
_LEAST_SIZE = 1.0
_HARDNESS_STEPS = 64
_ROUNDNESS_STEPS = 32
_ANGLE_STEP = 3.0


class Dab(NamedTuple):
    """One print of the tip.

    Attributes:
        x, y: its centre on the canvas.
        size: its longer diameter in pixels.
        hardness: 0 to 1.
        flow: what it adds, 0 to 1.
        opacity: the cover beyond which it adds nothing, 0 to 1.
        angle: of the longer diameter, clockwise from the right in degrees.
        roundness: the shorter diameter as a part of the longer.
    """

    x: float
    y: float
    size: float
    hardness: float = 1.0
    flow: float = 1.0
    opacity: float = 1.0
    angle: float = 0.0
    roundness: float = 1.0


class Tip(NamedTuple):
    """A dab's shape, rounded so that shapes which differ by less than the eye sees share a mask.

    Attributes:
        size: in pixels.
        hardness, roundness, angle: in steps.
        column, row: which part of its pixel the centre lies in.
        parts: of a pixel, along each side.
    """

    size: float
    hardness: int
    roundness: int
    angle: int
    column: int
    row: int
    parts: int


def tip_of(dab: Dab) -> Tip:
    """The rounded shape of a dab."""
    size = _rounded_size(dab.size)
    roundness = round(dab.roundness * _ROUNDNESS_STEPS)
    is_round = roundness >= _ROUNDNESS_STEPS
    parts = 4 if size < 64 else 2 if size < 256 else 1
    return Tip(
        size,
        round(dab.hardness * _HARDNESS_STEPS),
        max(1, roundness),
        0 if is_round else round(dab.angle % 180.0 / _ANGLE_STEP),
        int((dab.x - math.floor(dab.x)) * parts),
        int((dab.y - math.floor(dab.y)) * parts),
        parts,
    )


def reach_of(size: float) -> int:
    """How many pixels a dab of that size reaches beyond the one that holds its centre."""
    return math.ceil(_rounded_size(size) / 2 + 0.5)


class DabMasks:
    """The masks of tips; the least recently used are forgotten beyond a limit. Thread-safe.

    Args:
        limit_bytes: of all masks.
    """

    def __init__(self, limit_bytes: int = _CACHE_BYTES) -> None:
        self._limit = limit_bytes
        self._bytes = 0
        self._masks: OrderedDict[Tip, Cover] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, dab: Dab) -> Cover:
        """How much a dab covers, ``(side, side)``; shared, and not to be written into.

        The middle pixel is the one that holds the dab's centre.
        """
        tip = tip_of(dab)
        with self._lock:
            mask = self._masks.get(tip)
            if mask is None:
                mask = _mask_of(tip)
                self._keep(tip, mask)
            else:
                self._masks.move_to_end(tip)
        return mask

    def _keep(self, tip: Tip, mask: Cover) -> None:
        mask.setflags(write=False)
        self._masks[tip] = mask
        self._bytes += mask.nbytes
        while self._bytes > self._limit and len(self._masks) > 1:
            _, oldest = self._masks.popitem(last=False)
            self._bytes -= oldest.nbytes


def _mask_of(tip: Tip) -> Cover:
    reach = reach_of(tip.size)
    hardness = tip.hardness / _HARDNESS_STEPS
    if tip.roundness >= _ROUNDNESS_STEPS and tip.parts == 1:
        # The same to all four sides of the middle pixel: a quarter is enough.
        steps = np.square(np.arange(reach + 1, dtype=np.float32))
        quarter = _covered(cv2.sqrt(steps + steps[:, None]), 1.0, tip.size / 2, hardness)
        return cv2.copyMakeBorder(quarter, reach, 0, reach, 0, cv2.BORDER_REFLECT_101)  # type: ignore[no-any-return]
    pixels = np.arange(-reach, reach + 1, dtype=np.float32) + 0.5
    across = pixels - (tip.column + 0.5) / tip.parts
    down = (pixels - (tip.row + 0.5) / tip.parts)[:, None]
    if tip.roundness >= _ROUNDNESS_STEPS:
        return _covered(np.sqrt(across**2 + down**2), 1.0, tip.size / 2, hardness)
    distance, slope = _flattened(across, down, tip)
    return _covered(distance, slope, tip.size / 2, hardness)


def _flattened(across: _Floats, down: _Floats, tip: Tip) -> tuple[_Floats, _Floats]:
    """For a flat tip: the distance from its centre, in radii of its direction times the longer
    radius, and how fast that grows from pixel to pixel."""
    roundness = tip.roundness / _ROUNDNESS_STEPS
    angle = math.radians(tip.angle * _ANGLE_STEP)
    along = across * math.cos(angle) + down * math.sin(angle)
    beside = (down * math.cos(angle) - across * math.sin(angle)) / roundness
    distance = np.sqrt(along**2 + beside**2)
    slope = np.sqrt(along**2 + (beside / roundness) ** 2) / np.maximum(distance, 1e-3)
    return distance, np.maximum(slope, 1.0)


def _covered(distance: _Floats, slope: _Floats | float, radius: float, hardness: float) -> Cover:
    # The edge is at least a pixel wide and centred on the radius, so that hard brushes are smooth.
    outer = radius + 0.5 * hardness * slope
    width = np.maximum(outer - radius * hardness, slope)
    part = np.clip((outer - distance) / width, 0.0, 1.0)
    cover: Cover = (part * part * (3.0 - 2.0 * part) * FULL + 0.5).astype(np.uint16)
    return cover


def _rounded_size(size: float) -> float:
    """Sizes that differ by less than the eye can see are the same."""
    step = 2.0 ** max(-2, math.floor(math.log2(size)) - 6)
    return max(_LEAST_SIZE, round(size / step) * step)
