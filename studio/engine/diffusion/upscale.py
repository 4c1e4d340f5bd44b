"""Learned upsamplers: the end of the cascade, from the size that a model paints at to a large one.

DALL·E 2 went from 64 pixels to 256 and 1024 by two diffusion upsamplers (Ramesh et al. 2022). Ours
are plain convolutional networks in the compact form of Real-ESRGAN (Wang et al. 2021), which take
one pass and leave nothing to chance, so that the same picture is enlarged to the same pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.engine.diffusion.machine import Machine

FACTORS: Final = (4, 2)
"""By how much there are upsamplers, the largest first; each is a file ``x4.safetensors``, …"""

TILE: Final = 256
"""Side in pixels of the pieces that are enlarged at a time, which bounds the memory needed."""

_NEARLY: Final = 1.05


class CompactUpsampler(nn.Module):
    """Convolutions at the small size, then a pixel shuffle, added to the enlarged input.

    Tensors are named as in Real-ESRGAN's ``SRVGGNetCompact``, whose files have the same form.

    Args:
        factor: by which it enlarges.
        width: channels of its hidden layers.
        depth: number of hidden convolutions beside the first and the last.
    """

    def __init__(self, factor: int, width: int, depth: int) -> None:
        super().__init__()
        self.factor = factor
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        layers.append(nn.Conv2d(width, 3 * factor**2, 3, padding=1))
        self.body = nn.ModuleList(layers)
        self.shuffle = nn.PixelShuffle(factor)

    @property
    def reach(self) -> int:
        """How many pixels of the input to each side a pixel of the output depends on."""
        return sum(isinstance(layer, nn.Conv2d) for layer in self.body)

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures ``(n, 3, h, w)`` in 0 to 1, enlarged; may reach a little beyond that range."""
        hidden = pictures
        for layer in self.body:
            hidden = layer(hidden)
        enlarged: Tensor = self.shuffle(hidden)
        return enlarged + functional.interpolate(pictures, scale_factor=self.factor)


class Upscaler:
    """Enlarges pictures by its networks, tile by tile.

    Args:
        folder: has one ``.safetensors`` for each of `FACTORS`.
        machine: on which they run.

    Raises:
        ModelError: if a file is missing, damaged, or of another make.
    """

    def __init__(self, folder: Path, machine: Machine) -> None:
        self._machine = machine
        self._networks = {
            factor: _load(folder / f"x{factor}.safetensors", factor)
            .to(machine.device, machine.dtype)
            .eval()
            for factor in FACTORS
        }

    @torch.inference_mode()
    def enlarge(self, pixels: Pixels, factor: float, check: Callable[[], None]) -> Pixels:
        """The picture at least ``factor`` times as large, in whole steps; unchanged up to 1.

        Args:
            pixels: ``(h, w, 3)``.
            check: is called before each tile, and raises to stop.
        """
        for step in steps_to(factor):
            pixels = self._tiled(self._networks[step], pixels, check)
        return pixels

    def _tiled(
        self, network: CompactUpsampler, pixels: Pixels, check: Callable[[], None]
    ) -> Pixels:
        """Each tile is seen with as much around it as it depends on, so no border shows."""
        height, width = pixels.shape[:2]
        factor, reach = network.factor, network.reach
        enlarged = np.empty((height * factor, width * factor, 3), np.uint8)
        for top in range(0, height, TILE):
            for left in range(0, width, TILE):
                check()
                bottom, right = min(top + TILE, height), min(left + TILE, width)
                above, before = max(0, top - reach), max(0, left - reach)
                seen = pixels[above : bottom + reach, before : right + reach]
                answer = self._run(network, seen)
                y, x = (top - above) * factor, (left - before) * factor
                enlarged[top * factor : bottom * factor, left * factor : right * factor] = answer[
                    y : y + (bottom - top) * factor, x : x + (right - left) * factor
                ]
        return enlarged

    def _run(self, network: CompactUpsampler, pixels: Pixels) -> Pixels:
        planes = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None]
        small = planes.to(self._machine.device, self._machine.dtype) / 255
        large = network(small)[0].float().clamp(0, 1)
        answer: Pixels = (large * 255).round().byte().permute(1, 2, 0).cpu().numpy()
        return answer


def steps_to(factor: float) -> list[int]:
    """Which upsamplers enlarge to ``factor`` or beyond, in their order.

    What a model has painted goes through the large one first, which mends it; after that it is
    clean, and is doubled until it is large enough.

    >>> steps_to(1.0), steps_to(2), steps_to(3.5), steps_to(8), steps_to(11)
    ([], [2], [4], [4, 2], [4, 2, 2])
    """
    if factor <= _NEARLY:
        return []
    steps = [2 if factor <= 2 * _NEARLY else 4]
    while math.prod(steps) * _NEARLY < factor:
        steps.append(2)
    return steps


def _load(path: Path, factor: int) -> CompactUpsampler:
    """The network in a file; its width and depth are those of the tensors."""
    try:
        tensors = load_file(path)
        width = tensors["body.0.weight"].shape[0]
        depth = sum(name.endswith("weight") and t.ndim == 4 for name, t in tensors.items()) - 2
        network = CompactUpsampler(factor, width, depth)
        network.load_state_dict(tensors)
    except (OSError, KeyError, IndexError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"The upsampler {path.name} cannot be loaded: install the model again.",
            details=f"{path}: {type(error).__name__}: {error}",
        ) from error
    return network
