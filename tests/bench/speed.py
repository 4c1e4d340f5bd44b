"""What each way to greater speed saves on a processor, and how far it changes pictures.

Run with ``python -m tests.bench.speed``. Each row is measured by turns with the plain model in one
process, on one thread; the ratio is that of processor times. The difference is that of finished
pictures, in levels of 255: the mean and the largest.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import diffusers
import numpy as np
import torch
import transformers

from studio import paths
from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.device import speed
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.families import load_family
from studio.engine.tuning import Tuning
from studio.generation.catalog import ModelInfo, load_catalog
from studio.generation.memory import Rung
from tests.bench.engine import save_large
from tests.helpers.engine_runs import RecordingDesk

_ROUNDS = 5
_STEPS = 12
_PLAIN = Machine(torch.device("cpu"), torch.float32, "CPU")


class Way(NamedTuple):
    """A model, and what is done to it."""

    name: str
    model: ModelInfo
    machine: Machine
    side: int


def main() -> None:
    """Prints the table."""
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    print(f"{_STEPS} steps, one thread, median of {_ROUNDS} pairs\n")
    print(f"{'model':>11} {'way':>20} {'first':>8} {'ratio':>7} {'mean':>6} {'largest':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for way in _ways(Path(folder)):
            _print_way(way)


def _ways(folder: Path) -> Iterator[Way]:
    nowhere = Path(os.devnull)
    save_large(folder)
    large = load_catalog(folder / "models.toml", *[folder / "nowhere"] * 3)
    starter = load_catalog(paths.models_file(), paths.resources(), nowhere, nowhere)
    unets = ((starter.get("starter"), 128), (large.get("large-sd"), 256))
    transformer = (large.get("large-flux"), 256)
    for model, side in unets:
        yield Way("channels side by side", model, _PLAIN, side)
    for model, side in (unets[1], transformer):
        yield Way("compiled", model, replace(_PLAIN, tuning=Tuning(compiled=True)), side)
    for threshold in (0.05, 0.1, 0.2):
        tuned = replace(_PLAIN, tuning=Tuning(step_cache=threshold))
        yield Way(f"cached steps {threshold}", transformer[0], tuned, transformer[1])
    for model, side in (*unets, transformer):
        yield Way("halved weights", model, replace(_PLAIN, rung=Rung.HALVED), side)


def _print_way(way: Way) -> None:
    plain, other = _plain(way), load_family(way.model, way.machine)
    begun = time.perf_counter()
    _painted(other, way, 0)
    first = time.perf_counter() - begun
    _painted(plain, way, 0)
    pairs = [(_timed(plain, way, seed), _timed(other, way, seed)) for seed in range(_ROUNDS)]
    ratio = statistics.median(b.seconds / a.seconds for a, b in pairs)
    apart = np.abs(pairs[0][0].pixels.astype(int) - pairs[0][1].pixels)
    print(
        f"{way.model.id:>11} {way.name:>20} {first:>7.1f}s {ratio:>7.3f} {apart.mean():>6.2f} "
        f"{apart.max():>8}",
        flush=True,
    )


def _plain(way: Way) -> Family:
    """The model with nothing done to it, or with the layout that all others have too."""
    family = load_family(way.model, _PLAIN)
    if way.machine is _PLAIN:
        for pipeline in family.pipelines:
            for module in pipeline.components.values():
                if isinstance(module, speed.CONVOLUTIONAL):
                    module.to(memory_format=torch.contiguous_format)
    return family


class _Timed(NamedTuple):
    seconds: float
    pixels: Pixels


def _timed(family: Family, way: Way, seed: int) -> _Timed:
    begun = time.process_time()
    pixels = _painted(family, way, seed)
    return _Timed(time.process_time() - begun, pixels)


def _painted(family: Family, way: Way, seed: int) -> Any:
    defaults = way.model.defaults
    brief = Brief(
        "a red boat", "", seed, Extent(way.side, way.side), _STEPS, 2.0, defaults.scheduler
    )
    return family.text_to_image(brief, RecordingDesk())


if __name__ == "__main__":
    main()
