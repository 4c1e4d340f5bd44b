"""Requests for larger pictures, which no model paints, and the upscalers that requests name."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from studio.core.geometry import Extent
from studio.core.picture import Picture, Pixels
from studio.engine.desk import Desk
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.remembered import Remembered
from studio.engine.diffusion.upscalers.upscaler import Upscaler, Watch
from studio.engine.protocol import Candidate, Phase
from studio.generation.enlarging import UpscalerInfo
from studio.generation.preparation import opaque
from studio.generation.request import Upscale

_KEPT: Final = 1
_UNITS: Final = 100.0


class Upscalers:
    """Those that are not one model's own affair, of which the one used last stays loaded.

    Args:
        machine: on which they run.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._loaded: Remembered[Path, Upscaler] = Remembered(_KEPT)

    def get(self, upscaler: UpscalerInfo) -> Upscaler:
        """An installed upscaler, loaded where it is not.

        Raises:
            ModelError: if it cannot be loaded.
        """
        path = upscaler.part.path
        load = Upscaler.of_model if path.is_dir() else Upscaler.of_file
        return self._loaded.get(path, lambda: load(path, self._machine))

    def clear(self) -> None:
        """Lets all go."""
        self._loaded.clear()


def enlarge(request: Upscale, source: Picture, upscaler: Upscaler, desk: Desk) -> None:
    """Sends the picture enlarged; how transparent it is, is scaled without a network.

    Raises:
        ModelError: if what the upscaler brings is no picture.
        RuntimeError, MemoryError: if there is not enough memory even for small tiles.
        JobStopped: if the desk says so.
    """
    begun = time.monotonic()
    desk.phase(Phase.ENLARGING)
    factor = max(request.width / source.width, request.height / source.height)
    large = upscaler.enlarge(opaque(source).rgb(), factor, _watch(desk))
    desk.phase(Phase.FINISHING)
    pixels = _sized(large, request.extent)
    if source.mode == "RGBA":
        alpha = _sized(np.ascontiguousarray(source.array()[..., 3]), request.extent)
        pixels = np.dstack([pixels, alpha])
    desk.send(
        Candidate(
            job_id=desk.job_id,
            index=0,
            seed=request.seed,
            picture=Picture.from_array(pixels),
            seconds=time.monotonic() - begun,
        )
    )


def _watch(desk: Desk) -> Watch:
    """Reports tiles, of which there may turn out to be more."""
    desk.plan(_UNITS)
    reached = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal reached
        share = max(reached, done / total)
        desk.step(Phase.ENLARGING, done, total, units=(share - reached) * _UNITS)
        reached = share

    return Watch(desk.check, tell)


def _sized(pixels: Pixels, extent: Extent) -> Pixels:
    """Of just that size, which a network may have gone beyond."""
    height, width = pixels.shape[:2]
    if (width, height) == extent:
        return pixels
    method = cv2.INTER_AREA if extent.area < width * height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, tuple(extent), interpolation=method), dtype=np.uint8)
