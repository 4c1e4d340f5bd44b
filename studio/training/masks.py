"""Masks for teaching the decoder to fill in: what an editor's brush, box and frame leave behind.

A mask here is a *keep* map on the latent grid, one number a cell: 1 where the picture stays and 0
where it is to be painted, as the ninth-channel input of Kandinsky's inpaint decoder has it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.training.space import ATTRIBUTES, GROUPS, NAMED_SLOTS, SLOTS, say_where, where
from studio.training.world.scene import SIDE

Keep = NDArray[np.float32]
"""Shape ``(grid, grid)``, 0 or 1."""

Floats = NDArray[np.float32]

WHOLE_SHARE = 0.5
"""Share of masks that cover the whole picture: plain generation, the base decoder's work."""

_FORGET_CONTEXT, _FORGET_PLACE = 0.85, 0.85
_COVER = 4


def random_keep(grid: int, vector: Floats, rng: np.random.Generator) -> Keep:
    """A keep map for a picture whose attributes are ``vector``, often placed over one thing."""
    if rng.random() < WHOLE_SHARE:
        return np.zeros((grid, grid), dtype=np.float32)
    form = rng.choice(4, p=(0.36, 0.4, 0.17, 0.07))
    match form:
        case 0:
            return _brush(grid, _target(grid, vector, rng), rng)
        case 1:
            return _box(grid, _target(grid, vector, rng), rng)
        case 2:
            return _half_plane(grid, rng)
        case _:
            return _border(grid, rng)


def _target(grid: int, vector: Floats, rng: np.random.Generator) -> tuple[float, float, float]:
    """Middle and radius of the area to repaint, in cells: a thing's, or anywhere."""
    shown = _shown(vector)
    if shown and rng.random() < 0.9:
        x, y, radius = _in_cells(grid, vector, int(rng.choice(shown)))
        return x, y, radius + 0.7
    x, y = rng.uniform(2, grid - 2, 2)
    return float(x), float(y), float(rng.uniform(2.5, grid * 0.4))


def _shown(vector: Floats) -> list[int]:
    """The slots that have a thing."""
    return [slot for slot in range(SLOTS) if vector[GROUPS[f"present{slot}"]][0]]


def _in_cells(grid: int, vector: Floats, slot: int) -> tuple[float, float, float]:
    """A thing's middle and radius in cells."""
    x, y, radius = where(vector, slot)
    cell = SIDE / grid
    return float(x) / cell, float(y) / cell, float(radius) / cell


def _brush(grid: int, target: tuple[float, float, float], rng: np.random.Generator) -> Keep:
    """Dabs around the target's middle, as a hand would scrub over it."""
    keep = np.ones((grid * _COVER, grid * _COVER), dtype=np.uint8)
    x, y, radius = target
    for _ in range(int(rng.integers(1, 6))):
        dx, dy = rng.normal(0, radius * 0.3, 2)
        dab = radius * rng.uniform(0.7, 1.1)
        centre = round((x + dx) * _COVER), round((y + dy) * _COVER)
        cv2.circle(keep, centre, max(1, round(dab * _COVER)), 0, -1)
    blocks = keep.reshape(grid, _COVER, grid, _COVER)
    covered: Keep = blocks.min(axis=(1, 3)).astype(np.float32)
    return covered


def _box(grid: int, target: tuple[float, float, float], rng: np.random.Generator) -> Keep:
    x, y, radius = target
    left, right = x - radius * rng.uniform(0.8, 1.5), x + radius * rng.uniform(0.8, 1.5)
    top, bottom = y - radius * rng.uniform(0.8, 1.5), y + radius * rng.uniform(0.8, 1.5)
    keep = np.ones((grid, grid), dtype=np.float32)
    rows = slice(max(0, int(top)), max(1, int(np.ceil(bottom))))
    columns = slice(max(0, int(left)), max(1, int(np.ceil(right))))
    keep[rows, columns] = 0
    return keep


def _half_plane(grid: int, rng: np.random.Generator) -> Keep:
    """One side of the picture is new, as when its frame is dragged out."""
    keep = np.ones((grid, grid), dtype=np.float32)
    keep[: int(rng.integers(grid // 5, grid * 4 // 5 + 1))] = 0
    return np.ascontiguousarray(np.rot90(keep, int(rng.integers(4))))


def _border(grid: int, rng: np.random.Generator) -> Keep:
    """Two or more sides are new."""
    keep = np.zeros((grid, grid), dtype=np.float32)
    left, top, right, bottom = rng.integers(0, grid * 2 // 5, 4)
    keep[top : grid - bottom, left : grid - right] = 1
    return keep


def describe_hole(vector: Floats, keep: Keep, rng: np.random.Generator) -> Floats:
    """The attributes that a person would ask for when repainting part of a picture.

    With a partial mask a prompt names what is to appear in the hole, seldom what stays around it
    or where exactly things stand. So, most of the time: things that stay are dropped, backdrop
    and style are unsaid or wrong, and places are forgotten; the decoder learns to take those
    from the picture itself.
    """
    if not keep.any() or rng.random() >= _FORGET_CONTEXT:
        return vector
    asked = np.zeros(ATTRIBUTES, dtype=np.float32)
    repainted = [slot for slot in _shown(vector) if _is_repainted(vector, keep, slot)]
    for target, source in enumerate(repainted):
        _copy_slot(vector, source, asked, target)
        if rng.random() < _FORGET_PLACE:
            _forget_place(asked, target, rng)
    if len(repainted) == len(_shown(vector)):
        asked[GROUPS["relation"]] = vector[GROUPS["relation"]]
    for groups in (("setting", "sheet"), ("style",)):
        _tell_context(vector, asked, groups, rng)
    return asked


def _is_repainted(vector: Floats, keep: Keep, slot: int) -> bool:
    grid = len(keep)
    x, y, _ = _in_cells(grid, vector, slot)
    return bool(keep[min(grid - 1, int(y)), min(grid - 1, int(x))] == 0)


def _copy_slot(source: Floats, source_slot: int, target: Floats, target_slot: int) -> None:
    """Copies a thing; what it is comes from the first slot where its own does not say."""
    x, y, radius = where(source, source_slot)
    say_where(target, target_slot, float(x), float(y), float(radius))
    if target_slot >= NAMED_SLOTS:
        return
    named = source_slot if source_slot < NAMED_SLOTS else 0
    for name in ("kind", "colour", "lightness", "variant"):
        target[GROUPS[f"{name}{target_slot}"]] = source[GROUPS[f"{name}{named}"]]


def _forget_place(asked: Floats, slot: int, rng: np.random.Generator) -> None:
    """Puts a thing's stated size and place somewhere else, at random."""
    radius, x, y = rng.uniform((20, 22, 22), (50, SIDE - 22, SIDE - 22))
    say_where(asked, slot, float(x), float(y), float(radius))


def _tell_context(
    vector: Floats, asked: Floats, groups: tuple[str, ...], rng: np.random.Generator
) -> None:
    """Says backdrop or style truly, falsely or, seldom, not at all."""
    roll = rng.random()
    if roll < 0.3:
        for name in groups:
            asked[GROUPS[name]] = vector[GROUPS[name]]
    elif roll < 0.9:
        name = groups[int(rng.integers(len(groups)))]
        asked[GROUPS[name]][rng.integers(GROUPS[name].stop - GROUPS[name].start)] = 1
