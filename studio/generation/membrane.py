"""Smooth surfaces stretched between fixed pixels.

A membrane takes given values on some pixels and is as smooth as can be on all others: it solves
Laplace's equation with those values as its border, as in P. Pérez, M. Gangnet and A. Blake,
"Poisson image editing" (SIGGRAPH 2003). With a finite reach the equation is screened, and the
surface sinks to zero by a factor e over that many pixels.

Solved by relaxation from coarse to fine (cascadic multigrid), so the time is proportional to the
number of pixels.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_PASSES: Final = 12
_COARSEST: Final = 4
_NEIGHBOURS: Final = np.array([[0.5, 1, 0.5], [1, 0, 1], [0.5, 1, 0.5]], np.float32) / 6


def membrane(values: Floats, fixed: Flags, reach: float = math.inf) -> Floats:
    """The surface through ``values`` where ``fixed`` holds.

    The edges of the array do not bind the surface: it meets them level. Where no pixel is fixed
    it is zero.

    Args:
        values: ``(h, w, channels)``; read only where fixed.
        fixed: ``(h, w)``.
        reach: pixels over which the surface sinks by a factor e; infinite for none.

    >>> row = membrane(np.array([[[4], [0], [8]]], np.float32), np.array([[True, False, True]]))
    >>> row.ravel().tolist()
    [4.0, 6.0, 8.0]
    """
    held = np.where(fixed[..., None], values, np.float32(0)).astype(np.float32)
    if not fixed.any():
        return held
    surface = _first_guess(held, fixed, reach)
    return _relax(surface, held, fixed, reach)


def _first_guess(held: Floats, fixed: Flags, reach: float) -> Floats:
    """The same problem at half the resolution, enlarged; where that is too small, the mean."""
    height, width = fixed.shape
    if max(height, width) <= _COARSEST:
        mean = held.sum((0, 1)) / np.count_nonzero(fixed)
        return np.broadcast_to(mean * _sinking(reach), held.shape).astype(np.float32)
    if reach < 1:
        return np.zeros_like(held)
    coarse, weight = _halved(held), _halved(fixed.astype(np.float32)[..., None])
    coarse = np.divide(coarse, weight, out=np.zeros_like(coarse), where=weight > 0)
    surface = membrane(coarse, weight[..., 0] > 0, reach / 2)
    size = (2 * surface.shape[1], 2 * surface.shape[0])
    return _planes(cv2.resize(surface, size, interpolation=cv2.INTER_LINEAR))[:height, :width]


def _relax(surface: Floats, held: Floats, fixed: Flags, reach: float) -> Floats:
    """Lets every free pixel settle between its neighbours, some times over."""
    kernel = _NEIGHBOURS * np.float32(_sinking(reach))
    keep = np.broadcast_to(fixed[..., None], held.shape)
    for _ in range(_PASSES):
        np.copyto(surface, held, where=keep)
        surface = _planes(cv2.filter2D(surface, -1, kernel, borderType=cv2.BORDER_REPLICATE))
    np.copyto(surface, held, where=keep)
    return surface


def _sinking(reach: float) -> float:
    """What is left of the neighbours' mean, so that a straight front falls by e over ``reach``."""
    return 1 / math.cosh(1 / reach) if reach > 0.01 else 0.0


def _halved(pixels: Floats) -> Floats:
    """Means of blocks of 2x2; an odd side is completed by zeros, which have no weight either."""
    height, width = pixels.shape[:2]
    even = cv2.copyMakeBorder(
        pixels, 0, height % 2, 0, width % 2, borderType=cv2.BORDER_CONSTANT, value=0
    )
    size = ((width + 1) // 2, (height + 1) // 2)
    return _planes(cv2.resize(even, size, interpolation=cv2.INTER_AREA))


def _planes(pixels: npt.NDArray[np.generic]) -> Floats:
    """Gives back the channel axis that OpenCV drops from single-channel pictures."""
    return np.asarray(pixels if pixels.ndim == 3 else pixels[..., None], dtype=np.float32)
