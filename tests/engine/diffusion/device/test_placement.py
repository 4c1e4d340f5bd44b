"""Each way of fitting a model in, with the real modules of several families."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import KandinskyV22InpaintPipeline, KandinskyV22Pipeline, ModelMixin
from diffusers.hooks.group_offloading import ModuleGroup

from studio.core.geometry import Extent
from studio.core.picture import Pixels
from studio.engine.diffusion.bases.family import Brief
from studio.engine.diffusion.device import placement
from studio.engine.diffusion.device.machine import Machine
from studio.engine.diffusion.device.placement import place, place_module, summon
from studio.engine.diffusion.device.room import Room
from studio.engine.diffusion.families import load_family
from studio.engine.diffusion.loading.pipelines import load_pipeline
from studio.generation.catalog import Catalog, ModelInfo, load_catalog
from studio.generation.memory import GIB, Rung
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.machines import CPU
from tests.helpers.shortage import small_gpu
from tests.helpers.tiny import save_models

FAMILIES = ("stable_diffusion_xl", "stable_diffusion_3", "flux", "z_image")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[ModelInfo]:
    """The first model of each family."""
    folder = tmp_path_factory.mktemp("families")
    listed = load_catalog(save_models(folder, FAMILIES), folder, folder, folder).models
    return [next(m for m in listed if m.family == family) for family in FAMILIES]


def painted(model: ModelInfo, machine: Machine) -> Pixels:
    values = model.defaults
    brief = Brief("a cat", "", 1, Extent(64, 64), 2, values.guidance, values.scheduler)
    return load_family(model, machine).text_to_image(brief, RecordingDesk())


def on_rung(rung: Rung) -> Machine:
    room = Room(CPU.device, 0, free=lambda: GIB, release=lambda: None)
    return replace(small_gpu(), rung=rung, room=room)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_waits_outside_paints_the_same_picture(models: list[ModelInfo], family: str) -> None:
    model = models[FAMILIES.index(family)]
    full = painted(model, on_rung(Rung.FULL))
    for rung in (Rung.MODULES, Rung.BLOCKS, Rung.LAYERS):
        assert np.array_equal(painted(model, on_rung(rung)), full), rung
    halved = painted(model, on_rung(Rung.HALVED))
    assert np.abs(halved.astype(int) - full).max() <= 4


@pytest.mark.parametrize(
    ("precision", "storage"),
    [(torch.float32, torch.bfloat16), (torch.bfloat16, torch.float8_e4m3fn)],
)
def test_a_denoisers_weights_are_halved_and_no_others(
    tiny_catalog: Catalog, precision: torch.dtype, storage: torch.dtype
) -> None:
    folder = next(p.path for p in tiny_catalog.get("tiny").parts if p.role == "decoder")
    machine = replace(CPU, dtype=precision, rung=Rung.HALVED)
    pipeline = load_pipeline(KandinskyV22Pipeline, folder, machine)
    assert pipeline.unet.conv_in.weight.dtype is storage
    assert pipeline.unet.dtype is precision
    assert {weight.dtype for weight in pipeline.movq.parameters()} == {precision}


def test_an_autoencoder_that_overflows_in_half_precision_gets_32_bits_before_it_is_placed(
    models: list[ModelInfo],
) -> None:
    machine = replace(on_rung(Rung.LAYERS), dtype=torch.float16)
    [pipeline, *_] = load_family(models[0], machine).pipelines
    assert pipeline.vae.dtype is torch.float32
    assert pipeline.unet.dtype is torch.float16


def test_weights_that_are_quantised_already_are_not_halved(tiny_catalog: Catalog) -> None:
    folder = next(p.path for p in tiny_catalog.get("tiny").parts if p.role == "decoder")
    pipeline = KandinskyV22Pipeline.from_pretrained(folder)
    pipeline.unet.is_quantized = True
    place(pipeline, replace(CPU, rung=Rung.HALVED))
    assert pipeline.unet.conv_in.weight.dtype is torch.float32


def test_a_module_can_be_summoned_without_being_called() -> None:
    machine = on_rung(Rung.MODULES)
    assert machine.room is not None
    module = place_module("encoder", torch.nn.Linear(2, 2), machine)
    summon(module, machine)
    assert machine.room.inside == (module,)


def test_layers_that_are_read_without_being_asked_are_summoned_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = on_rung(Rung.BLOCKS)
    module = torch.nn.Sequential(torch.nn.Embedding(2, 2), torch.nn.Linear(2, 2))
    place_module("encoder", module, machine)
    called: list[ModuleGroup] = []
    monkeypatch.setattr(ModuleGroup, "onload_", lambda group: called.append(group))
    summon(module, machine, module[0])
    assert [group.modules for group in called] == [[module[0]]]


@pytest.mark.parametrize(
    ("kind", "rung", "options"),
    [
        (ModelMixin, Rung.BLOCKS, ("block_level", True)),
        (ModelMixin, Rung.LAYERS, ("leaf_level", True)),
        (torch.nn.Module, Rung.BLOCKS, ("leaf_level", False)),
        (torch.nn.Module, Rung.LAYERS, ("leaf_level", False)),
    ],
)
def test_what_a_denoiser_is_asked_next_is_fetched_ahead_and_what_a_reader_is_not(
    monkeypatch: pytest.MonkeyPatch, kind: type, rung: Rung, options: tuple[str, bool]
) -> None:
    told: list[tuple[str, bool]] = []

    def wait(module: object, *, offload_type: str, use_stream: bool, **_: object) -> None:
        told.append((offload_type, use_stream))

    monkeypatch.setattr(placement, "apply_group_offloading", wait)
    place_module("any", kind(), replace(on_rung(rung), device=torch.device("cuda")))
    assert told == [options]


def test_a_module_that_two_pipelines_share_is_placed_once(tiny_catalog: Catalog) -> None:
    folders: dict[str, Path] = {p.role: p.path for p in tiny_catalog.get("tiny").parts}
    machine = on_rung(Rung.LAYERS)
    first = load_pipeline(KandinskyV22Pipeline, folders["decoder"], machine)
    second = load_pipeline(
        KandinskyV22InpaintPipeline, folders["inpaint"], machine, movq=first.movq
    )
    assert second.movq is first.movq
    with torch.inference_mode():
        assert second.movq.encode(torch.zeros(1, 3, 64, 64)).latents.shape == (1, 4, 8, 8)
