from __future__ import annotations

import sys

import numpy as np
import pytest

from studio.core.blend import BlendMode
from studio.core.geometry import Bounds
from studio.core.raster import blank, image_of, painting, pixels_of
from studio.core.tiles import premultiplied
from tests.helpers.documents import rgba_noise

AREA = Bounds(0, 0, 16, 12)


def test_an_image_is_the_same_memory_as_its_pixels() -> None:
    pixels = blank(8, 4)
    image = image_of(pixels)
    pixels[2, 3] = (10, 20, 30, 255)
    assert image.pixelColor(3, 2).getRgb() == (30, 20, 10, 255)


def test_an_image_keeps_its_pixels_alive() -> None:
    image = image_of(np.full((64, 64, 4), 77, dtype=np.uint8))
    others = [np.zeros((64, 64, 4), dtype=np.uint8) for _ in range(50)]
    assert image.pixel(63, 63) == 0x4D4D4D4D
    assert len(others) == 50


def test_pixels_of_an_image_are_a_copy() -> None:
    pixels = premultiplied(rgba_noise(AREA, 1))
    copy = pixels_of(image_of(pixels))
    assert (copy == pixels).all()
    copy[:] = 0
    assert pixels.any()


@pytest.mark.parametrize("mode", list(BlendMode))
def test_a_layer_on_nothing_looks_as_it_is_in_every_mode(mode: BlendMode) -> None:
    pixels = premultiplied(rgba_noise(AREA, 3))
    target = blank(16, 12)
    with painting(target, AREA) as painter:
        painter.style(mode, 1.0)
        painter.draw(pixels, AREA.origin)
    assert np.abs(target.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("mode", list(BlendMode))
def test_what_is_transparent_changes_nothing_in_any_mode(mode: BlendMode) -> None:
    before = premultiplied(rgba_noise(AREA, 4))
    target = before.copy()
    with painting(target, AREA) as painter:
        painter.style(mode, 1.0)
        painter.draw(blank(16, 12), AREA.origin)
    assert (target == before).all()


def test_nothing_is_painted_outside_the_clip() -> None:
    target = blank(16, 12)
    with painting(target, AREA, clip=Bounds(4, 3, 2, 2)) as painter:
        painter.style(BlendMode.NORMAL, 1.0)
        painter.draw(np.full((12, 16, 4), 255, dtype=np.uint8), AREA.origin)
    assert (target[3:5, 4:6] == 255).all()
    assert target.sum() == 4 * 4 * 255


def test_erasing_takes_away_by_alpha() -> None:
    target = np.full((12, 16, 4), 200, dtype=np.uint8)
    eraser = blank(16, 12)
    eraser[:6] = (0, 0, 0, 255)
    with painting(target, AREA) as painter:
        painter.erase()
        painter.draw(eraser, AREA.origin)
    assert not target[:6].any()
    assert (target[6:] == 200).all()


def test_painting_loses_no_reference_to_none() -> None:
    """Or Python before 3.12 aborts after some thousand calls, as with PySide6 6.12.0."""
    before = sys.getrefcount(None)
    with painting(blank(16, 12), AREA) as painter:
        for _ in range(1000):
            painter.style(BlendMode.NORMAL, 1.0)
    assert sys.getrefcount(None) > before - 500
