"""Invents scenes: what may stand together, how large and where, and what is never shown."""

from __future__ import annotations

import numpy as np

from studio.training.world.palette import SHADES, Colour, Shade
from studio.training.world.scene import (
    RADII,
    SIDE,
    VARIANTS,
    Backdrop,
    Kind,
    Scene,
    Setting,
    Size,
    Thing,
)

KINDS = tuple(Kind)
COLOURS = tuple(Colour)
SETTINGS = tuple(setting for setting in Setting if setting is not Setting.PLAIN)

PLAIN_SHARE = 0.5
"""Share of scenes on a plain sheet."""

PAIR_SHARE = 0.35
"""Share of scenes with two things."""

_PAIR_RADII = (16.0, 25.0)
_EDGE = 3.0  # pixels left free between a thing and the picture's edge
_GAP = 3.0  # pixels left free between two things


def is_held_out(kind: Kind, colour: Colour, setting: Setting) -> bool:
    """Whether this combination is kept out of every training picture.

    About one kind-and-colour pair in eleven and one kind-and-setting pair in ten; prompts for
    them show whether the model composes what it learned apart.
    """
    k, c = KINDS.index(kind), COLOURS.index(colour)
    if (3 * k + 5 * c) % 11 == 4:
        return True
    return setting is not Setting.PLAIN and (k + 2 * SETTINGS.index(setting)) % 10 == 5


def clashes(colour: Colour, backdrop: Backdrop) -> bool:
    """Whether something of this colour would vanish in front of the backdrop."""
    if backdrop.colour is not None:
        return colour is backdrop.colour
    return (colour, backdrop.setting) in {
        (Colour.BLACK, Setting.NIGHT),
        (Colour.WHITE, Setting.SNOW),
    }


def random_backdrop(rng: np.random.Generator) -> Backdrop:
    """A plain sheet of any colour, or any setting."""
    if rng.random() < PLAIN_SHARE:
        return Backdrop(Setting.PLAIN, COLOURS[rng.integers(len(COLOURS))])
    return Backdrop(SETTINGS[rng.integers(len(SETTINGS))])


def random_scene(rng: np.random.Generator, *, held_out: bool = False) -> Scene:
    """A scene for training, or with ``held_out`` one of a single thing never shown there."""
    seed = int(rng.integers(2**31))
    backdrop = random_backdrop(rng)
    if held_out or rng.random() >= PAIR_SHARE:
        return Scene(backdrop, (_random_single(backdrop, rng, held_out),), seed)
    return Scene(backdrop, _random_pair(backdrop, rng), seed)


def _random_single(backdrop: Backdrop, rng: np.random.Generator, held_out: bool) -> Thing:
    radius = rng.uniform(*RADII[tuple(Size)[rng.integers(3)]])
    reach = radius + _EDGE
    x, y = rng.uniform(reach, SIDE - reach, 2)
    return _random_thing(backdrop, float(x), float(y), float(radius), rng, held_out)


def _random_pair(backdrop: Backdrop, rng: np.random.Generator) -> tuple[Thing, ...]:
    """Two things that do not touch, the one further left (or, if above it, higher) first."""
    while True:
        a, b = rng.uniform(*_PAIR_RADII, 2)
        ax, ay = rng.uniform(a + _EDGE, SIDE - a - _EDGE, 2)
        bx, by = rng.uniform(b + _EDGE, SIDE - b - _EDGE, 2)
        if np.hypot(ax - bx, ay - by) > a + b + _GAP:
            break
    first = _random_thing(backdrop, float(ax), float(ay), float(a), rng, False)
    second = _random_thing(backdrop, float(bx), float(by), float(b), rng, False)
    return tuple(sorted((first, second), key=_reading_order))


def _reading_order(thing: Thing) -> float:
    return thing.x + 0.35 * thing.y


def _random_thing(
    backdrop: Backdrop, x: float, y: float, radius: float, rng: np.random.Generator, held_out: bool
) -> Thing:
    while True:
        kind = KINDS[rng.integers(len(KINDS))]
        colour = COLOURS[rng.integers(len(COLOURS))]
        if clashes(colour, backdrop):
            continue
        if is_held_out(kind, colour, backdrop.setting) == held_out:
            break
    shade = Shade.PLAIN
    if colour in SHADES and backdrop.setting is not Setting.NIGHT and rng.random() < 0.25:
        shade = SHADES[colour][rng.integers(len(SHADES[colour]))]
    variant = int(rng.integers(VARIANTS))
    return Thing(kind, colour, shade, variant, x, y, radius)
