"""The embedding space that text, pictures and the decoder share.

It is laid out before anything is trained: a scene's attributes, one after another, turned by a
random orthonormal matrix into :data:`WIDTH` numbers. Both CLIP towers, the prior and the decoder
can then be trained at the same time, each against the same fixed target.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from studio.training.world.palette import Colour, Shade
from studio.training.world.sampling import random_scene
from studio.training.world.scene import (
    SIDE,
    VARIANTS,
    Column,
    Kind,
    Row,
    Scene,
    Setting,
    Size,
    Thing,
)

Floats = NDArray[np.float32]

WIDTH = 192
"""Numbers in an embedding."""

SLOTS = 2
"""Most things in a scene; each has a slot of attributes, in reading order."""

_KINDS, _COLOURS = tuple(Kind), tuple(Colour)
_SIZES, _COLUMNS, _ROWS = tuple(Size), tuple(Column), tuple(Row)
_SETTINGS = tuple(setting for setting in Setting if setting is not Setting.PLAIN)
_LIGHTNESS = {Shade.DARK: -1.0, Shade.PLAIN: 0.0, Shade.LIGHT: 1.0}


def _slot_layout() -> dict[str, int]:
    return {
        "present": 1,
        "kind": len(_KINDS),
        "colour": len(_COLOURS),
        "lightness": 1,
        "variant": VARIANTS,
        "size": len(_SIZES),
        "column": len(_COLUMNS),
        "row": len(_ROWS),
        "geometry": 3,
    }


# How strongly each group counts in the space, so that what a thing is outweighs where it stands.
_WEIGHTS = {
    "present": 0.5,
    "kind": 1.0,
    "colour": 1.0,
    "lightness": 0.4,
    "variant": 0.4,
    "size": 0.5,
    "column": 0.5,
    "row": 0.5,
    "geometry": 0.5,
    "backdrop": 1.0,
}


def layout() -> dict[str, slice]:
    """Where each attribute group lies in the attribute vector: ``kind0``, ``colour1``, …"""
    groups: dict[str, slice] = {}
    start = 0
    for slot in range(SLOTS):
        for name, width in _slot_layout().items():
            groups[f"{name}{slot}"] = slice(start, start + width)
            start += width
    groups["backdrop"] = slice(start, start + len(_COLOURS) + len(_SETTINGS))
    return groups


GROUPS = layout()
ATTRIBUTES = GROUPS["backdrop"].stop
"""Length of an attribute vector."""

ONE_HOT = tuple(
    [f"{name}{slot}" for slot in range(SLOTS) for name in ("kind", "colour")] + ["backdrop"]
)
"""The groups that name what is shown, for labels and losses."""


def attributes(scene: Scene) -> Floats:
    """The scene as a vector of :data:`ATTRIBUTES` numbers: one-hot groups and geometry."""
    vector = np.zeros(ATTRIBUTES, dtype=np.float32)
    for slot, thing in enumerate(scene.things):
        _fill_slot(vector, slot, thing)
    backdrop = vector[GROUPS["backdrop"]]
    if scene.backdrop.colour is not None:
        backdrop[_COLOURS.index(scene.backdrop.colour)] = 1
    else:
        backdrop[len(_COLOURS) + _SETTINGS.index(scene.backdrop.setting)] = 1
    return vector


def _fill_slot(vector: Floats, slot: int, thing: Thing) -> None:
    def group(name: str) -> Floats:
        return vector[GROUPS[f"{name}{slot}"]]

    group("present")[0] = 1
    group("kind")[_KINDS.index(thing.kind)] = 1
    group("colour")[_COLOURS.index(thing.colour)] = 1
    group("lightness")[0] = _LIGHTNESS[thing.shade]
    group("variant")[thing.variant] = 1
    group("size")[_SIZES.index(thing.size)] = 1
    group("column")[_COLUMNS.index(thing.column)] = 1
    group("row")[_ROWS.index(thing.row)] = 1
    half = SIDE / 2
    group("geometry")[:] = (
        (thing.radius - 28) / 10,
        2 * (thing.x - half) / half,
        2 * (thing.y - half) / half,
    )


def _weights() -> Floats:
    weights = np.empty(ATTRIBUTES, dtype=np.float32)
    for name, where in GROUPS.items():
        weights[where] = _WEIGHTS[name.rstrip("01")]
    return weights


@cache
def _frame() -> tuple[Floats, Floats]:
    """The weighted attributes' mean, and the matrix that turns and scales them to unit variance."""
    rng = np.random.default_rng(22)
    sample = np.stack([attributes(random_scene(rng)) for _ in range(4000)]) * _weights()
    mean = sample.mean(axis=0)
    turn = np.linalg.qr(rng.standard_normal((WIDTH, WIDTH)))[0][:ATTRIBUTES]
    scale = np.sqrt(WIDTH / sample.var(axis=0).sum())
    return mean.astype(np.float32), (turn * scale).astype(np.float32)


def embed(vectors: Floats) -> Floats:
    """Embeddings, shape ``(n, WIDTH)``, of attribute vectors, shape ``(n, ATTRIBUTES)``."""
    mean, turn = _frame()
    return ((vectors * _weights() - mean) @ turn).astype(np.float32)


def read(embeddings: Floats) -> Floats:
    """The attributes that an embedding stands for: the inverse of :func:`embed`."""
    mean, turn = _frame()
    squared_scale = float(np.sum(turn[0] ** 2))
    vectors: Floats = (embeddings @ turn.T / squared_scale + mean) / _weights()
    return vectors


def null_embedding() -> Floats:
    """The embedding of nothing at all, shape ``(WIDTH,)``: what guidance moves away from."""
    nothing: Floats = embed(np.zeros((1, ATTRIBUTES), dtype=np.float32))[0]
    return nothing


def embed_scenes(scenes: Sequence[Scene]) -> Floats:
    """Embeddings of whole scenes, shape ``(n, WIDTH)``."""
    return embed(np.stack([attributes(scene) for scene in scenes]))
