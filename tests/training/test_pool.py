"""Pools: drawn once, opened again, and each of one shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.training.pool import Draw, draw_anything, draw_lesson, draw_pool, drawing_in, find_pool
from studio.training.space import ATTRIBUTES, GROUPS
from studio.training.world.formats import Format
from studio.training.world.scene import SIDE


@pytest.mark.parametrize(
    ("draw", "shape"),
    [
        (draw_anything, (SIDE, SIDE, 3)),
        (draw_lesson, (SIDE, SIDE, 3)),
        (drawing_in(Format(160, 96)), (96, 160, 3)),
    ],
)
def test_a_pool_has_a_picture_and_its_attributes_in_every_row(
    draw: Draw, shape: tuple[int, int, int], tmp_path: Path
) -> None:
    pool = draw_pool(tmp_path, 6, draw=draw)
    assert pool.pictures.shape == (6, *shape)
    assert pool.attributes.shape == (6, ATTRIBUTES)
    assert all(picture.std() > 0 for picture in pool.pictures)


def test_a_pool_that_is_drawn_is_opened_and_not_drawn_again(tmp_path: Path) -> None:
    first = draw_pool(tmp_path, 4)
    drawn = (tmp_path / "pictures.npy").stat().st_mtime_ns
    again = draw_pool(tmp_path, 4)
    assert (tmp_path / "pictures.npy").stat().st_mtime_ns == drawn
    assert np.array_equal(first.pictures, again.pictures)


def test_only_a_pool_drawn_to_its_end_is_found(tmp_path: Path) -> None:
    assert find_pool(tmp_path) is None
    drawn = draw_pool(tmp_path, 4)
    found = find_pool(tmp_path)
    assert found is not None and np.array_equal(found.pictures, drawn.pictures)
    (tmp_path / "pool.json").unlink()
    assert find_pool(tmp_path) is None


def test_another_seed_gives_other_pictures(tmp_path: Path) -> None:
    one, other = (draw_pool(tmp_path / str(seed), 4, seed) for seed in (1, 2))
    assert not np.array_equal(one.pictures, other.pictures)


def test_lessons_have_more_pairs(tmp_path: Path) -> None:
    def pairs(draw: Draw) -> float:
        rng = np.random.default_rng(3)
        vectors = np.stack([draw(rng)[1] for _ in range(200)])
        kinds = vectors[:, GROUPS["kind1"]].sum(axis=1)
        first, second = vectors[:, GROUPS["kind0"]], vectors[:, GROUPS["kind1"]]
        return float(((kinds > 0) & (first != second).any(axis=1)).mean())

    assert pairs(draw_lesson) > pairs(draw_anything) + 0.15
