"""What is done to modules for speed, and that pictures stay what they were."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxTransformer2DModel
from diffusers.models.transformers.transformer_flux import FluxTransformerBlock

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.device import speed
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.families import load_family
from studio.engine.tuning import Tuning
from studio.generation.catalog import ModelInfo, load_catalog
from studio.generation.memory import Rung
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.machines import CPU
from tests.helpers.shortage import run_out
from tests.helpers.tiny import save_models

CACHED = ("flux", "cogview4")
"""Families that are asked once about each prompt, and twice."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ModelInfo]:
    folder = tmp_path_factory.mktemp("models")
    listed = save_models(folder, ("flux", "cogview4", "stable_diffusion"))
    return load_catalog(listed, folder, folder, folder).models


@pytest.fixture
def flux(models: Sequence[ModelInfo]) -> ModelInfo:
    return next(model for model in models if model.family == "flux")


def painted(family: Family, seed: int = 1, steps: int = 6) -> Pixels:
    brief = Brief("a cat", "", seed, Extent(64, 64), steps, 2.0, "flow")
    return family.text_to_image(brief, RecordingDesk())


def tuned(**tuning: Any) -> Machine:
    return replace(CPU, tuning=Tuning(**tuning))


def test_convolutions_find_a_cells_channels_side_by_side(models: Sequence[ModelInfo]) -> None:
    model = next(model for model in models if model.family == "stable_diffusion")
    [pipeline, *_] = load_family(model, CPU).pipelines
    for weight in (pipeline.unet.mid_block.resnets[0].conv1.weight,
                   pipeline.vae.decoder.mid_block.resnets[0].conv1.weight):  # fmt: skip
        assert weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("family", CACHED)
def test_blocks_are_left_out_by_a_cache_and_each_picture_begins_anew(
    models: Sequence[ModelInfo], family: str
) -> None:
    model = next(model for model in models if model.family == family)
    cached = load_family(model, tuned(step_cache=1.0))
    first = painted(cached)
    assert np.array_equal(painted(cached), first)
    assert not np.array_equal(painted(load_family(model, CPU)), first)


@pytest.mark.parametrize("family", CACHED)
def test_a_cache_that_leaves_out_nothing_changes_nothing(
    models: Sequence[ModelInfo], family: str
) -> None:
    model = next(model for model in models if model.family == family)
    cached = load_family(model, tuned(step_cache=1e-9))
    assert np.array_equal(painted(cached), painted(load_family(model, CPU)))


@pytest.mark.parametrize(("rung", "compiles"), [(Rung.FULL, True), (Rung.LAYERS, False)])
def test_blocks_are_compiled_where_they_stay_on_the_device(
    flux: ModelInfo, monkeypatch: pytest.MonkeyPatch, rung: Rung, compiles: bool
) -> None:
    compiled = run_out(monkeypatch, FluxTransformerBlock, "compile", ())
    load_family(flux, replace(tuned(compiled=True), rung=rung))
    assert bool(compiled) == compiles


@pytest.mark.parametrize(
    ("installed", "device", "dtype", "backend"),
    [
        ((), "cuda", torch.bfloat16, None),
        ((2,), "cuda", torch.bfloat16, "flash"),
        ((2, 3), "cuda", torch.float16, "_flash_3"),
        ((2, 3), "cuda", torch.float32, None),
        ((2, 3), "cpu", torch.bfloat16, None),
    ],
)
def test_flash_attention_is_used_where_it_is_installed_and_works(
    monkeypatch: pytest.MonkeyPatch,
    installed: Sequence[int],
    device: str,
    dtype: torch.dtype,
    backend: str | None,
) -> None:
    monkeypatch.setattr(speed, "is_flash_attn_available", lambda: 2 in installed)
    monkeypatch.setattr(speed, "is_flash_attn_3_available", lambda: 3 in installed)
    assert speed.fastest_attention(Machine(torch.device(device), dtype, "x")) == backend


def test_the_person_may_want_the_plain_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "is_flash_attn_available", lambda: True)
    gpu = Machine(torch.device("cuda"), torch.bfloat16, "x")
    assert speed.fastest_attention(gpu) is not None
    assert speed.fastest_attention(replace(gpu, tuning=Tuning(attention="plain"))) is None


def test_a_denoiser_is_told_of_the_faster_attention(
    flux: ModelInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[str] = []
    monkeypatch.setattr(speed, "fastest_attention", lambda machine: "native")
    monkeypatch.setattr(
        FluxTransformer2DModel, "set_attention_backend", lambda _, name: chosen.append(name)
    )
    load_family(flux, CPU)
    assert chosen == ["native"]
