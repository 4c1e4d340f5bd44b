from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.picture import Pixels
from studio.core.selection import rectangle
from studio.core.stroke import Stencil
from studio.core.tiles import MaskSurface, TiledSurface
from studio.core.wash import Wash
from tests.helpers.documents import RED, boxes, rgba_noise

CANVAS = Bounds(-40, -30, 400, 350)
NOISE = rgba_noise(CANVAS, 1)
PLACES = st.integers(-300, 300)


class Even:
    """Premultiplied red of one alpha; counts what it was asked for."""

    def __init__(self, alpha: int = 255) -> None:
        self._alpha = alpha
        self.asked: list[Bounds] = []

    def __call__(self, part: Bounds) -> Pixels:
        self.asked.append(part)
        ink = np.zeros((part.height, part.width, 4), np.uint8)
        ink[..., 2] = ink[..., 3] = self._alpha
        return ink


def noisy(dx: int = 0, dy: int = 0) -> TiledSurface:
    surface = TiledSurface()
    surface.translate(dx, dy)
    surface.write(CANVAS, NOISE)
    return surface


@settings(max_examples=25, deadline=None)
@given(boxes(200, 300), PLACES, PLACES)
def test_what_is_shown_is_what_the_change_makes(area: Bounds, dx: int, dy: int) -> None:
    surface, everything = noisy(dx, dy), CANVAS.padded(700)
    wash = Wash(surface.snapshot(), Even(90), Stencil(CANVAS, rectangle(area)))
    shown = wash.read(everything)
    surface.apply(wash.change().after)
    assert np.array_equal(surface.read(everything), shown)
    untouched = np.ones(shown.shape[:2], bool)
    part = area.intersection(CANVAS).relative_to(everything.origin)
    if not part.is_empty:
        untouched[part.y : part.bottom, part.x : part.right] = False
    assert np.array_equal(shown[untouched], noisy().read(everything)[untouched])


def test_ink_covers_what_lies_below() -> None:
    wash = Wash(noisy().snapshot(), Even(), Stencil(Bounds(0, 0, 10, 10)))
    assert (wash.read(Bounds(0, 0, 10, 10)) == (*RED, 255)).all()
    assert np.array_equal(wash.read(Bounds(10, 0, 5, 5)), noisy().read(Bounds(10, 0, 5, 5)))


def test_only_tiles_that_are_looked_at_are_mixed() -> None:
    ink = Even()
    wash = Wash(noisy().snapshot(), ink, Stencil(Bounds(0, 0, 4096, 4096)))
    wash.read(Bounds(1000, 1000, 10, 10))
    assert ink.asked == [Bounds(768, 768, 256, 256)]


def test_clear_ink_and_no_room_change_nothing() -> None:
    below = noisy().snapshot()
    assert Wash(below, Even(0), Stencil(CANVAS)).change().is_nothing
    assert Wash(below, Even(), Stencil(Bounds(0, 0, 0, 0))).change().is_nothing
    empty = TiledSurface().snapshot()
    assert Wash(empty, Even(0), Stencil(CANVAS)).change().is_nothing


def test_atop_it_takes_the_place_of_colour_and_not_of_nothing() -> None:
    surface = TiledSurface()
    surface.write(Bounds(0, 0, 2, 1), np.array([[(0, 0, 255, 255), (0, 0, 255, 100)]], np.uint8))
    wash = Wash(surface.snapshot(), Even(), Stencil(CANVAS), atop=True)
    assert wash.read(Bounds(0, 0, 3, 1))[0].tolist() == [[*RED, 255], [*RED, 100], [0, 0, 0, 0]]


def test_masks_take_the_brightness_of_ink() -> None:
    mask = MaskSurface(fill=255)
    wash = Wash(mask.snapshot(), Even(), Stencil(Bounds(0, 0, 10, 10)))
    assert wash.read(Bounds(9, 9, 2, 2)).tolist() == [[76, 255], [255, 255]]
    mask.apply(wash.change().after)
    assert np.array_equal(mask.read(CANVAS), wash.read(CANVAS))


def test_where_it_may_lie_is_known_beforehand() -> None:
    wash = Wash(TiledSurface().snapshot(), Even(), Stencil(Bounds(5, 5, 10, 10)))
    assert wash.bounds == Bounds(5, 5, 10, 10)
    assert wash.used_bounds() == Bounds(5, 5, 10, 10)
    assert wash.has_tiles_in(Bounds(0, 0, 6, 6))
    assert not wash.has_tiles_in(Bounds(20, 20, 6, 6))
    assert not wash.is_empty
