"""Our denoising loop against that in diffusers, batches, and what a picture of the starter takes.

Run with ``python -m tests.bench.engine``, or with the names of rows. Both loops paint the same
picture from the same folders, by turns in one process, so that whatever else the machine does
falls on both. Stock pipelines are given the embeddings of the prompt, which ours remember. The
ratio is that of processor times, which other programs disturb least; the goal is at most 1.02.
A second table has candidates that are painted together against the same ones painted one by one.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import diffusers
import torch
import transformers
from diffusers import FluxTransformer2DModel, KandinskyV22Pipeline, UNet2DConditionModel

from studio import paths
from studio.core.geometry import Extent
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.device.machine import Machine, seeded
from studio.engine.diffusion.families import load_family
from studio.engine.diffusion.runner import Runner
from studio.engine.diffusion.sampling.batch import Batch
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.generation.request import TextToImage
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny import flux, save_models, stable_diffusion
from tests.helpers.tiny.kandinsky22 import save_kandinsky
from tests.helpers.tiny.parts import WIDTH, table

_ROUNDS = 9
_STEPS = 20
_CANDIDATES = 4
_PROMPT = "a red boat"
_CPU = Machine(torch.device("cpu"), torch.float32, "CPU")
_REMEMBERED = ("encode_prompt", "_encode_prompt")


class Times(NamedTuple):
    """Seconds that something took."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Row:
    """A model to be measured.

    Attributes:
        model: its id.
        told: what else the stock pipeline has to be told for the same picture.
        guidance: of the guided denoising.
        unwanted: the negative prompt; not given where it is empty.
        side: of the picture in pixels.
        count: the name of the number of steps.
    """

    model: str
    told: Mapping[str, Any] = field(default_factory=dict)
    guidance: float = 2.0
    unwanted: str = ""
    side: int = 64
    count: str = "num_inference_steps"


ROWS = (
    Row("tiny-sd"),
    Row("tiny-xl"),
    Row("tiny-sd3"),
    Row("tiny-flux"),
    Row("tiny-chroma"),
    Row("tiny-lumina"),
    Row("tiny-cogview"),
    Row("tiny-ovis"),
    Row("tiny-flux2"),
    Row("tiny-qwen", {"true_cfg_scale": 2.0}, unwanted="rain"),
    Row("tiny-z"),
    Row("tiny-sana", {"use_resolution_binning": False}),
    Row("tiny-unclip-words"),
    Row(
        "tiny-karlo-words",
        {"decoder_guidance_scale": 2.0},
        count="decoder_num_inference_steps",
    ),
    Row("large-sd", side=256),
    Row("large-flux", side=256),
)
"""One for each family but Kandinsky, whose stock pipelines are two."""


def main() -> None:
    """Prints the tables."""
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    starter = load_catalog(paths.models_file(), paths.resources(), _nowhere(), _nowhere())
    print(f"{_STEPS} steps, one thread, median of {_ROUNDS} pairs, seconds of processor time\n")
    print(f"{'model':>18} {'denoiser':>9} {'diffusers':>10} {'ours':>8} {'ratio':>7} {'(wall)':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for model, theirs, ours in _loops(Path(folder), starter):
            print_ratio(model, theirs, ours)
        print(f"\n{'model':>18} {'denoiser':>9} {'one by one':>10} {'together':>8} {'ratio':>7}")
        for model, alone, together in _batches(Path(folder), starter):
            print_ratio(model, alone, together)
    if len(sys.argv) == 1:
        print_pictures(starter)


def _loops(
    folder: Path, starter: Catalog
) -> Iterator[tuple[str, Callable[[int], object], Callable[[int], object]]]:
    """Each model, with ways to paint a picture of a seed in diffusers' loop and in ours."""
    wanted = sys.argv[1:]
    save_models(folder)
    save_large(folder)
    catalog = load_catalog(folder / "models.toml", *[folder / "nowhere"] * 3)
    (folder / "kandinsky").mkdir()
    tiny = load_catalog(save_kandinsky(folder / "kandinsky"), *[folder / "nowhere"] * 3)
    for model, scheduler in ((tiny.get("tiny"), "ddpm"), (starter.get("starter"), "ddim")):
        if not wanted or model.id in wanted:
            yield _kandinsky(model, scheduler)
    for row in ROWS:
        if not wanted or row.model in wanted:
            yield _row(catalog.get(row.model), row)


def _batches(
    folder: Path, starter: Catalog
) -> Iterator[tuple[str, Callable[[int], object], Callable[[int], object]]]:
    """Each model, with ways to paint candidates of a first seed one by one, and together."""
    wanted = sys.argv[1:]
    catalog = load_catalog(folder / "models.toml", *[folder / "nowhere"] * 3)
    for model, side in (
        (starter.get("starter"), 128),
        (catalog.get("tiny-sd"), 64),
        (catalog.get("tiny-flux"), 64),
        (catalog.get("large-sd"), 256),
        (catalog.get("large-flux"), 256),
    ):
        if not wanted or model.id in wanted:
            family = load_family(model, _CPU)
            painted = partial(_painted, family, model, side)
            name = _named(model.id, family.pipelines[-1])
            yield name, partial(painted, 1), partial(painted, _CANDIDATES)


def _painted(family: Family, model: ModelInfo, side: int, together: int, seed: int) -> None:
    for first in range(seed, seed + _CANDIDATES, together):
        batch = Batch(range(first, first + together))
        for each in batch.seeds:
            scheduler, extent = model.defaults.scheduler, Extent(side, side)
            brief = Brief(_PROMPT, "", each, extent, _STEPS, 2.0, scheduler, batch=batch)
            family.text_to_image(brief, RecordingDesk())


def print_ratio(name: str, theirs: Callable[[int], object], ours: Callable[[int], object]) -> None:
    """Paints by turns, after two pictures to warm up."""
    pairs = [(_timed(partial(theirs, k)), _timed(partial(ours, k))) for k in range(_ROUNDS + 2)][2:]
    columns = [
        statistics.median(times.processor for times in column)
        for column in zip(*pairs, strict=True)
    ]
    ratio = statistics.median(one.processor / other.processor for other, one in pairs)
    wall = statistics.median(one.wall / other.wall for other, one in pairs)
    print(f"{name} {columns[0]:>10.3f} {columns[1]:>8.3f} {ratio:>7.3f} {wall:>7.3f}", flush=True)


def print_pictures(catalog: Catalog) -> None:
    """A 256x256 picture of the starter, from request to candidate, the model loaded."""
    torch.set_num_threads(os.cpu_count() or 1)
    runner = Runner(lambda: catalog, spare_cores=0)
    runner.preload("starter", RecordingDesk())
    times = []
    for seed in range(5):
        request = TextToImage(model="starter", prompt=_PROMPT, seed=seed, width=256, height=256)
        times.append(_timed(partial(runner.run, request, {}, RecordingDesk())))
    wall = statistics.median(time.wall for time in times)
    print(f"\nstarter, 256x256, {torch.get_num_threads()} threads: {wall:.2f} s (goal 15 s)")


def save_large(folder: Path) -> None:
    """Adds a Stable Diffusion and a FLUX.1 whose denoisers have 20 million weights."""
    first = stable_diffusion.pipeline()
    first.unet = UNet2DConditionModel(
        block_out_channels=(72, 144, 216),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
        norm_num_groups=8,
    )
    second = flux.pipeline()
    second.transformer = FluxTransformer2DModel(
        in_channels=flux.TOKEN,
        num_layers=2,
        num_single_layers=7,
        attention_head_dim=64,
        num_attention_heads=5,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        guidance_embeds=True,
        axes_dims_rope=(16, 24, 24),
    )
    tables = []
    for name, family, pipeline, scheduler in (
        ("large-sd", "stable_diffusion", first, "ddim"),
        ("large-flux", "flux", second, "flow"),
    ):
        pipeline.save_pretrained(folder / name)
        tasks, parts = ("text_to_image",), {"pipeline": folder / name}
        tables.append(table(name, family, tasks, parts, scheduler=scheduler))
    with (folder / "models.toml").open("a") as models:
        models.writelines(tables)


def _row(
    model: ModelInfo, row: Row
) -> tuple[str, Callable[[int], object], Callable[[int], object]]:
    family = load_family(model, _CPU)
    kind = type(family.pipelines[0])
    pipeline = kind.from_pretrained(model.parts[0].path)
    pipeline.set_progress_bar_config(disable=True)
    for name in _REMEMBERED:
        if hasattr(pipeline, name):
            setattr(pipeline, name, _Once(getattr(pipeline, name)))
    told = {"guidance_scale": row.guidance, **row.told}
    if row.model == "tiny-karlo-words":
        told.pop("guidance_scale")
    else:
        told |= {"height": row.side, "width": row.side}
    if row.model in ("tiny-karlo-words", "tiny-unclip-words"):
        told["prior_num_inference_steps"] = model.defaults.prior_steps
    if row.unwanted:
        told["negative_prompt"] = row.unwanted

    def stock(seed: int) -> object:
        counted = {row.count: _STEPS}
        return pipeline(prompt=_PROMPT, generator=seeded(seed), output_type="np", **counted, **told)

    def ours(seed: int) -> object:
        extent, defaults = Extent(row.side, row.side), model.defaults
        brief = Brief(_PROMPT, row.unwanted, seed, extent, _STEPS, row.guidance, defaults.scheduler)
        return family.text_to_image(brief, RecordingDesk())

    return _named(row.model, pipeline), stock, ours


def _kandinsky(
    model: ModelInfo, scheduler: str
) -> tuple[str, Callable[[int], object], Callable[[int], object]]:
    """With the same embeddings, which ours remembers after the first picture."""
    family: Any = load_family(model, _CPU)
    side = model.native_size
    [decoder] = [part.path for part in model.parts if part.role == "decoder"]
    pipeline: Any = KandinskyV22Pipeline.from_pretrained(decoder)
    pipeline.set_progress_bar_config(disable=True)
    brief = Brief(_PROMPT, "", 1, Extent(side, side), _STEPS, 2.0, scheduler)
    conditions = family._conditions(brief, None, RecordingDesk())

    def stock(seed: int) -> object:
        return pipeline(
            conditions.positive,
            conditions.negative,
            height=side,
            width=side,
            num_inference_steps=_STEPS,
            guidance_scale=2.0,
            generator=seeded(1),
            output_type="np",
        )

    return (
        _named(model.id, pipeline),
        stock,
        lambda seed: family.text_to_image(brief, RecordingDesk()),
    )


def _named(name: str, pipeline: Any) -> str:
    """The first columns: the model, and how many weights its denoiser has."""
    parts = pipeline.components
    denoiser = next(parts[each] for each in ("unet", "transformer", "decoder") if each in parts)
    millions = sum(weight.numel() for weight in denoiser.parameters()) / 1e6
    return f"{name:>18} {millions:>8.2f}M"


class _Once:
    """The first answer of a function, whatever it is asked later."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function
        self._answers: list[object] = []

    def __call__(self, *values: object, **named: object) -> object:
        if not self._answers:
            self._answers.append(self._function(*values, **named))
        return self._answers[0]


def _nowhere() -> Path:
    return Path(os.devnull)


def _timed(work: Callable[[], object]) -> Times:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Times(time.perf_counter() - wall, time.process_time() - processor)


if __name__ == "__main__":
    main()
