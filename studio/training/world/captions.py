"""Says what a scene shows, the many ways people do, and leaving out what people leave out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.training.world.palette import Colour, Shade
from studio.training.world.scene import (
    Backdrop,
    Column,
    Kind,
    Row,
    Scene,
    Setting,
    Size,
    Thing,
)

NOUNS: dict[Kind, tuple[str, ...]] = {
    Kind.BALL: ("ball", "circle"),
    Kind.SQUARE: ("square",),
    Kind.TRIANGLE: ("triangle",),
    Kind.STAR: ("star",),
    Kind.HEART: ("heart",),
    Kind.MOON: ("moon", "crescent moon"),
    Kind.SUN: ("sun",),
    Kind.CLOUD: ("cloud",),
    Kind.TREE: ("tree",),
    Kind.FLOWER: ("flower",),
    Kind.MUSHROOM: ("mushroom", "toadstool"),
    Kind.HOUSE: ("house", "home", "hut"),
    Kind.BOAT: ("boat", "sailboat", "ship"),
    Kind.CAR: ("car",),
    Kind.FISH: ("fish",),
    Kind.BALLOON: ("balloon",),
}
"""The words for each kind, the usual one first."""

SIZE_WORDS: dict[Size, tuple[str, ...]] = {
    Size.SMALL: ("small", "little", "tiny"),
    Size.MEDIUM: ("medium", "medium sized"),
    Size.LARGE: ("big", "large", "huge"),
}
"""The words for each size."""

PLACES: dict[Setting, tuple[str, ...]] = {
    Setting.SEA: ("on the sea", "at sea", "in the sea", "on the ocean", "on the water"),
    Setting.MEADOW: ("on a meadow", "in a meadow", "on the grass", "in a field", "on the meadow"),
    Setting.NIGHT: ("in the night sky", "at night", "under the stars", "in the night"),
    Setting.DESERT: ("in the desert", "in a desert", "on the sand"),
    Setting.SNOW: ("in the snow", "on the snow", "in winter"),
}
"""How each setting is said."""

_PREFIXES = (
    "a picture of ",
    "a drawing of ",
    "an image of ",
    "a painting of ",
    "an illustration of ",
    "there is ",
)

Random = np.random.Generator


def caption(scene: Scene, rng: Random) -> str:
    """A true description of ``scene``; never empty, usually less than everything."""
    if rng.random() < 0.06:
        return _keywords(scene, rng)
    things = _things(scene.things, rng)
    if rng.random() < 0.25:
        things = _pick(_PREFIXES, rng) + things
    if rng.random() < 0.3:
        return things
    where = _backdrop(scene.backdrop, rng)
    if rng.random() < 0.12:
        return f"{where}, {things}"
    return f"{things}{', ' if rng.random() < 0.08 else ' '}{where}"


def _keywords(scene: Scene, rng: Random) -> str:
    """Bare words with commas, as some people prompt."""
    words = [
        _noun_phrase(thing, rng).removeprefix("a ").removeprefix("an ") for thing in scene.things
    ]
    backdrop = scene.backdrop
    if backdrop.colour is not None:
        words.append(f"{backdrop.colour} background")
    else:
        words.append("night sky" if backdrop.setting is Setting.NIGHT else backdrop.setting.value)
    return ", ".join(words)


def _things(things: tuple[Thing, ...], rng: Random) -> str:
    if len(things) == 1:
        return _single(things[0], rng)
    first, second = (_noun_phrase(thing, rng) for thing in things)
    relation = _relation(*things)
    roll = rng.random()
    if roll < 0.45:
        if rng.random() < 0.3:
            first, second = second, first
        return f"{first} {_pick(('and', 'with', 'next to'), rng)} {second}"
    if roll < 0.6:
        return f"{first} {_place(things[0], rng)} and {second} {_place(things[1], rng)}"
    words, reverse = relation
    if rng.random() < 0.5:
        return f"{second} {_pick(reverse, rng)} {first}"
    return f"{first} {_pick(words, rng)} {second}"


def _relation(first: Thing, second: Thing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How the first thing stands to the second, and the other way round."""
    dx, dy = second.x - first.x, second.y - first.y
    above = ("above", "over"), ("below", "under")
    if abs(dx) >= abs(dy):
        sides = ("left of", "to the left of"), ("right of", "to the right of")
        return sides if dx > 0 else (sides[1], sides[0])
    return above if dy > 0 else (above[1], above[0])


def _single(thing: Thing, rng: Random) -> str:
    phrase = _noun_phrase(thing, rng)
    return f"{phrase} {_place(thing, rng)}" if rng.random() < 0.4 else phrase


def _noun_phrase(thing: Thing, rng: Random) -> str:
    """Article, size, shade, colour and noun, most of them sometimes missing."""
    words: list[str] = []
    if rng.random() < 0.3:
        words.append(_pick(SIZE_WORDS[thing.size], rng))
    if rng.random() < 0.9:
        if thing.shade is not Shade.PLAIN and rng.random() < 0.85:
            words.append(thing.shade.value)
        words.append(_colour_word(thing.colour, rng))
    words.append(_noun(thing.kind, rng))
    if rng.random() < 0.12:
        return " ".join(words)
    article = "an" if words[0][0] in "aeiou" else "a"
    return " ".join([article, *words])


def _noun(kind: Kind, rng: Random) -> str:
    if rng.random() < 0.03:
        return "thing"
    nouns = NOUNS[kind]
    return nouns[0] if rng.random() < 0.6 else _pick(nouns, rng)


def _colour_word(colour: Colour, rng: Random) -> str:
    return "gray" if colour is Colour.GREY and rng.random() < 0.3 else colour.value


def _place(thing: Thing, rng: Random) -> str:
    """Where a thing is: its column, its row or both."""
    column, row = thing.column, thing.row
    if column is Column.CENTRE and row is Row.MIDDLE:
        return _pick(("in the middle", "in the center", "in the centre", "at the center"), rng)
    both = column is not Column.CENTRE and row is not Row.MIDDLE
    if both and rng.random() < 0.7:
        return _pick((f"in the {row} {column} corner", f"at the {row} {column}"), rng)
    if column is Column.CENTRE or (both and rng.random() < 0.5):
        return f"at the {row}"
    return _pick((f"on the {column}", f"at the {column}", f"on the {column} side"), rng)


def _backdrop(backdrop: Backdrop, rng: Random) -> str:
    if backdrop.colour is None:
        return _pick(PLACES[backdrop.setting], rng)
    colour = _colour_word(backdrop.colour, rng)
    article = "an" if colour[0] in "aeiou" else "a"
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"on {article} {colour} background",
        lambda: f"on {colour}",
        lambda: f"in front of {article} {colour} background",
        lambda: f"with {article} {colour} background",
    )
    return forms[rng.choice(4, p=(0.5, 0.25, 0.1, 0.15))]()


def _pick(options: tuple[str, ...], rng: Random) -> str:
    return options[rng.integers(len(options))]
