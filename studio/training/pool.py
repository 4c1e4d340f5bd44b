"""The pool of drawn pictures that the picture-reading stages train on.

Pictures are drawn once, ahead of training, and read through a memory map: drawing costs about a
millisecond a picture, a hundred readings of it nothing. Text needs no pool: captions are made
from fresh scenes all the time.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from studio.training.space import ATTRIBUTES, attributes
from studio.training.world.draw import draw_scene
from studio.training.world.sampling import random_scene
from studio.training.world.scene import SIDE

_PICTURES, _ATTRIBUTES, _MARK = "pictures.npy", "attributes.npy", "pool.json"


@dataclass(frozen=True, slots=True)
class Pool:
    """Drawn pictures and what they show, row by row.

    ``pictures`` is uint8 of shape ``(n, SIDE, SIDE, 3)``, RGB; ``attributes`` is float32 of shape
    ``(n, ATTRIBUTES)`` as :func:`studio.training.space.attributes` gives it.
    """

    pictures: NDArray[np.uint8]
    attributes: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.pictures)


def draw_pool(folder: Path, count: int, seed: int = 0) -> Pool:
    """Draws ``count`` random scenes into ``folder``, or opens them where they are already drawn."""
    mark = folder / _MARK
    wanted = {"count": count, "seed": seed, "side": SIDE, "attributes": ATTRIBUTES}
    if not mark.exists() or json.loads(mark.read_text()) != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        _draw(folder, count, seed)
        partial = mark.with_suffix(".part")
        partial.write_text(json.dumps(wanted))
        os.replace(partial, mark)
    return Pool(
        np.load(folder / _PICTURES, mmap_mode="r"),
        np.load(folder / _ATTRIBUTES),
    )


def _draw(folder: Path, count: int, seed: int) -> None:
    pictures = open_memmap(
        folder / _PICTURES, mode="w+", dtype=np.uint8, shape=(count, SIDE, SIDE, 3)
    )
    vectors = np.empty((count, ATTRIBUTES), dtype=np.float32)
    rng = np.random.default_rng(seed)
    for row in range(count):
        scene = random_scene(rng)
        pictures[row] = draw_scene(scene)
        vectors[row] = attributes(scene)
    pictures.flush()
    np.save(folder / _ATTRIBUTES, vectors)
