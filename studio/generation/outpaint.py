"""How a picture is continued beyond its edges, step by step.

Each step shows the model a context of known pixels beside the new ones. A small extension takes one
step; a large one goes outwards in strips, and along a long side in tiles, each of which sees what
the steps before it have painted. All rectangles are in canvas coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from studio.core.errors import RequestError
from studio.core.geometry import Bounds
from studio.generation.context import EditPlan
from studio.generation.request import MAX_SIDE, MIN_SIDE

_LEAST_SPAN: Final = 512
"""Contexts may be this long even for small models: many tiny steps lose the scene."""

_ONE_STEP: Final = 1.5
_LEAST_KNOWN: Final = 0.25
_TILE_OVERLAP: Final = 0.25


class OutpaintPlan(msgspec.Struct, frozen=True):
    """The steps of an extension, to be run in their order.

    Attributes:
        known: the picture before.
        canvas: the picture afterwards.
        steps: each one's target is new, and together they are all that is new.
    """

    known: Bounds
    canvas: Bounds
    steps: tuple[EditPlan, ...]


def plan_outpaint(known: Bounds, canvas: Bounds, native: int) -> OutpaintPlan:
    """The steps from one canvas to a larger one.

    A step's context is at most twice the model's native side (or 512 pixels, where that is more),
    half as much again where it holds the whole picture; about half of it is known by then, and
    never less than a quarter where the picture is that large.

    Args:
        known: the picture as it is.
        canvas: the picture as it shall be; must hold ``known``.
        native: side of the area that the model was trained on.

    Raises:
        RequestError: if nothing is added, or the new canvas leaves out part of the picture.
    """
    if known.is_empty:
        raise RequestError("There is no picture to extend: open or make one first.")
    if not canvas.contains(known):
        raise RequestError("An extended picture must hold the whole picture: use crop to cut it.")
    if canvas == known:
        raise RequestError("Nothing would be added: extend at least one side.")
    span = min(max(2 * native, _LEAST_SPAN), MAX_SIDE)
    if _fits_one_step(known, canvas, span):
        return OutpaintPlan(known, canvas, (EditPlan(_at_least(canvas), canvas),))
    return OutpaintPlan(known, canvas, tuple(_strips(known, canvas, span)))


def _fits_one_step(known: Bounds, canvas: Bounds, span: int) -> bool:
    """Whether several sides may grow at once, with the whole picture as their context."""
    sides = sum(
        (
            known.x > canvas.x,
            known.y > canvas.y,
            known.right < canvas.right,
            known.bottom < canvas.bottom,
        )
    )
    small = canvas.extent.longest <= min(span * _ONE_STEP, MAX_SIDE)
    return sides > 1 and small and known.area >= _LEAST_KNOWN * canvas.area


def _strips(known: Bounds, canvas: Bounds, span: int) -> Iterator[EditPlan]:
    """Strips to the right and left first, then down and up over the whole new width."""
    for side in ("right", "left", "bottom", "top"):
        while strip := _next_strip(known, canvas, side, span // 2):
            yield from _tiles(known, strip, span)
            known = known.union(strip)


def _next_strip(known: Bounds, canvas: Bounds, side: str, most: int) -> Bounds | None:
    """The new pixels next to one side, divided evenly where they are more than ``most`` deep."""
    missing = {
        "right": canvas.right - known.right,
        "left": known.x - canvas.x,
        "bottom": canvas.bottom - known.bottom,
        "top": known.y - canvas.y,
    }[side]
    if missing == 0:
        return None
    depth = -(-missing // -(-missing // most))
    return {
        "right": Bounds(known.right, known.y, depth, known.height),
        "left": Bounds(known.x - depth, known.y, depth, known.height),
        "bottom": Bounds(known.x, known.bottom, known.width, depth),
        "top": Bounds(known.x, known.y - depth, known.width, depth),
    }[side]


def _tiles(known: Bounds, strip: Bounds, span: int) -> Iterator[EditPlan]:
    """The strip in tiles of at most ``span`` along its side, each with its context."""
    beside = strip.y == known.y and strip.height == known.height
    start, end = (strip.y, strip.bottom) if beside else (strip.x, strip.right)
    done = start
    for first, last in _pieces(start, end, span):
        if beside:
            tile = Bounds.from_edges(strip.x, first, strip.right, last)
            target = Bounds.from_edges(strip.x, done, strip.right, last)
        else:
            tile = Bounds.from_edges(first, strip.y, last, strip.bottom)
            target = Bounds.from_edges(done, strip.y, last, strip.bottom)
        yield EditPlan(_with_overlap(known, tile, beside, span), target)
        done = last


def _pieces(start: int, end: int, span: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``span`` from start to end, evenly placed, overlapping each other."""
    length = end - start
    if length <= span:
        yield start, end
        return
    step = span - round(span * _TILE_OVERLAP)
    count = 1 + -(-(length - span) // step)
    for k in range(count):
        first = start + round(k * (length - span) / (count - 1))
        yield first, first + span


def _with_overlap(known: Bounds, tile: Bounds, beside: bool, span: int) -> Bounds:
    """The tile grown over known pixels: as deep as new, deeper to be square, within ``span``."""
    depth, length = (tile.width, tile.height) if beside else (tile.height, tile.width)
    overlap = min(max(depth, length - depth, MIN_SIDE), span - depth)
    grown = Bounds.from_edges(
        tile.x - (overlap if beside else 0),
        tile.y - (0 if beside else overlap),
        tile.right + (overlap if beside else 0),
        tile.bottom + (0 if beside else overlap),
    )
    return _at_least(grown.intersection(known.union(tile)))


def _at_least(context: Bounds) -> Bounds:
    return Bounds(context.x, context.y, max(MIN_SIDE, context.width), max(MIN_SIDE, context.height))
