from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTransform

from studio.core.geometry import Bounds, Extent
from studio.core.selection import ellipse, rectangle
from studio.core.selection.reducing import ReducedMask
from studio.core.tiles import MaskSurface, Snapshot
from studio.gui.canvas.selection_outline import level_for, look_at, outline, seen_part
from studio.gui.canvas.viewport import Viewport

VIEW = Extent(300, 200)


def seen(mask: Snapshot | MaskSurface, transform: QTransform, zoom: float) -> np.ndarray:
    part = seen_part(mask, transform, VIEW)
    return outline(look_at(ReducedMask(mask), part, level_for(zoom)), transform, VIEW)


@settings(max_examples=30)
@given(st.integers(0, 90), st.integers(0, 90), st.integers(1, 60), st.integers(1, 60))
def test_the_edge_of_a_rectangle_is_its_rim(x: int, y: int, width: int, height: int) -> None:
    box = Bounds(x, y, width, height)
    edge = seen(rectangle(box), QTransform(), 1.0)
    expected = np.zeros((VIEW.height, VIEW.width), np.uint8)
    expected[y : y + height, x : x + width] = 1
    expected[y + 1 : y + height - 1, x + 1 : x + width - 1] = 0
    assert (edge == expected).all()


def test_pixels_are_squares_where_they_are_large() -> None:
    edge = seen(rectangle(Bounds(2, 3, 4, 2)), Viewport(20.0, 5.0, 7.0).transform, 20.0)
    rows, columns = np.nonzero(edge)
    assert (columns.min(), columns.max()) == (5 + 40, 5 + 120 - 1)
    assert (rows.min(), rows.max()) == (7 + 60, 7 + 100 - 1)


def test_what_is_small_is_seen_from_a_halved_mask() -> None:
    mask = ellipse((0, 0), (3000, 2000), Bounds(0, 0, 3000, 2000))
    edge = seen(mask, Viewport(0.1).transform, 0.1)
    rows, columns = np.nonzero(edge)
    assert columns.max() == pytest.approx(299, abs=2)
    assert rows.max() == pytest.approx(199, abs=2)
    assert edge.sum() == pytest.approx(2 * math.pi * 125, rel=0.25)


def test_the_edge_turns_with_the_view() -> None:
    turned = Viewport(1.0, 150.0, 20.0, rotation=45.0).transform
    edge = seen(rectangle(Bounds(0, 0, 80, 80)), turned, 1.0)
    rows, columns = np.nonzero(edge)
    assert rows.max() == pytest.approx(20 + 80 * math.sqrt(2), abs=2)
    assert columns.min() == pytest.approx(150 - 80 / math.sqrt(2), abs=2)


def test_the_border_of_the_view_is_no_edge() -> None:
    mask = rectangle(Bounds(-500, -500, 2000, 2000))
    assert not seen(mask, QTransform(), 1.0).any()


def test_the_edge_runs_where_half_is_selected() -> None:
    mask = MaskSurface()
    mask.write(Bounds(0, 0, 256, 1), np.arange(256, dtype=np.uint8)[None, :])
    assert np.flatnonzero(seen(mask, QTransform(), 1.0)[0]).tolist() == list(range(128, 256))


def test_nothing_is_seen_of_what_lies_elsewhere() -> None:
    assert seen_part(rectangle(Bounds(9000, 9000, 9, 9)), QTransform(), VIEW).is_empty
