"""The grounds that paint lies on, made by rule: each a tile that repeats without a seam."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import cv2
import numpy as np

from studio.core.picture import Pixels
from studio.core.tiles import TILE

_SEED = 7


class Texture(StrEnum):
    """What the ground is like.

    Attributes:
        NONE: smooth.
        PAPER: fine tooth, as of drawing paper.
        CHALK: coarse and patchy, as of a wall.
        CANVAS: threads, woven.
    """

    NONE = "none"
    PAPER = "paper"
    CHALK = "chalk"
    CANVAS = "canvas"


@lru_cache(maxsize=16)
def hollows(texture: Texture, grain: float) -> Pixels | None:
    """How much the ground takes from the cover of each pixel, ``(TILE, TILE)``.

    It lies on the canvas' own grid, so strokes side by side show one ground. None where nothing is
    taken.
    """
    if texture is Texture.NONE or grain <= 0:
        return None
    depth = _DEPTHS[texture]()
    ranks = depth.ravel().argsort().argsort().reshape(depth.shape)
    taken: Pixels = (ranks * (255 * min(1.0, grain) / ranks.max())).astype(np.uint8)
    taken.setflags(write=False)
    return taken


def _noise(blur: float, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Smooth noise that repeats every tile."""
    noise = np.random.default_rng(seed).standard_normal((TILE, TILE)).astype(np.float32)
    room = TILE // 2
    wrapped = cv2.copyMakeBorder(noise, room, room, room, room, cv2.BORDER_WRAP)
    smooth = cv2.GaussianBlur(wrapped, (0, 0), blur)[room:-room, room:-room]
    return np.asarray((smooth - smooth.mean()) / smooth.std(), dtype=np.float32)


def _paper() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return _noise(0.9, _SEED) + 0.7 * _noise(2.0, _SEED + 1)


def _chalk() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return 0.8 * _noise(0.7, _SEED + 2) + _noise(1.8, _SEED + 3) + 0.8 * _noise(6.0, _SEED + 4)


def _canvas() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    thread = np.sin(np.arange(TILE, dtype=np.float32) * (2 * np.pi / 8))
    woven = np.where(np.add.outer(np.arange(TILE) // 4, np.arange(TILE) // 4) % 2, 1.0, -1.0)
    threads = np.abs(np.where(woven > 0, thread, thread[:, None]))
    return (0.35 * _noise(0.8, _SEED + 5) - threads).astype(np.float32)


_DEPTHS = {Texture.PAPER: _paper, Texture.CHALK: _chalk, Texture.CANVAS: _canvas}
