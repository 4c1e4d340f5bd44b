"""The words of the world: how its kinds, sizes, settings and styles are said."""

from __future__ import annotations

from studio.training.world.scene import Kind, Setting, Size, Style

NOUNS: dict[Kind, tuple[str, ...]] = {
    Kind.BALL: ("ball", "circle"),
    Kind.SQUARE: ("square",),
    Kind.TRIANGLE: ("triangle",),
    Kind.STAR: ("star",),
    Kind.HEART: ("heart",),
    Kind.SUN: ("sun",),
    Kind.MOON: ("moon", "crescent moon"),
    Kind.CLOUD: ("cloud",),
    Kind.RAINBOW: ("rainbow",),
    Kind.TREE: ("tree",),
    Kind.PINE: ("pine", "pine tree", "fir", "fir tree"),
    Kind.FLOWER: ("flower",),
    Kind.MUSHROOM: ("mushroom", "toadstool"),
    Kind.LEAF: ("leaf",),
    Kind.HOUSE: ("house", "home", "hut"),
    Kind.CASTLE: ("castle",),
    Kind.TENT: ("tent",),
    Kind.BRIDGE: ("bridge",),
    Kind.BOAT: ("boat", "sailboat", "ship"),
    Kind.CAR: ("car",),
    Kind.TRAIN: ("train", "locomotive"),
    Kind.BALLOON: ("balloon",),
    Kind.ROCKET: ("rocket",),
    Kind.PLANE: ("plane", "airplane", "aeroplane"),
    Kind.BICYCLE: ("bicycle", "bike"),
    Kind.FISH: ("fish",),
    Kind.BIRD: ("bird",),
    Kind.CAT: ("cat", "kitten"),
    Kind.DOG: ("dog", "puppy"),
    Kind.BUTTERFLY: ("butterfly",),
    Kind.SNAIL: ("snail",),
    Kind.SNOWMAN: ("snowman",),
    Kind.PERSON: ("person", "child", "man", "woman"),
    Kind.APPLE: ("apple",),
    Kind.PEAR: ("pear",),
    Kind.CUP: ("cup", "mug"),
    Kind.BOOK: ("book",),
    Kind.UMBRELLA: ("umbrella", "parasol"),
    Kind.HAT: ("hat",),
    Kind.KITE: ("kite",),
    Kind.LAMP: ("lamp",),
    Kind.CHAIR: ("chair",),
    Kind.CLOCK: ("clock", "alarm clock"),
    Kind.KEY: ("key",),
}
"""The words for each kind, the usual one first."""

_PLURALS = {
    "fish": "fish",
    "leaf": "leaves",
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "snowman": "snowmen",
    "butterfly": "butterflies",
    "puppy": "puppies",
}

NUMBERS: dict[int, tuple[str, ...]] = {
    2: ("two", "2", "a pair of"),
    3: ("three", "3"),
    4: ("four", "4"),
}
"""How counts are said, the usual way first."""

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
    Setting.ROOM: ("in a room", "in the room", "indoors", "on the floor"),
}
"""How each setting is said of things in it."""

LANDSCAPES: dict[Setting, tuple[str, ...]] = {
    Setting.SEA: ("the sea", "the ocean", "open water"),
    Setting.MEADOW: ("a meadow", "a green field", "grass"),
    Setting.NIGHT: ("the night sky", "a starry night", "a night full of stars"),
    Setting.DESERT: ("a desert", "the desert", "sand"),
    Setting.SNOW: ("snow", "a winter landscape", "a snowy field"),
    Setting.ROOM: ("a room", "an empty room"),
}
"""How each setting is said when nothing is in it."""

STYLE_MEDIA: dict[Style, tuple[str, ...]] = {
    Style.FLAT: ("flat picture", "flat drawing"),
    Style.OUTLINE: ("comic", "outlined drawing", "ink drawing"),
    Style.PASTEL: ("pastel", "pastel drawing"),
    Style.CRAYON: ("crayon drawing", "crayon picture"),
    Style.WATERCOLOUR: ("watercolour", "watercolor", "watercolour painting"),
    Style.DARK: ("dark picture", "picture in the dark"),
    Style.PAPER: ("paper cut", "paper collage", "cut paper picture"),
}
"""Each style as a thing that a picture is."""

STYLE_TAILS: dict[Style, tuple[str, ...]] = {
    Style.FLAT: ("flat style", "in flat colours"),
    Style.OUTLINE: ("with bold outlines", "comic style", "outlined"),
    Style.PASTEL: ("in pastel", "pastel style", "in soft colours"),
    Style.CRAYON: ("in crayon", "drawn with crayons", "crayon style"),
    Style.WATERCOLOUR: ("in watercolour", "in watercolor", "watercolour style"),
    Style.DARK: ("in the dark", "by moonlight", "dark style"),
    Style.PAPER: ("paper cut style", "made of paper", "cut out of paper"),
}
"""Each style as it is added to a description."""


def plural(noun: str) -> str:
    """The plural of a noun of :data:`NOUNS`; of several words the last is inflected."""
    *before, last = noun.split(" ")
    many = _PLURALS.get(last)
    if many is None:
        many = last + ("es" if last.endswith(("s", "sh", "ch", "x")) else "s")
    return " ".join([*before, many])


def article(words: str) -> str:
    """``words`` with "a" or "an" before them."""
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
