"""Latents as a sequence of tokens, the way transformers of rectified flow see them.

A token is a patch of two by two latent cells; its place is told beside it.
"""

from __future__ import annotations

from typing import Final

import torch

PATCH: Final = 2
"""Latent cells along a token's side."""


def packed(latents: torch.Tensor) -> torch.Tensor:
    """Latents ``(n, c, h, w)`` as tokens ``(n, h/2 * w/2, 4c)``, row by row.

    >>> packed(torch.zeros(1, 16, 8, 6)).shape
    torch.Size([1, 12, 64])
    """
    return torch.nn.functional.pixel_unshuffle(latents, PATCH).flatten(2).transpose(1, 2)


def unpacked(tokens: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """The way back from `packed`, to ``rows`` times ``columns`` cells."""
    cells = tokens.transpose(1, 2).reshape(len(tokens), -1, rows // PATCH, columns // PATCH)
    return torch.nn.functional.pixel_shuffle(cells, PATCH)


def places(
    rows: int, columns: int, *, picture: int = 0, top: int = 0, left: int = 0
) -> torch.Tensor:
    """Where each token of a picture lies, ``(rows * columns, 3)``: picture, row, column.

    Args:
        rows, columns: of tokens.
        picture: 0 is the one that is painted.
        top, left: of its first token.
    """
    grid = torch.zeros(rows, columns, 3)
    grid[..., 0] = picture
    grid[..., 1] = torch.arange(top, top + rows)[:, None]
    grid[..., 2] = torch.arange(left, left + columns)[None, :]
    return grid.flatten(0, 1)


def places_of_words(count: int) -> torch.Tensor:
    """Where so many words stand, ``(count, 3)``: on the diagonal, where rows and columns begin."""
    diagonal = torch.arange(count)[:, None].expand(-1, 2)
    return torch.nn.functional.pad(diagonal, (1, 0))
