"""Pictures of unfinished latents, too cheap to slow the painting down.

Each colour is taken as a linear function of a latent cell's channels. The factors are fitted once
for a model, by least squares, over smooth random pictures that its own autoencoder has encoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import torch

from studio.core.picture import Picture
from studio.generation.membrane import Floats
from studio.generation.preparation import to_bytes

_SAMPLES: Final = 16
_SAMPLE_CELLS: Final = 8
_PATCHES: Final = 4
_SHORTEST: Final = 64


class Previewer:
    """Makes previews of one model's latents.

    Args:
        encode: from pictures, ``(n, 3, h, w)`` in -1..1, to latents ``(n, c, h/f, w/f)``. Those of
            damaged weights may be no numbers: the previews then show nothing.
        factor: pixels along a latent cell's side, ``f``.
    """

    def __init__(self, encode: Callable[[torch.Tensor], torch.Tensor], factor: int) -> None:
        pictures = _smooth_pictures(_SAMPLE_CELLS * factor)
        latents = np.nan_to_num(_columns(encode(pictures)), posinf=0, neginf=0)
        colours = _columns(torch.nn.functional.avg_pool2d(pictures, factor))[:, :3]
        self._factors = np.linalg.lstsq(latents, colours, rcond=None)[0]

    def __call__(self, latents: torch.Tensor) -> Picture:
        """The first picture of latents ``(n, c, h, w)``, enlarged to be looked at."""
        height, width = latents.shape[2:]
        colours = (_columns(latents[:1]) @ self._factors).reshape(height, width, 3)
        pixels = to_bytes(np.nan_to_num(colours + 1) * np.float32(127.5))
        zoom = max(1, -(-_SHORTEST // min(height, width)))
        size = (width * zoom, height * zoom)
        return Picture.from_array(np.asarray(cv2.resize(pixels, size), dtype=np.uint8))


def _smooth_pictures(side: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand((_SAMPLES, 3, _PATCHES, _PATCHES), generator=generator) * 2 - 1
    return torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear")


def _columns(planes: torch.Tensor) -> Floats:
    """A row for each cell: its channels and a one."""
    channels = planes.shape[1]
    rows = planes.float().cpu().permute(0, 2, 3, 1).reshape(-1, channels).numpy()
    return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
