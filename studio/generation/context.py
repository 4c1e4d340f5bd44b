"""Which part of a picture the model is shown for an edit.

The context holds the mask and enough of its surroundings to fit the new part in. It follows the
mask, never the canvas, so an edit costs the same on a large canvas as on a small one.

All rectangles are in canvas coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import msgspec
import numpy as np

from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.core.picture import Picture, Pixels
from studio.generation.request import MAX_SIDE, MIN_SIDE

_PADDING_SHARE: Final = 0.25
"""Surroundings on each side, as a share of the mask's mean side."""

_LEAST_PADDING: Final = 16

_ASPECT: Final = 1.5
"""Contexts are made no longer than this where the canvas has room: models like squares."""

_JOINT_COST: Final = 1.5
"""Islands share a context up to this many times the area of the larger one's own."""

_MOST_ISLANDS: Final = 64

_NO_MASK: Final = "Nothing is masked: paint over what should change first."
_MASK_OUTSIDE: Final = (
    "The mask lies outside the picture: paint over the part of the picture that should change."
)


class EditPlan(msgspec.Struct, frozen=True):
    """Where an edit takes place.

    Attributes:
        context: what the model sees; it may reach beyond the canvas where that is tiny.
        target: what may change, inside the context.
    """

    context: Bounds
    target: Bounds


def plan_inpaint(
    canvas: Bounds, mask_bounds: Bounds, native: int, *, context_hint: Bounds | None = None
) -> EditPlan:
    """The context for repainting a mask in one pass.

    Args:
        canvas: the picture.
        mask_bounds: around the mask; what lies outside the canvas is left out.
        native: side of the area that the model was trained on; the context is no smaller, where
            the canvas has the room.
        context_hint: taken as the context where it holds the mask.

    Raises:
        RequestError: if there is no mask on the canvas, or it is larger than one pass can be.
    """
    target = _masked_part(canvas, mask_bounds)
    if context_hint is not None and context_hint.contains(target):
        return EditPlan(_large_enough(context_hint.intersection(canvas)), target)
    return EditPlan(_context(canvas, target, native), target)


def plan_inpaints(canvas: Bounds, islands: Sequence[Bounds], native: int) -> list[EditPlan]:
    """Contexts for a mask of several islands.

    Islands are repainted together where a joint context is not much larger than their own ones,
    and apart where they are far from each other.

    Args:
        canvas, native: as in `plan_inpaint`.
        islands: around each, such as from `find_islands`.

    Raises:
        RequestError: as `plan_inpaint` does.
    """
    if not islands:
        raise RequestError(_NO_MASK)
    groups: list[Bounds] = []
    for island in (island for island in islands if not island.intersection(canvas).is_empty):
        _join(groups, island.intersection(canvas), canvas, native)
    if not groups:
        raise RequestError(_MASK_OUTSIDE)
    return [plan_inpaint(canvas, group, native) for group in groups]


def find_islands(mask: Picture, spacing: int) -> list[Bounds]:
    """Rectangles around the parts of a mask that are at least about ``spacing`` pixels apart.

    In the mask's own coordinates; empty where nothing is masked. Islands that are too many to be
    worth telling apart are found with a wider spacing.
    """
    pixels = mask.array()
    whole = Bounds(*cv2.boundingRect(pixels))
    if whole.is_empty:
        return []
    part = pixels[whole.y : whole.bottom, whole.x : whole.right]
    while True:
        islands = _islands(part, max(1, spacing))
        if len(islands) <= _MOST_ISLANDS:
            return [island.moved(whole.x, whole.y) for island in islands]
        spacing *= 2


def mask_bounds(mask: Picture) -> Bounds:
    """The rectangle around what is masked at all, in the mask's own coordinates."""
    return Bounds(*cv2.boundingRect(mask.array()))


def _masked_part(canvas: Bounds, mask_bounds: Bounds) -> Bounds:
    if mask_bounds.is_empty:
        raise RequestError(_NO_MASK)
    target = mask_bounds.intersection(canvas)
    if target.is_empty:
        raise RequestError(_MASK_OUTSIDE)
    if target.extent.longest > MAX_SIDE:
        raise RequestError(
            f"The masked area is {target.extent}: mask at most {MAX_SIDE} pixels "
            "in width and height at once."
        )
    return target


def _context(canvas: Bounds, target: Bounds, native: int) -> Bounds:
    """Around the target's middle, padded, not too long, as large as native, inside the canvas."""
    padding = max(_LEAST_PADDING, round((target.width + target.height) / 2 * _PADDING_SHARE))
    padded = target.padded(padding).extent
    least = max(native, round(padded.longest / _ASPECT))
    width = min(max(padded.width, least), canvas.width, MAX_SIDE)
    height = min(max(padded.height, least), canvas.height, MAX_SIDE)
    x = target.x + (target.width - width) // 2
    y = target.y + (target.height - height) // 2
    return _large_enough(Bounds(x, y, width, height).clamped_into(canvas))


def _large_enough(context: Bounds) -> Bounds:
    """At least as large as the smallest request."""
    return Bounds(context.x, context.y, max(MIN_SIDE, context.width), max(MIN_SIDE, context.height))


def _join(groups: list[Bounds], island: Bounds, canvas: Bounds, native: int) -> None:
    """Adds an island to the groups, joining whatever is better repainted together with it."""
    joined = island
    while partner := next((g for g in groups if _belong_together(g, joined, canvas, native)), None):
        groups.remove(partner)
        joined = joined.union(partner)
    groups.append(joined)


def _belong_together(one: Bounds, other: Bounds, canvas: Bounds, native: int) -> bool:
    if not one.intersection(other).is_empty:
        return True
    joint = one.union(other)
    if joint.extent.longest > MAX_SIDE:
        return False
    larger = max(_context(canvas, part, native).area for part in (one, other))
    return _context(canvas, joint, native).area <= larger * _JOINT_COST


def _islands(pixels: Pixels, cell: int) -> list[Bounds]:
    """Rectangles around groups of touching cells that hold something."""
    height, width = pixels.shape
    padded = cv2.copyMakeBorder(
        pixels, 0, -height % cell, 0, -width % cell, borderType=cv2.BORDER_CONSTANT, value=0
    )
    blocks = np.asarray(padded).reshape(-(-height // cell), cell, -(-width // cell), cell)
    cells = (blocks.max(axis=(1, 3)) > 0).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    coarse = [Bounds(*(int(side) * cell for side in row[:4])) for row in stats[1:]]
    return [_tightened(pixels, box) for box in coarse]


def _tightened(pixels: Pixels, box: Bounds) -> Bounds:
    found = cv2.boundingRect(pixels[box.y : box.bottom, box.x : box.right])
    return Bounds(*found).moved(box.x, box.y)
