"""Says what a scene shows, the many ways people do, and leaving out what people leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from studio.training.world.palette import Colour, Shade
from studio.training.world.scene import (
    Backdrop,
    Column,
    Kind,
    Relation,
    Row,
    Scene,
    Setting,
    Style,
    Thing,
)
from studio.training.world.words import (
    LANDSCAPES,
    NOUNS,
    NUMBERS,
    PLACES,
    SIZE_WORDS,
    STYLE_MEDIA,
    STYLE_TAILS,
    article,
    plural,
)

_MEDIA = ("picture", "drawing", "image", "painting", "illustration")

Random = np.random.Generator


def caption(scene: Scene, rng: Random) -> str:
    """A true description of ``scene``; never empty, usually less than everything."""
    if rng.random() < 0.06:
        return _keywords(scene, rng)
    said = rng.random() < (0.75 if scene.style is not Style.FLAT else 0.08)
    if said and rng.random() < 0.55:
        return f"{article(_pick(STYLE_MEDIA[scene.style], rng))} of {_content(scene, rng)}"
    if said:
        comma = ", " if rng.random() < 0.5 else " "
        return f"{_content(scene, rng)}{comma}{_pick(STYLE_TAILS[scene.style], rng)}"
    if rng.random() < 0.2:
        return f"{article(_pick(_MEDIA, rng))} of {_content(scene, rng)}"
    if scene.things and rng.random() < 0.08:
        return f"{backdrop_phrase(scene.backdrop, rng)}, {_things(scene, rng)}"
    return _content(scene, rng)


def _content(scene: Scene, rng: Random) -> str:
    """What is shown and where, without the style."""
    if not scene.things:
        return _empty(scene.backdrop, rng)
    things = _things(scene, rng)
    if rng.random() < 0.28:
        return things
    comma = ", " if rng.random() < 0.08 else " "
    return f"{things}{comma}{backdrop_phrase(scene.backdrop, rng)}"


def _keywords(scene: Scene, rng: Random) -> str:
    """Bare words with commas, as some people prompt."""
    if len(scene.things) > 2 or _are_alike(scene.things):
        words = [_crowd(scene.things, rng)]
    else:
        words = [_bare(_noun_phrase(thing, rng)) for thing in scene.things]
    backdrop = scene.backdrop
    if backdrop.colour is not None:
        form = "background" if backdrop.setting is Setting.PLAIN else "gradient"
        words.append(f"{backdrop.colour} {form}")
    else:
        words.append("night sky" if backdrop.setting is Setting.NIGHT else backdrop.setting.value)
    if scene.style is not Style.FLAT:
        words.append(_pick(STYLE_MEDIA[scene.style], rng))
    return ", ".join(words)


def _bare(phrase: str) -> str:
    return phrase.removeprefix("a ").removeprefix("an ")


def _are_alike(things: Sequence[Thing]) -> bool:
    return len(things) > 1 and len({(thing.kind, thing.colour) for thing in things}) == 1


def _things(scene: Scene, rng: Random) -> str:
    things = scene.things
    if len(things) == 1:
        return _single(things[0], rng)
    if len(things) > 2 or _are_alike(things):
        return _crowd(things, rng)
    first, second = (_noun_phrase(thing, rng) for thing in things)
    match scene.relation:
        case Relation.INSIDE:
            return f"{second} {_pick(('inside', 'in', 'within'), rng)} {_definite(first)}"
        case Relation.BEHIND:
            if rng.random() < 0.5:
                return f"{first} behind {_definite(second)}"
            return f"{second} in front of {_definite(first)}"
        case Relation.APART:
            return _beside(things, first, second, rng)


def _definite(phrase: str) -> str:
    """The phrase with an article, if it came without."""
    return phrase if phrase.startswith(("a ", "an ")) else article(phrase)


def _beside(things: Sequence[Thing], first: str, second: str, rng: Random) -> str:
    """Two things apart: as a list, each with its place, or by how they stand to each other."""
    roll = rng.random()
    if roll < 0.5:
        if rng.random() < 0.3:
            first, second = second, first
        return f"{first} {_pick(('and', 'and', 'with', 'next to'), rng)} {second}"
    if roll < 0.62:
        return f"{first} {place_phrase(things[0], rng)} and {second} {place_phrase(things[1], rng)}"
    words, reverse = _relation(things[0], things[1])
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


def _crowd(things: Sequence[Thing], rng: Random) -> str:
    """Several things alike: a number and a plural."""
    thing = things[0]
    words = [_pick(NUMBERS[len(things)], rng)]
    if rng.random() < 0.9:
        words += _colour_words(thing, rng)
    return " ".join([*words, plural(_noun(thing.kind, rng))])


def _single(thing: Thing, rng: Random) -> str:
    phrase = _noun_phrase(thing, rng)
    if rng.random() < 0.05:
        phrase = "one " + _bare(phrase)
    return f"{phrase} {place_phrase(thing, rng)}" if rng.random() < 0.4 else phrase


def _noun_phrase(thing: Thing, rng: Random) -> str:
    """Article, size, shade, colour and noun, most of them sometimes missing."""
    words: list[str] = []
    if rng.random() < 0.3:
        words.append(_pick(SIZE_WORDS[thing.size], rng))
    if rng.random() < 0.9:
        words += _colour_words(thing, rng)
    words.append(_noun(thing.kind, rng))
    phrase = " ".join(words)
    return phrase if rng.random() < 0.12 else article(phrase)


def _colour_words(thing: Thing, rng: Random) -> list[str]:
    shaded = thing.shade is not Shade.PLAIN and rng.random() < 0.85
    return [*([thing.shade.value] if shaded else []), _colour_word(thing.colour, rng)]


def _noun(kind: Kind, rng: Random) -> str:
    if rng.random() < 0.02:
        return "thing"
    nouns = NOUNS[kind]
    return nouns[0] if rng.random() < 0.6 else _pick(nouns, rng)


def _colour_word(colour: Colour, rng: Random) -> str:
    return "gray" if colour is Colour.GREY and rng.random() < 0.3 else colour.value


def place_phrase(thing: Thing, rng: Random) -> str:
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


def backdrop_phrase(backdrop: Backdrop, rng: Random) -> str:
    """What is behind the things, as it follows on what they are."""
    if backdrop.colour is None:
        return _pick(PLACES[backdrop.setting], rng)
    colour = _colour_word(backdrop.colour, rng)
    if backdrop.setting is Setting.GRADIENT and rng.random() < 0.85:
        return _pick((f"on {article(colour)} gradient", f"on a gradient of {colour}"), rng)
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"on {article(colour)} background",
        lambda: f"on {colour}",
        lambda: f"in front of {article(colour)} background",
        lambda: f"with {article(colour)} background",
    )
    return forms[rng.choice(4, p=(0.5, 0.25, 0.1, 0.15))]()


def _empty(backdrop: Backdrop, rng: Random) -> str:
    """A backdrop that nothing stands in front of."""
    if backdrop.colour is None:
        return _pick(LANDSCAPES[backdrop.setting], rng)
    form = "background" if backdrop.setting is Setting.PLAIN else "gradient"
    return article(f"{_colour_word(backdrop.colour, rng)} {form}")


def _pick(options: tuple[str, ...], rng: Random) -> str:
    return options[rng.integers(len(options))]
