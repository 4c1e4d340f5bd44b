"""People as stick figures, the way ControlNets that follow poses were taught to read them.

The eighteen points are those of Z. Cao et al., "Realtime multi-person 2D pose estimation using part
affinity fields", 2017: nose, neck, then shoulder, elbow and wrist of the right and the left side,
hip, knee and ankle of either, eyes and ears.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.picture import Pixels

Floats: TypeAlias = NDArray[np.float32]

POINTS: Final = 18

_LIMBS: Final = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7)),
    *((1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
"""From point to point, in the order in which they are drawn and coloured."""

_COCO: Final = (0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
"""Which of COCO's seventeen points each of ours is; the neck is none of them."""

_NECK: Final = 1
_SHOULDERS: Final = (2, 5)

_COLOURS: Final = tuple(
    tuple(round(255 * each) for each in colorsys.hsv_to_rgb(number / POINTS, 1, 1))
    for number in range(POINTS)
)
"""Round the circle of hues."""

_DIMMED: Final = 0.6
"""How bright a limb is beside its points."""

_RADIUS: Final = 4 / 512
"""Half the width of what is drawn, by the shorter side of the picture."""

_CORNERS: Final = 64
"""Of the polygon that an ellipse is drawn as."""


def from_coco(points: Floats, scores: Floats, least: float) -> Floats:
    """A person's eighteen points.

    Args:
        points: where COCO's seventeen lie, ``(17, 2)``, x before y.
        scores: how sure each is, ``(17,)``.
        least: those that are less sure are taken to be out of sight.

    Returns:
        ``(18, 2)``; not a number where a point is out of sight. The neck lies between the
        shoulders.
    """
    seen = np.where(scores[:, None] >= least, points, np.nan).astype(np.float32)
    person = seen[np.maximum(_COCO, 0)]
    person[_NECK] = person[list(_SHOULDERS)].mean(axis=0)
    return person


def drawn(people: Iterable[Floats], height: int, width: int) -> Pixels:
    """People on black.

    Args:
        people: the points of each in pixels, as `from_coco` tells them.
        height, width: of the picture.

    Returns:
        ``(height, width, 3)``.
    """
    canvas = np.zeros((height, width, 3), np.uint8)
    radius = max(1.0, _RADIUS * min(height, width))
    for person in people:
        _draw(canvas, person, radius)
    return canvas


def _draw(canvas: Pixels, person: Floats, radius: float) -> None:
    """Limbs first, so that their points lie over their ends."""
    for (start, end), colour in zip(_LIMBS, _COLOURS, strict=False):
        if np.isfinite(person[[start, end]]).all():
            dimmed = [int(_DIMMED * each) for each in colour]
            corners = _ellipse(person[start], person[end], radius)
            cv2.fillConvexPoly(canvas, corners, dimmed)
    for (x, y), colour in _in_sight(person):
        cv2.circle(canvas, (x, y), round(radius), colour, thickness=-1)


def _in_sight(person: Floats) -> Iterator[tuple[tuple[int, int], tuple[int, ...]]]:
    for point, colour in zip(person, _COLOURS, strict=True):
        if np.isfinite(point).all():
            yield (round(float(point[0])), round(float(point[1]))), colour


def _ellipse(start: Floats, end: Floats, radius: float) -> NDArray[np.int32]:
    """The corners of an ellipse from point to point, ``(n, 2)``."""
    turns = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)[:, None]
    along = (end - start) / 2
    length = float(np.hypot(*along)) or 1.0
    across = np.array((-along[1], along[0])) * radius / length
    corners = (start + end) / 2 + np.cos(turns) * along + np.sin(turns) * across
    return np.asarray(np.rint(corners), np.int32)
