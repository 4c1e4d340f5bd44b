"""Masks for tests, and what is in them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from studio.core.commands.selection import SetMask
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection import mask_from
from studio.core.tiles import Snapshot
from tests.helpers.documents import boxes

CANVAS = Bounds(-40, -30, 420, 340)
"""Over several tiles, on both sides of the origin."""


def values(mask: Snapshot, canvas: Bounds = CANVAS) -> Pixels:
    """What the mask holds on the canvas."""
    return mask.read(canvas)


def noise(place: Bounds, seed: int) -> Pixels:
    """Values of which many are 0 or 255."""
    generator = np.random.default_rng(seed)
    wide = generator.integers(-200, 456, (place.height, place.width))
    return np.clip(wide, 0, 255).astype(np.uint8)


def masks() -> st.SearchStrategy[Snapshot]:
    """Masks of noise, and of whole rectangles, anywhere around the canvas."""
    noisy = st.builds(
        lambda place, seed: mask_from(noise(place, seed), place), boxes(300, 300), st.integers(0, 9)
    )
    full = boxes(300, 600).map(
        lambda place: mask_from(np.full((place.height, place.width), 255, np.uint8), place)
    )
    return st.one_of(noisy, full)


def mask_frame(document: Document, stack: CommandStack) -> None:
    """Masks all of the frame that is on the canvas, as one step."""
    stack.push(SetMask.from_bounds(document.frame.intersection(document.canvas)))
