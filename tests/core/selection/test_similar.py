from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.selection import ReadPixels, alike, colour_range, flooded
from tests.helpers.masks import CANVAS, values


def reader(pixels: Pixels) -> ReadPixels:
    """Reads a picture that covers the canvas."""

    def read(part: Bounds) -> Pixels:
        assert CANVAS.contains(part)
        inside = part.relative_to(CANVAS.origin)
        return pixels[inside.y : inside.bottom, inside.x : inside.right]

    return read


def blotches(seed: int) -> Pixels:
    """Opaque blotches of three greys."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 3, (CANVAS.height // 6 + 1, CANVAS.width // 6 + 1)) * 60
    grey = np.kron(coarse, np.ones((6, 6)))[: CANVAS.height, : CANVAS.width].astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


@settings(max_examples=25)
@given(st.integers(0, 30), st.integers(0, 419), st.integers(0, 339), st.sampled_from([0, 59, 60]))
def test_a_flood_finds_what_opencv_finds(seed: int, x: int, y: int, tolerance: int) -> None:
    pixels = blotches(seed)
    result = flooded(reader(pixels), Point(x + CANVAS.x, y + CANVAS.y), CANVAS, tolerance)
    expected = np.zeros((CANVAS.height + 2, CANVAS.width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    bgr = np.ascontiguousarray(pixels[..., :3])
    cv2.floodFill(bgr, expected, (x, y), 0, (tolerance,) * 3, (tolerance,) * 3, flags)
    assert (values(result) == expected[1:-1, 1:-1]).all()


def test_a_flood_reads_only_what_it_reaches() -> None:
    pixels = np.zeros((CANVAS.height, CANVAS.width, 4), np.uint8)
    pixels[100:, :] = 255
    read_parts: list[Bounds] = []
    read = reader(pixels)

    def counted(part: Bounds) -> Pixels:
        read_parts.append(part)
        return read(part)

    flooded(counted, Point(-20, -20), CANVAS, 10)
    assert max(part.bottom for part in read_parts) <= 256


@pytest.mark.parametrize("find", [alike, flooded, colour_range])
def test_beyond_the_canvas_there_is_nothing_to_find(find: object) -> None:
    read = reader(blotches(0))
    assert find(read, Point(CANVAS.right, 0), CANVAS, 30).is_empty  # type: ignore[operator]


def test_what_is_alike_is_found_wherever_it_is() -> None:
    pixels = blotches(3)
    result = alike(reader(pixels), Point(0, 0), CANVAS, 59)
    colour = pixels[-CANVAS.y, -CANVAS.x, 0].astype(int)
    assert (values(result) == np.where(pixels[..., 0] == colour, 255, 0)).all()


def test_a_colour_range_fades_with_the_difference() -> None:
    ramp = np.zeros((CANVAS.height, CANVAS.width, 4), np.uint8)
    ramp[..., 0] = np.minimum(np.arange(CANVAS.width), 255)
    ramp[..., 3] = 255
    row = values(colour_range(reader(ramp), CANVAS.origin, CANVAS, 100))[0].astype(int)
    assert (row[:50] == 255).all()
    assert 0 < row[75] < 255
    assert not row[101:].any()
    assert (np.diff(row) <= 0).all()


def test_what_is_transparent_is_like_what_is_transparent() -> None:
    pixels = blotches(1)
    pixels[:50] = 0
    result = flooded(reader(pixels), CANVAS.origin, CANVAS, 20)
    assert result.used_bounds() == Bounds(CANVAS.x, CANVAS.y, CANVAS.width, 50)
