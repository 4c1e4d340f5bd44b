"""Pictures enlarged tile by tile: the end of the cascade, from a model's size to a large one.

DALL·E 2 went from 64 pixels to 256 and 1024 by two diffusion upsamplers (Ramesh et al. 2022). Ours
are plain networks that take one pass and leave nothing to chance, so that the same picture is
enlarged to the same pixels.
"""

from __future__ import annotations

import gc
import logging
import math
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from studio.core.errors import ModelError
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.device.machine import Machine, free_unused, is_out_of_memory
from studio.engine.diffusion.upscalers.loading import load_network
from studio.engine.diffusion.upscalers.network import Network

FACTORS: Final = (4, 2)
"""By how much a model's own upsamplers enlarge; each is a file ``x4.safetensors``, …"""

TILE: Final = 256
"""Side in pixels of the pieces that are enlarged at a time, which bounds the memory needed."""

_LEAST_TILE: Final = 32
_MOST_AROUND: Final = 36
"""Pixels around a tile that are seen with it at most: what is farther hardly counts, though the
largest networks reach for hundreds."""
_ALIGNED: Final = 4
"""Tiles begin at multiples of it, for networks that make pixels channels first."""
_NEARLY: Final = 1.05

_WATCHED: Final = (nn.Conv2d, nn.Linear)
"""Layers before which somebody may stop: a tile takes long where no graphics card computes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watch:
    """Who looks on while a picture is enlarged.

    Attributes:
        check: is called often, and raises to stop.
        told: takes how many tiles are done, and of how many.
    """

    check: Callable[[], None] = lambda: None
    told: Callable[[int, int], None] = lambda done, total: None


class Upscaler:
    """Enlarges pictures by its networks.

    They compute in 32 bits whatever the machine's own precision: they are small, bfloat16 has too
    few bits for a picture's shades, and some run over in half precision.

    Args:
        networks: of different factors.
        machine: on which they run.
        tile: side in pixels of the pieces, `TILE` or less; halved where the memory runs out.
    """

    def __init__(self, networks: Iterable[Network], machine: Machine, tile: int = TILE) -> None:
        self._networks = {
            network.factor: network.to(machine.device, torch.float32).eval() for network in networks
        }
        self._machine = machine
        self._tile = tile
        self._watch = Watch()
        for network in self._networks.values():
            for layer in network.modules():
                if isinstance(layer, _WATCHED):
                    layer.register_forward_pre_hook(lambda *_: self._watch.check())

    @classmethod
    def of_model(cls, folder: Path, machine: Machine) -> Upscaler:
        """A model's own, of which a folder has a file for each of `FACTORS`.

        Raises:
            ModelError: if a file is missing, damaged, or of another make.
        """
        return cls([load_network(folder / f"x{factor}.safetensors") for factor in FACTORS], machine)

    @classmethod
    def of_file(cls, path: Path, machine: Machine) -> Upscaler:
        """One that was imported or installed.

        Raises:
            ModelError: as `studio.engine.diffusion.upscalers.loading.load_network`.
        """
        return cls([load_network(path)], machine)

    @torch.inference_mode()
    def enlarge(self, pixels: Pixels, factor: float, watch: Watch) -> Pixels:
        """The picture at least ``factor`` times as large, in whole steps; unchanged up to 1.

        Args:
            pixels: ``(h, w, 3)``.
            watch: looks on.

        Raises:
            ModelError: if what a network brings is no picture.
            RuntimeError, MemoryError: if there is not enough memory even for small tiles.
        """
        self._watch = watch
        height, width = pixels.shape[:2]
        steps = steps_to(factor, self._networks)
        zooms = [math.prod(steps[:index]) for index in range(len(steps))]
        extents = [Extent(width * zoom, height * zoom) for zoom in zooms]
        for index, step in enumerate(steps):
            counted = _Counted(extents, index, watch)
            pixels = self._in_one_pass(self._networks[step], pixels, counted)
        return pixels

    def _in_one_pass(self, network: Network, pixels: Pixels, counted: _Counted) -> Pixels:
        """In tiles as large as the memory allows, which may be found out on the way."""
        while True:
            try:
                return self._tiled(network, pixels, counted)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or self._tile <= _LEAST_TILE:
                    raise
                traceback.clear_frames(error.__traceback__)
            self._tile //= 2
            _log.warning("out of memory: enlarging in tiles of %d pixels", self._tile)
            gc.collect()
            free_unused(self._machine)

    def _tiled(self, network: Network, pixels: Pixels, counted: _Counted) -> Pixels:
        """Each tile is seen with as much around it as counts, so no border shows."""
        height, width = pixels.shape[:2]
        factor, whole = network.factor, Bounds(0, 0, width, height)
        around = -(-min(network.reach, _MOST_AROUND) // _ALIGNED) * _ALIGNED
        enlarged = np.empty((height * factor, width * factor, 3), np.uint8)
        for done, tile in enumerate(_tiles(whole.extent, self._tile), start=1):
            seen = tile.padded(around).intersection(whole)
            answer = self._run(network, pixels[seen.y : seen.bottom, seen.x : seen.right])
            enlarged[_within(tile, factor)] = answer[_within(tile.relative_to(seen.origin), factor)]
            counted.tell(done, self._tile)
        return enlarged

    def _run(self, network: Network, pixels: Pixels) -> Pixels:
        planes = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]
        small = planes.to(self._machine.device, torch.float32) / 255
        large = network(small)[0]
        if not large.isfinite().all():
            raise ModelError("This upscaler makes no picture of it: choose another one.")
        answer: Pixels = (large.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
        return answer


class _Counted:
    """Counts the tiles of all passes, whatever the size that they have by now.

    Args:
        extents: of the pictures that the passes begin with.
        index: of the pass under way.
        watch: hears how far it is.
    """

    def __init__(self, extents: list[Extent], index: int, watch: Watch) -> None:
        self._extents = extents
        self._index = index
        self._watch = watch

    def tell(self, done: int, side: int) -> None:
        """So many tiles of the pass are done."""
        counts = [len(list(_tiles(extent, side))) for extent in self._extents]
        self._watch.told(sum(counts[: self._index]) + done, sum(counts))


def steps_to(factor: float, factors: Collection[int] = FACTORS) -> list[int]:
    """Which networks enlarge to ``factor`` or beyond, in their order.

    What a model has painted goes through a large one first, which mends it; after that it is
    clean, and is enlarged by the least until it is large enough.

    Args:
        factor: by how much the picture is to grow.
        factors: of the networks that there are.

    >>> steps_to(1.0), steps_to(2), steps_to(3.5), steps_to(8), steps_to(11)
    ([], [2], [4], [4, 2], [4, 2, 2])
    >>> steps_to(2, [4]), steps_to(4, [2])
    ([4], [2, 2])
    """
    if factor <= _NEARLY:
        return []
    enough = [each for each in factors if each * _NEARLY >= factor]
    steps = [min(enough, default=max(factors))]
    while math.prod(steps) * _NEARLY < factor:
        steps.append(min(factors))
    return steps


def _tiles(extent: Extent, side: int) -> Iterator[Bounds]:
    for top in range(0, extent.height, side):
        for left in range(0, extent.width, side):
            width, height = min(side, extent.width - left), min(side, extent.height - top)
            yield Bounds(left, top, width, height)


def _within(tile: Bounds, factor: int) -> tuple[slice, slice]:
    """Where a tile lies in a picture's array, once that is enlarged."""
    rows = slice(tile.y * factor, tile.bottom * factor)
    return rows, slice(tile.x * factor, tile.right * factor)
