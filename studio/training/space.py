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
from studio.training.world.sampling import MOST, random_scene
from studio.training.world.scene import (
    SIDE,
    VARIANTS,
    Kind,
    Relation,
    Scene,
    Setting,
    Style,
    Thing,
)

Floats = NDArray[np.float32]

WIDTH = 256
"""Numbers in an embedding."""

SLOTS = MOST
"""Most things in a scene; each has a slot of attributes, in the scene's order."""

NAMED_SLOTS = 2
"""The slots that say what a thing is; things in later slots are like the first one."""

_KINDS, _COLOURS = tuple(Kind), tuple(Colour)
_SETTINGS, _STYLES = tuple(Setting), tuple(Style)
_RELATIONS = (Relation.INSIDE, Relation.BEHIND)
_LIGHTNESS = {Shade.DARK: -1.0, Shade.PLAIN: 0.0, Shade.LIGHT: 1.0}

_ACROSS = np.linspace(-1.6, 1.6, 9)
_RADIUS = np.linspace(-1.2, 2.2, 5)
_PLACE = 2 * len(_ACROSS) + len(_RADIUS)
_OVERLAP = 0.6  # deviation of a place's bumps, in distances between their middles


def _slot_layout(slot: int) -> dict[str, int]:
    groups = {"present": 1, "geometry": 3, "place": _PLACE}
    if slot < NAMED_SLOTS:
        groups |= {
            "kind": len(_KINDS),
            "colour": len(_COLOURS),
            "lightness": 1,
            "variant": VARIANTS,
        }
    return groups


_SCENE_LAYOUT = {
    "setting": len(_SETTINGS),
    "sheet": len(_COLOURS),
    "style": len(_STYLES),
    "relation": len(_RELATIONS),
}

# How strongly each group counts in the space, so that what a thing is outweighs where it stands.
_WEIGHTS = {
    "present": 0.5,
    "kind": 1.0,
    "colour": 1.0,
    "lightness": 0.4,
    "variant": 0.4,
    "geometry": 0.4,
    "place": 0.4,
    "setting": 0.8,
    "sheet": 1.0,
    "style": 0.8,
    "relation": 0.6,
}


def layout() -> dict[str, slice]:
    """Where each attribute group lies in the attribute vector: ``kind0``, ``colour1``, …"""
    widths = {
        f"{name}{slot}": width
        for slot in range(SLOTS)
        for name, width in _slot_layout(slot).items()
    } | _SCENE_LAYOUT
    groups: dict[str, slice] = {}
    start = 0
    for name, width in widths.items():
        groups[name] = slice(start, start + width)
        start += width
    return groups


GROUPS = layout()
ATTRIBUTES = GROUPS["relation"].stop
"""Length of an attribute vector."""

ONE_HOT = tuple(
    [f"{name}{slot}" for slot in range(NAMED_SLOTS) for name in ("kind", "colour")]
    + ["setting", "sheet", "style"]
)
"""The groups that name what is shown, for labels and losses."""


def attributes(scene: Scene) -> Floats:
    """The scene as a vector of :data:`ATTRIBUTES` numbers: one-hot groups and geometry."""
    vector = np.zeros(ATTRIBUTES, dtype=np.float32)
    for slot, thing in enumerate(scene.things):
        if slot < NAMED_SLOTS:
            _say_what(vector, slot, thing)
        say_where(vector, slot, thing.x, thing.y, thing.radius)
    backdrop = scene.backdrop
    vector[GROUPS["setting"]][_SETTINGS.index(backdrop.setting)] = 1
    if backdrop.colour is not None:
        vector[GROUPS["sheet"]][_COLOURS.index(backdrop.colour)] = 1
    vector[GROUPS["style"]][_STYLES.index(scene.style)] = 1
    if scene.relation in _RELATIONS:
        vector[GROUPS["relation"]][_RELATIONS.index(scene.relation)] = 1
    return vector


def _say_what(vector: Floats, slot: int, thing: Thing) -> None:
    vector[GROUPS[f"kind{slot}"]][_KINDS.index(thing.kind)] = 1
    vector[GROUPS[f"colour{slot}"]][_COLOURS.index(thing.colour)] = 1
    vector[GROUPS[f"lightness{slot}"]] = _LIGHTNESS[thing.shade]
    vector[GROUPS[f"variant{slot}"]][thing.variant] = 1


def say_where(vector: Floats, slot: int, x: float, y: float, radius: float) -> None:
    """Puts a thing's middle and radius, in pixels, into its slot, which then counts as present.

    Beside the bare numbers stand bumps over the range of each, of which the nearest are high:
    what a network turns into a place in the picture far sooner than a number.
    """
    half = SIDE / 2
    numbers = ((radius - 28) / 10, 2 * (x - half) / half, 2 * (y - half) / half)
    vector[GROUPS[f"present{slot}"]] = 1
    vector[GROUPS[f"geometry{slot}"]] = numbers
    vector[GROUPS[f"place{slot}"]] = np.concatenate(
        [_bumps(numbers[0], _RADIUS), _bumps(numbers[1], _ACROSS), _bumps(numbers[2], _ACROSS)]
    )


def where(vectors: Floats, slot: int) -> tuple[Floats, Floats, Floats]:
    """Middles' x, y and radii, in pixels, of one slot's things; each of shape ``(n,)``."""
    radius, x, y = vectors[..., GROUPS[f"geometry{slot}"]].T
    half = SIDE / 2
    return x / 2 * half + half, y / 2 * half + half, radius * 10 + 28


def mirrored(vectors: Floats) -> Floats:
    """The attributes, shape ``(n, ATTRIBUTES)``, of scenes with left and right exchanged."""
    turned = vectors.copy()
    for slot in range(SLOTS):
        turned[:, GROUPS[f"geometry{slot}"].start + 1] *= -1
        first = GROUPS[f"place{slot}"].start + len(_RADIUS)
        across = slice(first, first + len(_ACROSS))
        turned[:, across] = vectors[:, across][:, ::-1]
    return turned


def _bumps(number: float, middles: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = _OVERLAP * (middles[1] - middles[0])
    bumps: NDArray[np.float64] = np.exp(-(((number - middles) / deviation) ** 2) / 2)
    return bumps


def _weights() -> Floats:
    weights = np.empty(ATTRIBUTES, dtype=np.float32)
    for name, place in GROUPS.items():
        weights[place] = _WEIGHTS[name.rstrip("0123")]
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


def axes(*names: str) -> Floats:
    """Directions of unit length in which the embedding says these groups, ``(numbers, WIDTH)``."""
    turn = _frame()[1]
    rows = np.concatenate([turn[GROUPS[name]] for name in names])
    directions: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return directions


def null_embedding() -> Floats:
    """The embedding of nothing at all, shape ``(WIDTH,)``: what guidance moves away from."""
    nothing: Floats = embed(np.zeros((1, ATTRIBUTES), dtype=np.float32))[0]
    return nothing


def embed_scenes(scenes: Sequence[Scene]) -> Floats:
    """Embeddings of whole scenes, shape ``(n, WIDTH)``."""
    return embed(np.stack([attributes(scene) for scene in scenes]))
