"""Stick figures of people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.diffusion.adapters.skeleton import POINTS, Floats, drawn, from_coco

SIDE = 512
COCO = np.arange(34, dtype=np.float32).reshape(17, 2)
NECK, RIGHT_SHOULDER, LEFT_SHOULDER = 1, 2, 5


def person(**points: tuple[float, float]) -> Floats:
    """With these points in sight, named such as ``p3``, and no others."""
    found = np.full((POINTS, 2), np.nan, np.float32)
    for name, point in points.items():
        found[int(name[1:])] = point
    return found


def test_cocos_points_are_told_in_openposes_order_with_a_neck_between_the_shoulders() -> None:
    found = from_coco(COCO, np.ones(17, np.float32), least=0.3)
    nose, left_shoulder, right_shoulder, right_wrist, left_hip, left_ear = 0, 5, 6, 10, 11, 3
    assert (found[0] == COCO[nose]).all()
    assert (found[NECK] == (COCO[left_shoulder] + COCO[right_shoulder]) / 2).all()
    assert (found[RIGHT_SHOULDER] == COCO[right_shoulder]).all()
    assert (found[4] == COCO[right_wrist]).all()
    assert (found[11] == COCO[left_hip]).all()
    assert (found[17] == COCO[left_ear]).all()


def test_without_a_shoulder_there_is_no_neck() -> None:
    scores = np.ones(17, np.float32)
    scores[5] = 0.1
    found = from_coco(COCO, scores, least=0.3)
    assert np.isnan(found[[NECK, LEFT_SHOULDER]]).all()
    assert np.isfinite(np.delete(found, [NECK, LEFT_SHOULDER], axis=0)).all()


@pytest.mark.parametrize(
    ("point", "colour"),
    [
        (0, (255, 0, 0)),
        (1, (255, 85, 0)),
        (2, (255, 170, 0)),
        (3, (255, 255, 0)),
        (4, (170, 255, 0)),
        (5, (85, 255, 0)),
        (6, (0, 255, 0)),
        (12, (0, 0, 255)),
        (17, (255, 0, 85)),
    ],
)
def test_a_point_alone_is_a_disc_of_its_colour(point: int, colour: tuple[int, ...]) -> None:
    canvas = drawn([person(**{f"p{point}": (100, 200)})], SIDE, SIDE)
    assert (canvas[200, 100] == colour).all()
    rows, columns = np.nonzero(canvas.any(axis=2))
    assert [rows.min(), rows.max(), columns.min(), columns.max()] == [196, 204, 96, 104]


@pytest.mark.parametrize(
    ("start", "end", "colour"),
    [
        (1, 2, (153, 0, 0)),
        (1, 5, (153, 51, 0)),
        (2, 3, (153, 102, 0)),
        (1, 8, (0, 153, 0)),
        (1, 0, (0, 0, 153)),
        (15, 17, (153, 0, 102)),
    ],
)
def test_a_limb_is_a_dimmed_ellipse_between_its_points(
    start: int, end: int, colour: tuple[int, ...]
) -> None:
    canvas = drawn([person(**{f"p{start}": (100, 100), f"p{end}": (300, 100)})], SIDE, SIDE)
    assert (canvas[100, 200] == colour).all()
    assert (canvas[96, 200] == colour).all()
    assert not canvas[94, 200].any()
    assert not canvas[100, 310].any()


def test_points_that_no_limb_joins_stay_apart() -> None:
    canvas = drawn([person(p4=(100, 100), p7=(300, 100))], SIDE, SIDE)
    assert canvas[100, 100].any()
    assert canvas[100, 300].any()
    assert not canvas[100, 200].any()


def test_lines_are_as_broad_as_the_picture_is_large() -> None:
    limb = person(p1=(200, 200), p2=(600, 200))
    columns = [drawn([limb], side, 2 * SIDE)[:, 400] for side in (SIDE, 2 * SIDE)]
    assert [int(column.any(axis=1).sum()) for column in columns] == [9, 17]


def test_several_are_drawn_one_over_the_other_and_nobody_is_black() -> None:
    one, other = person(p0=(100, 100)), person(p4=(100, 100), p0=(300, 300))
    canvas = drawn([one, other], SIDE, SIDE)
    assert (canvas[100, 100] == (170, 255, 0)).all()
    assert (canvas[300, 300] == (255, 0, 0)).all()
    assert not drawn([], SIDE, SIDE).any()


@given(st.lists(st.tuples(*[st.floats(-2000, 2000, width=32)] * 2), min_size=18, max_size=18))
def test_points_anywhere_are_drawn_as_far_as_they_are_in_the_picture(
    points: list[tuple[float, float]],
) -> None:
    canvas = drawn([np.array(points, np.float32)], 48, 64)
    assert canvas.shape == (48, 64, 3)
    assert canvas.dtype == np.uint8
