"""Which part of a picture each of its things covers, on a grid of cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.training.space import GROUPS, SLOTS, Floats, where
from studio.training.world.scene import SIDE

_MARGIN = 2.0
"""Pixels around a thing that still count as its own: its edge is where its shape is."""


def covered(vectors: Floats, slot: int, grid: int) -> NDArray[np.bool_]:
    """The cells whose middle lies within one slot's thing, shape ``(n, grid, grid)``."""
    x, y, radius = (numbers[:, None, None] for numbers in where(vectors, slot))
    middles = (np.arange(grid) + 0.5) * SIDE / grid
    inside = np.hypot(middles[None, None, :] - x, middles[None, :, None] - y) < radius + _MARGIN
    present = vectors[:, GROUPS[f"present{slot}"]][:, :, None] > 0
    cells: NDArray[np.bool_] = inside & present
    return cells


def covered_by_any(vectors: Floats, grid: int) -> NDArray[np.bool_]:
    """The cells whose middle lies within any thing, shape ``(n, grid, grid)``."""
    cells: NDArray[np.bool_] = np.any(
        [covered(vectors, slot, grid) for slot in range(SLOTS)], axis=0
    )
    return cells
