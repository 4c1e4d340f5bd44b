"""What the image tower is shown while it learns, and what its errors cost."""

from __future__ import annotations

import numpy as np
import torch

from studio.training.image_tower import Reader, Shelf, mirror_some, misreading, reader_losses
from studio.training.parts import SMOKE_SIZES, build_image_tower
from studio.training.pool import Pool
from studio.training.space import GROUPS, attributes, embed
from studio.training.world.draw import draw_scene
from studio.training.world.sampling import random_scene


def draw(count: int) -> Pool:
    rng = np.random.default_rng(1)
    scenes = [random_scene(rng) for _ in range(count)]
    pictures = np.stack([draw_scene(scene) for scene in scenes])
    return Pool(pictures, np.stack([attributes(scene) for scene in scenes]))


def test_half_of_the_pictures_are_mirrored_together_with_what_they_show() -> None:
    drawn = draw(40)
    pictures, vectors = mirror_some(drawn.pictures, drawn.attributes, np.random.default_rng(2))
    across = GROUPS["geometry0"].start + 1
    sides = vectors[:, across] * drawn.attributes[:, across]
    for row, side in enumerate(sides):
        expected = drawn.pictures[row, :, ::-1] if side < 0 else drawn.pictures[row]
        assert np.array_equal(pictures[row], expected)
    assert 10 < np.count_nonzero(sides < 0) < 30


def test_a_faint_kind_costs_more_than_a_setting_as_faint() -> None:
    vectors = draw(8).attributes
    told = torch.from_numpy(embed(vectors))

    def cost(group: str) -> float:
        faint = vectors.copy()
        faint[:, GROUPS[group]] *= 0.5
        return float(misreading(torch.from_numpy(embed(faint)), told))

    assert float(misreading(told, told)) == 0
    assert cost("kind0") > 3 * cost("setting") > 0


def test_shelves_are_read_by_their_shares_and_left_as_they_are() -> None:
    torch.manual_seed(0)
    reader = Reader(build_image_tower(SMOKE_SIZES))
    read, unread = draw(4), Pool(np.zeros((0, 128, 128, 3), np.uint8), draw(1).attributes[:0])
    before = read.pictures.copy()
    losses = reader_losses(reader, [Shelf(read, 0.5), Shelf(unread, 0)], batch=4)
    for step in range(6):
        losses(np.random.default_rng(step)).backward()  # type: ignore[no-untyped-call]
    assert np.array_equal(read.pictures, before)
    assert all(parameter.grad is not None for parameter in reader.parameters())
