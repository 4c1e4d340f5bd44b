from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.selection import ellipse, polygon
from tests.helpers.documents import boxes
from tests.helpers.masks import CANVAS, values


@settings(max_examples=25)
@given(boxes(200))
def test_a_polygon_along_pixels_edges_is_a_hard_rectangle(box: Bounds) -> None:
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    result = polygon(corners, CANVAS)
    seen = box.intersection(CANVAS)
    assert result.used_bounds() == (seen if not seen.is_empty else result.used_bounds())
    assert values(result).sum(dtype=np.int64) == 255 * seen.area


def test_pixels_that_are_half_enclosed_are_half_selected() -> None:
    half = [(0, 0), (10, 0), (10, 9.5), (0, 9.5)]
    full, partly, none = values(polygon(half, CANVAS), Bounds(4, 8, 1, 3)).ravel().tolist()
    assert (full, none) == (255, 0)
    assert partly in (127, 128)
    hard = values(polygon(half, CANVAS, antialias=False))
    assert set(np.unique(hard)) == {0, 255}


def test_an_outline_that_crosses_itself_encloses_all_of_it() -> None:
    star = [
        (100 + 80 * math.cos(angle), 100 + 80 * math.sin(angle))
        for angle in (4 * math.pi / 5 * step for step in range(5))
    ]
    assert values(polygon(star, CANVAS), Bounds(100, 100, 1, 1))[0, 0] == 255


@settings(max_examples=25)
@given(st.floats(1, 150), st.floats(1, 150), st.floats(-20, 20), st.floats(-20, 20))
def test_an_ellipse_has_the_area_of_one(width: float, height: float, x: float, y: float) -> None:
    canvas = Bounds(-400, -400, 800, 800)
    result = ellipse((x - width, y - height), (x + width, y + height), canvas)
    area = values(result, canvas).sum(dtype=np.int64) / 255
    assert area == pytest.approx(math.pi * width * height, rel=0.02, abs=2.0)


def test_an_ellipse_may_be_drawn_from_any_corner() -> None:
    forth = ellipse((10, 20), (110, 80), CANVAS)
    back = ellipse((110, 80), (10, 20), CANVAS)
    assert (values(forth) == values(back)).all()
    assert forth.used_bounds() == Bounds(10, 20, 100, 60)


def test_what_lies_beyond_the_canvas_is_left_out() -> None:
    result = ellipse((-500, -500), (900, 900), CANVAS)
    assert CANVAS.contains(result.used_bounds())
    assert (values(result) == 255).all()


def test_two_corners_enclose_nothing() -> None:
    assert polygon([(0, 0), (50, 50)], CANVAS).is_empty
