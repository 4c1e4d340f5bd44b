"""What ControlNets read, made of any picture: its edges, its strokes, its colours from afar.

All take and give ``(h, w, 3)`` uint8 pixels of one size. What only models can see is made by
`studio.engine.diffusion.adapters.estimators`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np

from studio.core.picture import Pixels

_FAINT_EDGE: Final = 100
_SURE_EDGE: Final = 200

_FINE: Final = 0.5
_COARSE: Final = 5.0
_STROKE: Final = 12.0
"""How much darker than its surroundings a stroke is, of 255."""

_AFAR: Final = 4
"""Pixels along the side of what is taken together."""


def canny(pixels: Pixels) -> Pixels:
    """White edges one pixel wide on black (J. Canny, 1986)."""
    return _as_colours(cv2.Canny(_greys(pixels), _FAINT_EDGE, _SURE_EDGE))


def scribble(pixels: Pixels) -> Pixels:
    """Broad white strokes on black, where the picture is darker than what surrounds it.

    They are differences of Gaussians (H. Winnemöller et al., "XDoG", 2012).
    """
    greys = _greys(pixels).astype(np.float32)
    near, far = (cv2.GaussianBlur(greys, (0, 0), sigma) for sigma in (_FINE, _COARSE))
    return _as_colours(np.where(far - near > _STROKE, 255, 0).astype(np.uint8))


def tile(pixels: Pixels) -> Pixels:
    """The picture without its fine detail, which is to be painted anew."""
    height, width = pixels.shape[:2]
    small = (max(1, width // _AFAR), max(1, height // _AFAR))
    shrunk = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def invert(pixels: Pixels) -> Pixels:
    """White lines on black of a drawing of black lines on white."""
    return np.asarray(255 - pixels, np.uint8)


PREPROCESSORS: Final[Mapping[str, Callable[[Pixels], Pixels]]] = {
    "canny": canny,
    "scribble": scribble,
    "tile": tile,
    "invert": invert,
}
"""By the names that requests use."""


def _greys(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _as_colours(greys: cv2.typing.MatLike) -> Pixels:
    return np.repeat(np.asarray(greys, np.uint8)[..., None], 3, axis=2)
