"""Candidates that are painted together are those that are painted one by one, but for rounding."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel

from studio import paths
from studio.core.picture import Pixels
from studio.engine import desk as desks
from studio.engine.desk import JobStopped
from studio.engine.diffusion import painter as painting
from studio.engine.diffusion.bases.latent import LatentFamily
from studio.engine.diffusion.device.machine import seeded
from studio.engine.diffusion.painter import Painter
from studio.engine.diffusion.sampling import batch as batching
from studio.engine.diffusion.sampling.batch import Batch, Painted
from studio.engine.protocol import Candidate, Progress
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.generation.request import (
    Generation,
    Inpaint,
    InstructionEdit,
    TextToImage,
    Variation,
    attach,
)
from tests.helpers.engine_runs import RecordingDesk, box_mask, of_kind, shaded
from tests.helpers.shortage import run_out
from tests.helpers.tiny import FAMILIES
from tests.helpers.tiny_family import SIDE, farthest, loaded, saved_models

SOURCE = shaded(SIDE, SIDE)
MASK = box_mask(SIDE, SIDE, 20, 10, 50, 40)
PICTURES = attach([SOURCE, MASK])
COUNT = 2


def asked(model: ModelInfo, task: str, **changes: Any) -> Generation:
    """A request of two candidates."""
    common: dict[str, Any] = {
        "model": model.id,
        "prompt": "a red boat",
        "seed": 5,
        "count": COUNT,
        "steps": 2,
        "width": SIDE,
        "height": SIDE,
        **changes,
    }
    source = {**common, "source": SOURCE.digest}
    every: dict[str, Generation] = {
        "text_to_image": TextToImage(**common),
        "inpaint": Inpaint(**source, mask=MASK.digest),
        "variation": Variation(**source, strength=0.5),
        "edit": InstructionEdit(**source),
    }
    return every[task]


def each_task_once(catalog: Catalog) -> Iterator[tuple[ModelInfo, set[str]]]:
    """Models with tasks that none before them does; an inpaint begins as repainting does."""
    done = {"image_to_image"}
    for model in catalog.models:
        tasks = {str(task) for task in model.tasks} - done
        if tasks:
            yield model, tasks
        done |= tasks


def painted(model: ModelInfo, family: Any, request: Generation, together: int) -> list[Pixels]:
    desk = RecordingDesk()
    Painter(model, family, desk, PICTURES, together=together).paint(request)
    return [candidate.picture.array() for candidate in of_kind(desk.events, Candidate)]


def farthest_apart(model: ModelInfo, family: Any, request: Generation) -> int:
    """The largest difference that painting candidates together makes."""
    alone, together = (painted(model, family, request, count) for count in (1, COUNT))
    assert len(together) == COUNT
    assert farthest(*together) > 2
    return max(map(farthest, alone, together))


@pytest.mark.parametrize("family", FAMILIES)
def test_in_every_task_of_every_family(
    family: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for model, tasks in each_task_once(saved_models(tmp_path, family)):
        adapter = loaded(model)
        if type(adapter).variation is LatentFamily.variation:  # the source repainted
            tasks.discard("variation")
        for task in sorted(tasks):
            with subtests.test(model=model.id, task=task):
                assert farthest_apart(model, adapter, asked(model, task)) <= 2


@pytest.mark.parametrize("task", ["text_to_image", "inpaint"])
def test_with_the_starter(task: str) -> None:
    catalog = load_catalog(paths.models_file(), paths.resources(), paths.config(), paths.data())
    model = catalog.get("starter")
    assert farthest_apart(model, loaded(model), asked(model, task)) <= 2


@pytest.fixture(scope="module")
def diffusion(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelInfo, Any]:
    """A tiny Stable Diffusion, and the model loaded."""
    model = saved_models(tmp_path_factory.mktemp("batch"), "stable_diffusion").models[0]
    return model, loaded(model)


@pytest.mark.parametrize("scheduler", ["ddpm", "euler-a", "lcm", "dpm++", "unipc"])
def test_with_schedulers_that_add_noise_and_with_others(
    diffusion: tuple[ModelInfo, Any], scheduler: str
) -> None:
    model, family = diffusion
    request = asked(model, "text_to_image", scheduler=scheduler, steps=3)
    assert farthest_apart(model, family, request) <= 2


def test_each_has_previews_of_its_own(
    diffusion: tuple[ModelInfo, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "_PREVIEW_SECONDS", 0.0)
    model, family = diffusion
    desk = RecordingDesk()
    Painter(model, family, desk, {}, together=2).paint(asked(model, "text_to_image", count=3))
    shown = [event for event in of_kind(desk.events, Progress) if event.preview]
    assert [(event.candidate, event.step) for event in shown] == [
        (0, 1), (1, 1), (0, 2), (1, 2), (2, 1), (2, 2),
    ]  # fmt: skip
    assert shown[0].preview != shown[1].preview


def test_a_job_is_cancelled_within_a_step(
    diffusion: tuple[ModelInfo, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, family = diffusion
    desk = RecordingDesk(stop_at=1)
    made = run_out(monkeypatch, UNet2DConditionModel, "forward", calls=())
    with pytest.raises(JobStopped):
        Painter(model, family, desk, {}, together=2).paint(asked(model, "text_to_image", steps=9))
    assert len(made) <= 2 and not of_kind(desk.events, Candidate)


def test_the_work_of_all_is_counted(diffusion: tuple[ModelInfo, Any]) -> None:
    model, family = diffusion
    desk = RecordingDesk()
    Painter(model, family, desk, {}, together=2).paint(asked(model, "text_to_image", steps=4))
    fractions = [event.fraction for event in of_kind(desk.events, Progress)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    halfway = {e.fraction for e in of_kind(desk.events, Progress) if e.step == 2 and e.total == 4}
    assert [*halfway] == [pytest.approx(0.4, abs=0.05)]


def test_each_candidate_took_its_share_of_the_denoising(
    diffusion: tuple[ModelInfo, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def clock(ticks: Iterator[float]) -> SimpleNamespace:
        def monotonic() -> float:
            nonlocal now
            now += next(ticks)
            return now

        return SimpleNamespace(monotonic=monotonic)

    monkeypatch.setattr(batching, "time", clock(iter([0.0, 100.0])))
    monkeypatch.setattr(painting, "time", clock(repeat(1.0)))
    model, family = diffusion
    desk = RecordingDesk()
    Painter(model, family, desk, {}, together=2).paint(asked(model, "text_to_image", steps=1))
    seconds = [candidate.seconds for candidate in of_kind(desk.events, Candidate)]
    assert seconds == [51.0, 51.0]


def test_a_batch_is_painted_when_the_first_is_asked_for_and_each_is_taken_once() -> None:
    calls = 0

    def paint() -> list[Painted]:
        nonlocal calls
        calls += 1
        return [(torch.full((1, 1), float(seed)), seeded(seed)) for seed in batch.seeds]

    batch = Batch([7, 8, 9])
    assert not batch.is_painted
    assert [float(batch.take(seed, paint)[0]) for seed in (8, 7, 9)] == [8, 7, 9]
    assert batch.is_painted and calls == 1
    assert batch.share == batch.seconds / 3
    with pytest.raises(KeyError):
        batch.take(8, paint)
