"""Pictures to latents and back in tiles that overlap, which bounds the memory needed.

Autoencoders look at the whole picture for their norms, so tiles differ a little in tone; across
each overlap one is faded into the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch

TILE_CELLS: Final = 64
"""Side of a tile in latent cells: 512 pixels with most autoencoders."""

_OVERLAP: Final = 4
"""A tile shares at least this part of its side with the next, as one over."""


def in_tiles(
    convert: Callable[[torch.Tensor], torch.Tensor],
    planes: torch.Tensor,
    side: int,
    grid: int = 1,
) -> torch.Tensor:
    """What a conversion makes of planes, tile by tile.

    Args:
        convert: from ``(n, c, h, w)`` to planes whose height and width are the same multiple or
            fraction of these.
        planes: to be converted at once where they are no larger than a tile.
        side: of a tile, a multiple of ``grid``.
        grid: tiles begin at multiples of it, those of a latent cell where pictures are encoded.
    """
    height, width = planes.shape[2:]
    if max(height, width) <= side:
        return convert(planes)
    total = weights = planes.new_zeros(0)
    for top in _starts(height, side, grid):
        for left in _starts(width, side, grid):
            tile = planes[..., top : top + side, left : left + side]
            done = convert(tile)
            if not total.numel():
                size = _scaled(height, tile, done), _scaled(width, tile, done)
                total, weights = done.new_zeros(*done.shape[:2], *size), done.new_zeros(size)
            window = _window(done)
            rows = slice(_scaled(top, tile, done), _scaled(top, tile, done) + done.shape[2])
            columns = slice(_scaled(left, tile, done), _scaled(left, tile, done) + done.shape[3])
            total[..., rows, columns] += done * window
            weights[rows, columns] += window
    return total / weights


def _scaled(length: int, tile: torch.Tensor, done: torch.Tensor) -> int:
    """A length of the planes in those that were made of them."""
    return length * done.shape[2] // tile.shape[2]


def _starts(length: int, side: int, grid: int) -> list[int]:
    """Where tiles begin so that they cover a length, evenly spread."""
    if length <= side:
        return [0]
    stride = side - side // _OVERLAP
    count = -(-(length - side) // stride) + 1
    last = (length - side) // grid
    starts = [index * last // (count - 1) * grid for index in range(count - 1)]
    return [*starts, length - side]


def _window(done: torch.Tensor) -> torch.Tensor:
    """``(h, w)`` weights that fall towards a tile's borders, where another goes on."""
    ramps = []
    for length in done.shape[2:]:
        reach = max(1, length // _OVERLAP)
        spots = torch.arange(1, length + 1, device=done.device, dtype=torch.float32)
        ramps.append(torch.minimum(spots, length + 1 - spots).clamp(max=reach) / reach)
    return (ramps[0][:, None] * ramps[1]).to(done.dtype)
