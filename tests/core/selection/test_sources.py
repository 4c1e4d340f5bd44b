from __future__ import annotations

import numpy as np
import pytest

from studio.core.geometry import Bounds
from studio.core.selection import from_alpha, from_luminosity, from_mask
from studio.core.tiles import MaskSurface, TiledSurface
from tests.helpers.documents import rgba_noise
from tests.helpers.masks import CANVAS, noise, values

PLACE = Bounds(-60, 20, 300, 200)


@pytest.mark.parametrize("offset", [(0, 0), (31, -17)])
def test_a_layers_alpha_becomes_the_mask_on_the_canvas(offset: tuple[int, int]) -> None:
    surface, pixels = TiledSurface(), rgba_noise(PLACE, 1)
    surface.write(PLACE, pixels)
    surface.translate(*offset)
    mask = from_alpha(surface, CANVAS)
    assert (values(mask) == surface.read(CANVAS)[..., 3]).all()
    assert CANVAS.contains(mask.used_bounds())


def test_what_is_light_is_selected_and_what_is_transparent_is_not() -> None:
    surface = TiledSurface()
    pixels = np.zeros((1, 4, 4), np.uint8)
    pixels[0] = [(255, 255, 255, 255), (0, 0, 0, 255), (255, 255, 255, 0), (0, 255, 0, 255)]
    surface.write(Bounds(0, 0, 4, 1), pixels)
    white, black, clear, green = values(from_luminosity(surface, CANVAS), Bounds(0, 0, 4, 1))[0]
    assert (white, black, clear) == (255, 0, 0)
    assert 100 < green < 200


@pytest.mark.parametrize("fill", [0, 255])
def test_a_layers_mask_counts_where_it_has_no_tile_too(fill: int) -> None:
    surface = MaskSurface(fill)
    surface.write(PLACE, noise(PLACE, 2))
    mask = from_mask(surface, CANVAS)
    assert (values(mask) == surface.read(CANVAS)).all()
    assert CANVAS.contains(mask.used_bounds())
