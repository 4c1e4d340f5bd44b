"""The grounds that paint lies on, made by rule: each a tile that repeats without a seam."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from studio.core.picture import Pixels
from studio.core.tiles import TILE

_Floats = npt.NDArray[np.float32]
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


def _noise(blur: float, seed: int) -> _Floats:
    """Smooth noise that repeats every tile."""
    noise = np.random.default_rng(seed).standard_normal((TILE, TILE)).astype(np.float32)
    room = TILE // 2
    wrapped = cv2.copyMakeBorder(noise, room, room, room, room, cv2.BORDER_WRAP)
    smooth = cv2.GaussianBlur(wrapped, (0, 0), blur)[room:-room, room:-room]
    return np.asarray((smooth - smooth.mean()) / smooth.std(), dtype=np.float32)


def _paper() -> _Floats:
    return _noise(0.9, _SEED) + 0.7 * _noise(2.0, _SEED + 1)


def _chalk() -> _Floats:
    fine, middle, patches = (
        _noise(blur, _SEED + number) for number, blur in ((2, 0.7), (3, 1.8), (4, 6.0))
    )
    return 0.8 * fine + middle + 0.8 * patches


def _canvas() -> _Floats:
    places = np.arange(TILE)
    thread = np.abs(np.sin(places * (2 * np.pi / 8)))
    is_across = np.add.outer(places // 4, places // 4) % 2 == 0
    threads = np.where(is_across, thread, thread[:, None])
    return np.asarray(0.35 * _noise(0.8, _SEED + 5) - threads, dtype=np.float32)


_DEPTHS = {Texture.PAPER: _paper, Texture.CHALK: _chalk, Texture.CANVAS: _canvas}
