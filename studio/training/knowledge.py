"""What the starter knows, in the words of prompts: the list that its model page shows."""

from __future__ import annotations

import re

import numpy as np

from studio.training.world.captions import caption
from studio.training.world.palette import SHADES, Colour
from studio.training.world.sampling import random_scene
from studio.training.world.words import (
    LANDSCAPES,
    NOUNS,
    NUMBERS,
    PLACES,
    SIZE_WORDS,
    STYLE_MEDIA,
    STYLE_TAILS,
    plural,
)

SAMPLE_PROMPTS = (
    "a red boat on the sea",
    "three yellow stars in the night sky",
    "a black cat in a room",
    "a watercolour of a big green tree on a meadow",
    "a white snowman in the snow",
    "a blue bird and a pink flower on a meadow",
    "an orange balloon in the desert",
    "a purple castle on a yellow background, paper cut style",
    "two brown dogs on the grass",
    "a red umbrella on the left on a grey gradient",
    "a white star inside a blue square",
    "a crayon drawing of a red house in the snow",
)
"""Prompts to begin with: one for each thing that it can do."""

RELATIONS = ("next to", "left of", "right of", "above", "below", "inside", "behind", "in front of")
POSITIONS = ("left", "right", "top", "bottom", "middle", "corner")

_LINKS = frozenset(
    word
    for line in (
        "a an and at by in is of on one open out over the there to under with",
        "drawing full illustration image painting picture side sized style thing",
    )
    for word in line.split()
)
_CAPTIONS = 12_000


def vocabulary() -> dict[str, object]:
    """The groups of what it can paint, every word of its captions, and prompts to try."""
    words = _words_of_captions()
    return {
        "kinds": {kind.value: list(nouns) for kind, nouns in NOUNS.items()},
        "colours": [colour.value for colour in Colour],
        "shades": {colour.value: list(shades) for colour, shades in SHADES.items()},
        "sizes": {size.value: list(names) for size, names in SIZE_WORDS.items()},
        "numbers": {names[0]: list(names) for names in NUMBERS.values()},
        "places": list(POSITIONS),
        "relations": list(RELATIONS),
        "settings": {setting.value: list(phrases) for setting, phrases in PLACES.items()},
        "styles": {style.value: list(tails) for style, tails in STYLE_TAILS.items()},
        "words": sorted(words),
        "links": sorted(_LINKS & words),
        "prompts": list(SAMPLE_PROMPTS),
    }


def _words_of_captions() -> set[str]:
    """All words of the tables, and those that captions put between them."""
    rng = np.random.default_rng(13)
    texts = [caption(random_scene(rng), rng) for _ in range(_CAPTIONS)]
    for table in (NOUNS, NUMBERS, SIZE_WORDS, PLACES, LANDSCAPES, STYLE_MEDIA, STYLE_TAILS):
        texts += [phrase for phrases in table.values() for phrase in phrases]
    texts += [plural(noun) for nouns in NOUNS.values() for noun in nouns]
    return {word for text in texts for word in re.findall(r"[^\W_]+", text.lower())}
