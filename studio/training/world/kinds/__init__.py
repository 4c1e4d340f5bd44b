"""How each kind of thing is drawn, by its name; one module for each family of things."""

from __future__ import annotations

from collections.abc import Callable

from studio.training.world.forms import Part
from studio.training.world.kinds import (
    belongings,
    buildings,
    creatures,
    figures,
    food,
    plants,
    sky,
    vehicles,
)
from studio.training.world.scene import Kind

_DRAWINGS: dict[Kind, Callable[[int], list[Part]]] = {
    Kind.BALL: figures.ball,
    Kind.SQUARE: figures.square,
    Kind.TRIANGLE: figures.triangle,
    Kind.STAR: figures.star,
    Kind.HEART: figures.heart,
    Kind.SUN: sky.sun,
    Kind.MOON: sky.moon,
    Kind.CLOUD: sky.cloud,
    Kind.RAINBOW: sky.rainbow,
    Kind.TREE: plants.tree,
    Kind.PINE: plants.pine,
    Kind.FLOWER: plants.flower,
    Kind.MUSHROOM: plants.mushroom,
    Kind.LEAF: plants.leaf,
    Kind.HOUSE: buildings.house,
    Kind.CASTLE: buildings.castle,
    Kind.TENT: buildings.tent,
    Kind.BRIDGE: buildings.bridge,
    Kind.BOAT: vehicles.boat,
    Kind.CAR: vehicles.car,
    Kind.TRAIN: vehicles.train,
    Kind.BALLOON: vehicles.balloon,
    Kind.ROCKET: vehicles.rocket,
    Kind.PLANE: vehicles.plane,
    Kind.BICYCLE: vehicles.bicycle,
    Kind.FISH: creatures.fish,
    Kind.BIRD: creatures.bird,
    Kind.CAT: creatures.cat,
    Kind.DOG: creatures.dog,
    Kind.BUTTERFLY: creatures.butterfly,
    Kind.SNAIL: creatures.snail,
    Kind.SNOWMAN: creatures.snowman,
    Kind.PERSON: creatures.person,
    Kind.APPLE: food.apple,
    Kind.PEAR: food.pear,
    Kind.CUP: food.cup,
    Kind.BOOK: belongings.book,
    Kind.UMBRELLA: belongings.umbrella,
    Kind.HAT: belongings.hat,
    Kind.KITE: belongings.kite,
    Kind.LAMP: belongings.lamp,
    Kind.CHAIR: belongings.chair,
    Kind.CLOCK: belongings.clock,
    Kind.KEY: belongings.key,
}


def parts_of(kind: Kind, variant: int) -> list[Part]:
    """The parts that ``kind`` is drawn with, back to front; ``variant`` is 0 or 1."""
    return _DRAWINGS[kind](variant)
