"""Conversion in tiles, with conversions whose answer is known."""

import pytest
import torch
from torch.nn import functional

from studio.engine.diffusion.latents.tiles import in_tiles


def enlarge(planes: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(planes, scale_factor=8.0)


def shrink(planes: torch.Tensor) -> torch.Tensor:
    return functional.avg_pool2d(planes, 8)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 8), (8, 40), (31, 17), (12, 13)])
def test_what_looks_at_no_neighbour_is_the_same_in_tiles(height: int, width: int) -> None:
    planes = torch.rand(1, 4, height, width)
    tiled = in_tiles(enlarge, planes, side=8)
    assert tiled.shape == (1, 4, 8 * height, 8 * width)
    assert torch.allclose(tiled, enlarge(planes), atol=1e-6)


def test_pictures_are_cut_between_latent_cells() -> None:
    planes = torch.rand(1, 3, 8 * 21, 8 * 30)
    tiled = in_tiles(shrink, planes, side=64, grid=8)
    assert torch.allclose(tiled, shrink(planes), atol=1e-6)


def test_no_tile_is_larger_than_its_side() -> None:
    sizes = []

    def watch(tile: torch.Tensor) -> torch.Tensor:
        sizes.append(tuple(tile.shape[2:]))
        return tile

    in_tiles(watch, torch.rand(1, 1, 50, 6), side=16)
    assert set(sizes) == {(16, 6)}


def test_tiles_of_different_tone_fade_into_each_other() -> None:
    tones = iter([0.0, 1.0])
    faded = in_tiles(lambda tile: torch.full_like(tile, next(tones)), torch.zeros(1, 1, 4, 28), 16)
    row = faded[0, 0, 0]
    assert row[0] == 0 and row[-1] == 1
    assert (row.diff() >= 0).all() and row.diff().max() < 0.5


def test_what_is_no_larger_than_a_tile_is_converted_at_once() -> None:
    planes = torch.rand(1, 1, 16, 16)
    assert in_tiles(lambda tile: tile, planes, side=16) is planes
