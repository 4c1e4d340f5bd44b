"""Invents scenes: what may stand together, how large and where, and what is never shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.training.world.palette import SHADES, Colour, Shade
from studio.training.world.scene import (
    COLOURED,
    RADII,
    SIDE,
    VARIANTS,
    Backdrop,
    Kind,
    Relation,
    Scene,
    Setting,
    Size,
    Style,
    Thing,
)

KINDS = tuple(Kind)
COLOURS = tuple(Colour)
SETTINGS = tuple(setting for setting in Setting if setting not in COLOURED)
STYLES = tuple(style for style in Style if style is not Style.FLAT)

PLAIN_SHARE = 0.42
GRADIENT_SHARE = 0.1
"""Shares of scenes on a plain sheet and on a gradient; the others have a setting."""

FLAT_SHARE = 0.5
"""Share of scenes in the plain manner; the other styles share the rest."""

EMPTY_SHARE, SINGLE_SHARE, CROWD_SHARE = 0.04, 0.54, 0.18
"""Shares of scenes with nothing, one thing, several alike; the others have two different things."""

MOST = 4
"""Most things in a scene."""

FRAMES = (Kind.BALL, Kind.SQUARE, Kind.HEART)
"""What something can be inside of."""

PAIR_LESSONS = 0.45
"""Share of pairs that lessons have beyond those among all scenes."""

_INSIDE_SHARE, _BEHIND_SHARE = 0.15, 0.15  # of the scenes with two different things
_PAIR_RADII = (20.0, 29.0)
_CROWD_RADII = {2: (20.0, 29.0), 3: (18.0, 25.0), 4: (17.0, 22.0)}
_EDGE = 3.0  # pixels left free between a thing and the picture's edge
_GAP = 2.0  # pixels left free between two things
_TRIES = 40

Random = np.random.Generator
Spot = tuple[float, float, float]
"""Middle and radius, in pixels."""


def is_held_out(kind: Kind, colour: Colour, setting: Setting) -> bool:
    """Whether this combination is kept out of every training picture.

    About one kind-and-colour pair in eleven and one kind-and-setting pair in ten; prompts for
    them show whether the model composes what it learned apart.
    """
    k, c = KINDS.index(kind), COLOURS.index(colour)
    if (3 * k + 5 * c) % 11 == 4:
        return True
    return setting in SETTINGS and (k + 2 * SETTINGS.index(setting)) % 10 == 5


def is_held_out_pair(first: Kind, second: Kind) -> bool:
    """Whether these two kinds, in whatever order, never stand together in a training picture."""
    a, b = sorted((KINDS.index(first), KINDS.index(second)))
    return (5 * a + 3 * b) % 12 == 7


def clashes(colour: Colour, backdrop: Backdrop) -> bool:
    """Whether something of this colour would vanish in front of the backdrop."""
    if backdrop.colour is not None:
        return colour is backdrop.colour
    return (colour, backdrop.setting) in {
        (Colour.BLACK, Setting.NIGHT),
        (Colour.WHITE, Setting.SNOW),
    }


def random_backdrop(rng: Random) -> Backdrop:
    """A plain sheet or a gradient of any colour, or any setting."""
    roll = rng.random()
    if roll < PLAIN_SHARE + GRADIENT_SHARE:
        setting = Setting.PLAIN if roll < PLAIN_SHARE else Setting.GRADIENT
        return Backdrop(setting, COLOURS[rng.integers(len(COLOURS))])
    return Backdrop(SETTINGS[rng.integers(len(SETTINGS))])


def random_scene(rng: Random) -> Scene:
    """A scene for training: anything but the combinations that are held out."""
    roll = rng.random()
    if roll < EMPTY_SHARE:
        return random_stage(rng)
    if roll < EMPTY_SHARE + SINGLE_SHARE:
        return random_single(rng)
    if roll < EMPTY_SHARE + SINGLE_SHARE + CROWD_SHARE:
        return random_crowd(rng, int(rng.integers(2, MOST + 1)))
    return random_pair(rng)


def random_lesson(rng: Random) -> Scene:
    """A scene for training with two different things more often than not.

    What each of two things is, and which has which colour, is learned last by far.
    """
    return random_pair(rng) if rng.random() < PAIR_LESSONS else random_scene(rng)


def random_stage(rng: Random) -> Scene:
    """A backdrop in some style, with nothing in front of it."""
    style = Style.FLAT
    if rng.random() >= FLAT_SHARE:
        style = STYLES[rng.integers(len(STYLES))]
    return Scene(random_backdrop(rng), (), int(rng.integers(2**31)), style)


def random_single(rng: Random, *, held_out: bool = False) -> Scene:
    """A scene of one thing, with ``held_out`` of a combination that training never shows."""
    stage = random_stage(rng)
    radius = float(rng.uniform(*RADII[tuple(Size)[rng.integers(3)]]))
    spot = (*_anywhere(radius, rng), radius)
    return replace(stage, things=(_random_thing(stage.backdrop, spot, rng, held_out),))


def random_crowd(rng: Random, count: int) -> Scene:
    """A scene of ``count`` things, 2 to :data:`MOST`, alike in kind, colour and about in size."""
    stage = random_stage(rng)
    radius = float(rng.uniform(*_CROWD_RADII[count]))
    spots = _spread([radius * float(rng.uniform(0.93, 1.07)) for _ in range(count)], rng)
    model = _random_thing(stage.backdrop, spots[0], rng)
    return replace(stage, things=tuple(_at(model, spot) for spot in spots))


def random_pair(rng: Random, *, held_out: bool = False) -> Scene:
    """Two different things, apart or one inside or behind the other.

    With ``held_out`` they are of kinds that never stand together in training.
    """
    stage = random_stage(rng)
    roll = rng.random()
    if roll < _INSIDE_SHARE and not held_out:
        relation, spots = Relation.INSIDE, _nested(rng)
    elif roll < _INSIDE_SHARE + _BEHIND_SHARE:
        relation, spots = Relation.BEHIND, _overlapping(rng)
    else:
        relation, spots = Relation.APART, _spread(list(rng.uniform(*_PAIR_RADII, 2)), rng)
    while True:
        first, second = (_random_thing(stage.backdrop, spot, rng) for spot in spots)
        if _may_meet(first, second, relation, held_out):
            return replace(stage, things=(first, second), relation=relation)


def _may_meet(first: Thing, second: Thing, relation: Relation, held_out: bool) -> bool:
    if first.kind is second.kind:
        return False
    if relation is not Relation.APART and first.colour is second.colour:
        return False
    if relation is Relation.INSIDE and first.kind not in FRAMES:
        return False
    return is_held_out_pair(first.kind, second.kind) == held_out


def _anywhere(radius: float, rng: Random) -> tuple[float, float]:
    """A middle that leaves a thing of this radius within the picture."""
    reach = radius + _EDGE
    x, y = rng.uniform(reach, SIDE - reach, 2)
    return float(x), float(y)


def _spread(radii: list[float], rng: Random) -> list[Spot]:
    """Places where things of these radii do not touch, in reading order."""
    while True:
        spots: list[Spot] = []
        for _ in range(_TRIES):
            radius = float(radii[len(spots)])
            x, y = _anywhere(radius, rng)
            if all(np.hypot(x - a, y - b) > radius + r + _GAP for a, b, r in spots):
                spots.append((x, y, radius))
            if len(spots) == len(radii):
                return sorted(spots, key=_reading_order)


def _nested(rng: Random) -> list[Spot]:
    """A large frame and something small in its middle."""
    outer, inner = float(rng.uniform(42, 54)), float(rng.uniform(17, 21))
    x, y = _anywhere(outer, rng)
    dx, dy = rng.uniform(-3, 3, 2)
    return [(x, y, outer), (x + float(dx), y + float(dy), inner)]


def _overlapping(rng: Random) -> list[Spot]:
    """Something at the back and something smaller before a part of it, to one side."""
    while True:
        back, front = float(rng.uniform(28, 38)), float(rng.uniform(20, 26))
        x, y = _anywhere(back, rng)
        angle = rng.uniform(-0.25, 0.6) * np.pi / 2
        side = 1 if rng.random() < 0.5 else -1
        distance = rng.uniform(0.68, 0.8) * (back + front)
        ahead = x + side * distance * np.cos(angle), y + distance * np.sin(angle)
        if all(front + _EDGE <= middle <= SIDE - front - _EDGE for middle in ahead):
            return [(x, y, back), (float(ahead[0]), float(ahead[1]), front)]


def _reading_order(spot: Spot) -> float:
    return spot[0] + 0.35 * spot[1]


def _at(thing: Thing, spot: Spot) -> Thing:
    return replace(thing, x=spot[0], y=spot[1], radius=spot[2])


def _random_thing(backdrop: Backdrop, spot: Spot, rng: Random, held_out: bool = False) -> Thing:
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
    return _at(Thing(kind, colour, shade, int(rng.integers(VARIANTS)), 0, 0, 0), spot)
