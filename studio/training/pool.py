"""The pool of drawn pictures that the picture-reading stages train on.

Pictures are drawn once, ahead of training, and read through a memory map: drawing costs about a
millisecond a picture, a hundred readings of it nothing. Text needs no pool: captions are made
from fresh scenes all the time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from studio.training.space import ATTRIBUTES, Floats, attributes
from studio.training.world.draw import draw_scene
from studio.training.world.formats import Format, draw_in, place_in, tell_of
from studio.training.world.sampling import Random, random_lesson, random_scene
from studio.training.world.scene import SIDE
from studio.training.world.styles import Picture

Draw = Callable[[Random], tuple[Picture, Floats]]
"""Draws one picture of a pool, all of one shape, and says what it shows."""

_PICTURES, _ATTRIBUTES, _MARK = "pictures.npy", "attributes.npy", "pool.json"


@dataclass(frozen=True, slots=True)
class Pool:
    """Drawn pictures and what they show, row by row.

    ``pictures`` is uint8 of shape ``(n, height, width, 3)``, RGB; ``attributes`` is float32 of
    shape ``(n, ATTRIBUTES)`` as :func:`studio.training.space.attributes` gives it.
    """

    pictures: NDArray[np.uint8]
    attributes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pictures)


def draw_anything(rng: Random) -> tuple[Picture, Floats]:
    """A square picture of any scene."""
    scene = random_scene(rng)
    return draw_scene(scene), attributes(scene)


def draw_lesson(rng: Random) -> tuple[Picture, Floats]:
    """A square picture, of two different things more often than not."""
    scene = random_lesson(rng)
    return draw_scene(scene), attributes(scene)


def drawing_in(size: Format) -> Draw:
    """Draws pictures of any scene that finds room in this format."""

    def draw(rng: Random) -> tuple[Picture, Floats]:
        while (placed := place_in(size, random_lesson(rng))) is None:
            pass
        return draw_in(size, placed), attributes(tell_of(size, placed))

    return draw


def draw_pool(folder: Path, count: int, seed: int = 0, draw: Draw = draw_anything) -> Pool:
    """Draws ``count`` pictures into ``folder``, or opens them where they are already drawn."""
    mark = folder / _MARK
    wanted = {"count": count, "seed": seed, "side": SIDE, "attributes": ATTRIBUTES}
    if not mark.exists() or json.loads(mark.read_text()) != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        _draw(folder, count, seed, draw)
        partial = mark.with_suffix(".part")
        partial.write_text(json.dumps(wanted))
        os.replace(partial, mark)
    return _open(folder)


def find_pool(folder: Path) -> Pool | None:
    """The pool in a folder; None where none has been drawn to its end."""
    return _open(folder) if (folder / _MARK).exists() else None


def _open(folder: Path) -> Pool:
    return Pool(np.load(folder / _PICTURES, mmap_mode="r"), np.load(folder / _ATTRIBUTES))


def _draw(folder: Path, count: int, seed: int, draw: Draw) -> None:
    rng = np.random.default_rng(seed)
    first, vector = draw(rng)
    shape = (count, *first.shape)
    pictures = open_memmap(folder / _PICTURES, mode="w+", dtype=np.uint8, shape=shape)
    vectors = np.empty((count, ATTRIBUTES), dtype=np.float32)
    pictures[0], vectors[0] = first, vector
    for row in range(1, count):
        pictures[row], vectors[row] = draw(rng)
    pictures.flush()
    np.save(folder / _ATTRIBUTES, vectors)
