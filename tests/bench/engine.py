"""Our denoising loop against the one in diffusers, and what a picture of the starter takes.

Run with ``python -m tests.bench.engine``. Both loops paint the same picture from the same folders,
by turns in one process, so that whatever else the machine does falls on both. The ratio is that of
processor times, which other programs disturb least; the goal is at most 1.02.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from diffusers import KandinskyV22Pipeline
from diffusers.utils import logging

from studio import paths
from studio.core.geometry import Extent
from studio.engine.diffusion.families.kandinsky22 import Kandinsky22, load
from studio.engine.diffusion.family import Brief
from studio.engine.diffusion.machine import Machine, seeded
from studio.engine.diffusion.runner import Runner
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.generation.request import TextToImage
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny_pipelines import save_kandinsky

_ROUNDS = 15
_STEPS = 20
_PROMPT = "a red boat"
_CPU = Machine(torch.device("cpu"), torch.float32, "CPU")


class Times(NamedTuple):
    """Seconds that something took."""

    wall: float
    processor: float


def main() -> None:
    """Prints both tables."""
    logging.disable_progress_bar()
    nowhere = Path(os.devnull)
    starter = load_catalog(paths.models_file(), paths.resources(), nowhere, nowhere)
    with tempfile.TemporaryDirectory() as folder:
        models = save_kandinsky(Path(folder))
        tiny = load_catalog(models, nowhere, nowhere, nowhere)
        print(f"{_STEPS} steps, median of {_ROUNDS} pairs, seconds\n")
        print(f"{'model':>8} {'diffusers':>10} {'ours':>8} {'ratio':>7} {'ratio (wall)':>13}")
        print_loops(tiny.get("tiny"), "ddpm")
        print_loops(starter.get("starter"), "ddim")
    print_pictures(starter)


def print_loops(model: ModelInfo, scheduler: str) -> None:
    """Our loop over diffusers' own on the same pipeline, with the scheduler that it has."""
    parts = {part.role: part.path for part in model.parts}
    family = load(model, parts, _CPU)
    brief = Brief(_PROMPT, "", 1, _extent(model), _STEPS, 2.0, scheduler)
    theirs, ours = _stock_loop(parts["decoder"], family, brief), _our_loop(family, brief)
    pairs = [(_timed(theirs), _timed(ours)) for _ in range(_ROUNDS + 2)][2:]
    columns = [
        statistics.median(times.processor for times in column)
        for column in zip(*pairs, strict=True)
    ]
    ratio = statistics.median(one.processor / other.processor for other, one in pairs)
    wall = statistics.median(one.wall / other.wall for other, one in pairs)
    print(f"{model.id:>8} {columns[0]:>10.3f} {columns[1]:>8.3f} {ratio:>7.3f} {wall:>13.3f}")


def print_pictures(catalog: Catalog) -> None:
    """A 256x256 picture of the starter, from request to candidate, the model loaded."""
    runner = Runner(lambda: catalog, spare_cores=0)
    runner.preload("starter", RecordingDesk())
    times = []
    for seed in range(5):
        request = TextToImage(model="starter", prompt=_PROMPT, seed=seed, width=256, height=256)
        times.append(_timed(partial(runner.run, request, {}, RecordingDesk())))
    wall = statistics.median(time.wall for time in times)
    print(f"\nstarter, 256x256, {torch.get_num_threads()} threads: {wall:.2f} s (goal 15 s)")


def _our_loop(family: Kandinsky22, brief: Brief) -> Callable[[], object]:
    return lambda: family.text_to_image(brief, RecordingDesk())


def _stock_loop(folder: Path, family: Kandinsky22, brief: Brief) -> Callable[[], object]:
    """With the same embeddings, which ours remembers after the first picture."""
    pipeline: Any = KandinskyV22Pipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    conditions = family._conditions(brief, None, RecordingDesk())
    return lambda: pipeline(
        conditions.positive,
        conditions.negative,
        height=brief.extent.height,
        width=brief.extent.width,
        num_inference_steps=_STEPS,
        guidance_scale=2.0,
        generator=seeded(1),
        output_type="np",
    )


def _extent(model: ModelInfo) -> Extent:
    return Extent(model.native_size, model.native_size)


def _timed(work: Callable[[], object]) -> Times:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Times(time.perf_counter() - wall, time.process_time() - processor)


if __name__ == "__main__":
    main()
