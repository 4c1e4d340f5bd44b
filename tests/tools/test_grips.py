from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.tools.grips import (
    GRIPS,
    Grip,
    cursor_of,
    dragged,
    grip_at,
    handle,
    handles,
    multiple_near,
    snapped,
)
from studio.tools.overlay import Cursor
from tests.helpers.documents import boxes

WAYS = st.integers(-300, 300)


@given(boxes(600, 300), st.sampled_from(GRIPS), st.floats(0.1, 5))
def test_each_handle_is_where_its_grip_is_found(
    bounds: Bounds, grip: Grip, tolerance: float
) -> None:
    if min(bounds.width, bounds.height) < 3 * tolerance:
        return
    shape = handle(bounds, grip)
    assert grip_at(bounds, shape.x, shape.y, tolerance) == grip


@given(boxes(), st.floats(-700, 700), st.floats(-700, 700), st.floats(0, 20))
def test_away_from_the_edges_there_is_no_grip(
    bounds: Bounds, x: float, y: float, tolerance: float
) -> None:
    columns, rows = (bounds.x, bounds.right), (bounds.y, bounds.bottom)
    near_column = min(abs(x - edge) for edge in columns) <= tolerance
    near_row = min(abs(y - edge) for edge in rows) <= tolerance
    if not near_column and not near_row:
        assert grip_at(bounds, x, y, tolerance) is Grip.NONE


@given(boxes(), st.sampled_from(GRIPS), WAYS, WAYS)
def test_dragging_moves_the_gripped_edges_alone(
    bounds: Bounds, grip: Grip, dx: int, dy: int
) -> None:
    moved = dragged(bounds, grip, dx, dy)
    assert moved.x == bounds.x + (dx if Grip.LEFT in grip else 0)
    assert moved.y == bounds.y + (dy if Grip.TOP in grip else 0)
    assert moved.right == bounds.right + (dx if Grip.RIGHT in grip else 0)
    assert moved.bottom == bounds.bottom + (dy if Grip.BOTTOM in grip else 0)


@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(1, 128))
def test_the_nearest_multiple_is_at_most_half_a_step_away(
    value: int, start: int, step: int
) -> None:
    multiple = multiple_near(value, start, step)
    assert (multiple - start) % step == 0
    assert abs(multiple - value) <= step / 2


def test_snapping_takes_the_nearest_target_in_reach() -> None:
    assert snapped(10, [0, 12, 9], 3) == 9
    assert snapped(10, [0, 20], 3) == 10
    assert snapped(10, [], 3) == 10


def test_all_eight_handles_are_shown_and_one_is_active() -> None:
    shapes = handles(Bounds(0, 0, 10, 20), Grip.RIGHT)
    assert len({(shape.x, shape.y) for shape in shapes}) == 8
    assert [(shape.x, shape.y) for shape in shapes if shape.active] == [(10, 10)]


@pytest.mark.parametrize(
    ("grip", "cursor"),
    [
        (Grip.LEFT, Cursor.SIZE_HORIZONTAL),
        (Grip.BOTTOM, Cursor.SIZE_VERTICAL),
        (Grip.LEFT | Grip.TOP, Cursor.SIZE_FALLING),
        (Grip.LEFT | Grip.BOTTOM, Cursor.SIZE_RISING),
        (Grip.NONE, Cursor.ARROW),
    ],
)
def test_the_pointer_shows_which_way_a_grip_goes(grip: Grip, cursor: Cursor) -> None:
    assert cursor_of(grip) is cursor
