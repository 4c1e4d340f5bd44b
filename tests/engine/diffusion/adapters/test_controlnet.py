"""ControlNets beside the UNets of tiny models."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import (
    ControlNetModel,
    ControlNetUnionModel,
    StableDiffusionControlNetPipeline,
    StableDiffusionXLControlNetPipeline,
    StableDiffusionXLControlNetUnionPipeline,
)
from PIL import Image
from safetensors.torch import load_file, save_file

from studio.core.errors import ModelError
from studio.engine.diffusion.adapters.control_shelf import KEPT
from studio.engine.diffusion.adapters.controlnet import ControlNets
from studio.engine.diffusion.adapters.guiding import Course, Guiding
from studio.engine.diffusion.adapters.preprocessors import canny
from studio.engine.diffusion.sampling.unet import Told
from studio.generation.catalog import AdapterInfo, Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.guided import OTHERS, SHAPES, check_inpainting, check_sum, painted
from tests.helpers.machines import CPU
from tests.helpers.tiny import stable_diffusion, stable_diffusion_xl
from tests.helpers.tiny.guides import save_controlnet, save_controlnet_union
from tests.helpers.tiny_family import (
    SIDE,
    SOURCE,
    brief_for,
    farthest,
    loaded,
    saved_models,
    stock_picture,
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("models")
    return saved_models(folder, "stable_diffusion", "stable_diffusion_xl")


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AdapterInfo]:
    folder = tmp_path_factory.mktemp("nets")
    unet = stable_diffusion.pipeline().unet
    places = {
        name: save_controlnet(unet, folder / name, seed=seed)
        for seed, name in enumerate(("edges", "depths"))
    }
    places["xl"] = save_controlnet(stable_diffusion_xl.pipeline().unet, folder / "xl", seed=7)
    return {
        name: adapter_info(
            place, "controlnet", "stable_diffusion_xl" if name == "xl" else "stable_diffusion"
        )
        for name, place in places.items()
    }


@pytest.fixture(scope="module")
def family(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-sd"))


@pytest.mark.parametrize(
    ("model", "net", "kind"),
    [
        ("tiny-sd", "edges", StableDiffusionControlNetPipeline),
        ("tiny-xl", "xl", StableDiffusionXLControlNetPipeline),
    ],
)
def test_pictures_are_those_of_the_stock_pipelines(
    catalog: Catalog, nets: dict[str, AdapterInfo], model: str, net: str, kind: Any
) -> None:
    family = loaded(catalog.get(model))
    scheduler = family._scheduler(brief_for(family._model))
    [part] = catalog.get(model).parts
    inputs = {
        "prompt": "a cat",
        "image": Image.fromarray(SHAPES),
        "controlnet_conditioning_scale": 0.7,
        "guidance_scale": family._model.defaults.guidance,
    }
    controlnet = ControlNetModel.from_pretrained(nets[net].path)
    expected = stock_picture(kind, part.path, inputs, controlnet=controlnet, scheduler=scheduler)
    assert farthest(painted(family, [Guiding(nets[net], SHAPES, 0.7)]), expected) <= 1
    assert farthest(painted(family), expected) > 1


@pytest.fixture(scope="module")
def union(tmp_path_factory: pytest.TempPathFactory) -> AdapterInfo:
    """One that reads several kinds of pictures."""
    unet = stable_diffusion_xl.pipeline().unet
    folder = save_controlnet_union(unet, tmp_path_factory.mktemp("nets") / "union", seed=5)
    return adapter_info(folder, "controlnet", "stable_diffusion_xl")


@pytest.fixture(scope="module")
def xl_family(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-xl"))


@pytest.mark.parametrize(("kind", "mode"), [("pose", 0), ("canny", 3)])
def test_one_of_several_kinds_is_told_the_kind_of_its_picture(
    catalog: Catalog, xl_family: Any, union: AdapterInfo, kind: str, mode: int
) -> None:
    [part] = catalog.get("tiny-xl").parts
    inputs = {
        "prompt": "a cat",
        "control_image": Image.fromarray(SHAPES),
        "control_mode": mode,
        "controlnet_conditioning_scale": 0.7,
        "guidance_scale": xl_family._model.defaults.guidance,
    }
    expected = stock_picture(
        StableDiffusionXLControlNetUnionPipeline,
        part.path,
        inputs,
        controlnet=ControlNetUnionModel.from_pretrained(union.path),
        scheduler=xl_family._scheduler(brief_for(xl_family._model)),
    )
    assert farthest(painted(xl_family, [Guiding(union, SHAPES, 0.7, kind=kind)]), expected) <= 1
    other = Guiding(union, SHAPES, 0.7, kind="depth")
    assert farthest(painted(xl_family, [other]), expected) > 1


def test_one_of_several_kinds_asks_of_which_its_picture_is(
    xl_family: Any, union: AdapterInfo
) -> None:
    with pytest.raises(ModelError, match="pose, depth, scribble, canny, normal or segments"):
        painted(xl_family, [Guiding(union, SHAPES)])


def test_one_of_several_kinds_is_known_by_its_weights(
    xl_family: Any, union: AdapterInfo, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(union.path, tmp_path / "misnamed"))
    config = folder / "config.json"
    config.write_text(config.read_text().replace("ControlNetUnionModel", "ControlNetModel"))
    misnamed = adapter_info(folder, "controlnet", union.family)
    expected = painted(xl_family, [Guiding(union, SHAPES, kind="pose")])
    assert np.array_equal(painted(xl_family, [Guiding(misnamed, SHAPES, kind="pose")]), expected)


def test_one_of_several_kinds_may_be_one_file(
    xl_family: Any, union: AdapterInfo, tmp_path: Path
) -> None:
    weights = union.path / "diffusion_pytorch_model.safetensors"
    file = Path(shutil.copy(weights, tmp_path / "union.safetensors"))
    shutil.copy(union.path / "config.json", tmp_path)
    alone = adapter_info(file, "controlnet", union.family)
    expected = painted(xl_family, [Guiding(union, SHAPES, kind="pose")])
    assert np.array_equal(painted(xl_family, [Guiding(alone, SHAPES, kind="pose")]), expected)


def test_a_weight_of_nothing_is_none_at_all(family: Any, nets: dict[str, AdapterInfo]) -> None:
    nothing = painted(family, [Guiding(nets["edges"], SHAPES, 0.0)])
    assert np.array_equal(nothing, painted(family))


def test_the_picture_counts_and_so_does_the_weight(
    family: Any, nets: dict[str, AdapterInfo]
) -> None:
    pictures = [
        painted(family, [Guiding(nets["edges"], pixels, weight)])
        for pixels, weight in ((SHAPES, 1.0), (OTHERS, 1.0), (SHAPES, 0.2))
    ]
    assert all(farthest(pictures[0], other) > 1 for other in pictures[1:])


def test_two_add_up(family: Any, nets: dict[str, AdapterInfo]) -> None:
    edges, depths = Guiding(nets["edges"], SHAPES), Guiding(nets["depths"], OTHERS)
    check_sum(family, edges, depths)


def steps_guided(nets: dict[str, AdapterInfo], begin: float, end: float) -> list[int]:
    """The numbers, of 5 steps, in which something is added."""
    unet, timesteps = stable_diffusion.pipeline().unet, [900.0, 700.0, 500.0, 300.0, 100.0]
    control = Guiding(nets["edges"], SHAPES, 1.0, begin, end)
    guide = ControlNets(CPU).guide([control], unet, timesteps)
    assert guide is not None
    return [
        number
        for number, timestep in enumerate(timesteps)
        if guide(LATENTS, torch.tensor(timestep), TOLD)
    ]


LATENTS = torch.zeros(1, 4, SIDE // 8, SIDE // 8)
TOLD = Told(torch.zeros(1, 77, 32))


@pytest.mark.parametrize(
    ("begin", "end", "steps"),
    [(0.0, 1.0, [0, 1, 2, 3, 4]), (0.0, 0.4, [0, 1]), (0.6, 1.0, [3, 4]), (0.3, 0.5, [])],
)
@torch.inference_mode()
def test_it_guides_in_its_range_of_steps_alone(
    nets: dict[str, AdapterInfo], begin: float, end: float, steps: list[int]
) -> None:
    assert steps_guided(nets, begin, end) == steps


def test_a_range_without_a_step_changes_nothing(family: Any, nets: dict[str, AdapterInfo]) -> None:
    early = Guiding(nets["edges"], SHAPES, 1.0, 0.0, 0.3)
    assert np.array_equal(painted(family, [early]), painted(family))


def test_shares_are_of_the_steps_that_are_made() -> None:
    course = Course([800.0, 600.0, 400.0, 200.0])
    assert course.span(torch.tensor(400)) == (0.0, 0.5)
    assert course.span(torch.tensor(200)) == (0.5, 1.0)


def test_what_is_masked_is_guided_too(catalog: Catalog, nets: dict[str, AdapterInfo]) -> None:
    for model in ("tiny-sd", "tiny-sd-inpaint"):
        check_inpainting(loaded(catalog.get(model)), Guiding(nets["edges"], SHAPES))


def test_editors_are_guided_too(catalog: Catalog, nets: dict[str, AdapterInfo]) -> None:
    family = loaded(catalog.get("tiny-sd-edit"))
    for guidance in (3.0, 1.0):
        with_and_without = [
            family.edit(
                brief_for(family._model, guidance=guidance, controls=controls),
                [SOURCE],
                RecordingDesk(),
            )
            for controls in ((Guiding(nets["edges"], SHAPES),), ())
        ]
        assert farthest(*with_and_without) > 1


def test_the_picture_is_prepared_as_it_is_asked_for(
    family: Any, nets: dict[str, AdapterInfo]
) -> None:
    prepared = painted(family, [Guiding(nets["edges"], SOURCE, preprocessor="canny")])
    given = painted(family, [Guiding(nets["edges"], canny(SOURCE))])
    assert np.array_equal(prepared, given)


def test_one_file_is_the_same_as_its_folder(
    family: Any, nets: dict[str, AdapterInfo], tmp_path: Path
) -> None:
    weights = nets["edges"].path / "diffusion_pytorch_model.safetensors"
    file = Path(shutil.copy(weights, tmp_path / "alone.safetensors"))
    alone = adapter_info(file, "controlnet", "stable_diffusion")
    expected = painted(family, [Guiding(nets["edges"], SHAPES)])
    assert np.array_equal(painted(family, [Guiding(alone, SHAPES)]), expected)


MAKERS_NAMES: dict[str, str | Callable[[re.Match[str]], str]] = {
    r"time_embedding\.linear_1": "time_embed.0",
    r"time_embedding\.linear_2": "time_embed.2",
    r"controlnet_cond_embedding\.conv_in": "input_hint_block.0",
    r"controlnet_cond_embedding\.blocks\.(\d)": lambda m: f"input_hint_block.{2 * int(m[1]) + 2}",
    r"controlnet_cond_embedding\.conv_out": "input_hint_block.14",
    r"controlnet_down_blocks\.(\d)": r"zero_convs.\1.0",
    r"controlnet_mid_block": "middle_block_out.0",
    r"^conv_in": "input_blocks.0.0",
    r"down_blocks\.0\.resnets\.0": "input_blocks.1.0",
    r"down_blocks\.0\.downsamplers\.0\.conv": "input_blocks.2.0.op",
    r"down_blocks\.1\.resnets\.0": "input_blocks.3.0",
    r"down_blocks\.1\.attentions\.0": "input_blocks.3.1",
    r"mid_block\.resnets\.0": "middle_block.0",
    r"mid_block\.attentions\.0": "middle_block.1",
    r"mid_block\.resnets\.1": "middle_block.2",
    r"\.norm1\.(?=\w+$)": ".in_layers.0.",
    r"\.conv1\.": ".in_layers.2.",
    r"\.time_emb_proj\.": ".emb_layers.1.",
    r"\.norm2\.(?=\w+$)": ".out_layers.0.",
    r"\.conv2\.": ".out_layers.3.",
    r"\.conv_shortcut\.": ".skip_connection.",
}
"""As those who made ControlNets name their layers, but for those within attention."""


def as_its_maker(name: str) -> str:
    for pattern, replacement in MAKERS_NAMES.items():
        if "transformer_blocks" not in name or pattern.startswith(("down", "mid")):
            name = re.sub(pattern, replacement, name)
    return name


@pytest.mark.parametrize("prefix", ["", "control_model."])
def test_a_file_with_its_makers_names_is_the_same(
    family: Any, nets: dict[str, AdapterInfo], tmp_path: Path, prefix: str
) -> None:
    weights = load_file(nets["edges"].path / "diffusion_pytorch_model.safetensors")
    file = tmp_path / "control.safetensors"
    save_file({prefix + as_its_maker(name): weight for name, weight in weights.items()}, file)
    made = adapter_info(file, "controlnet", "stable_diffusion")
    expected = painted(family, [Guiding(nets["edges"], SHAPES)])
    assert np.array_equal(painted(family, [Guiding(made, SHAPES)]), expected)


def test_weights_that_are_named_after_their_precision_are_found(
    family: Any, nets: dict[str, AdapterInfo], tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(nets["edges"].path, folder)
    weights = folder / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".fp16.safetensors"))
    half = adapter_info(folder, "controlnet", "stable_diffusion")
    assert farthest(painted(family, [Guiding(half, SHAPES)]), painted(family)) > 1


def spoilt(net: AdapterInfo, folder: Path, how: str) -> AdapterInfo:
    shutil.copytree(net.path, folder)
    weights, config = folder / "diffusion_pytorch_model.safetensors", folder / "config.json"
    match how:
        case "cut off":
            weights.write_bytes(weights.read_bytes()[:-50])
        case "missing":
            weights.unlink()
        case "one file that lacks layers":
            tensors = load_file(weights)
            tensors.popitem()
            save_file(tensors, folder / "alone.safetensors")
            config.unlink()
            return adapter_info(folder / "alone.safetensors", "controlnet", net.family)
    return adapter_info(folder, "controlnet", net.family)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("cut off", "cannot be loaded"),
        ("missing", "cannot be loaded"),
        ("one file that lacks layers", "does not fit this model"),
    ],
)
def test_what_is_no_controlnet_is_refused_in_a_sentence(
    family: Any, nets: dict[str, AdapterInfo], tmp_path: Path, how: str, says: str
) -> None:
    damaged = spoilt(nets["edges"], tmp_path / "spoilt", how)
    with pytest.raises(ModelError, match=says):
        painted(family, [Guiding(damaged, SHAPES)])


def test_one_for_another_version_is_refused(family: Any, nets: dict[str, AdapterInfo]) -> None:
    with pytest.raises(ModelError, match="made for another version"):
        painted(family, [Guiding(nets["xl"], SHAPES)])


def test_no_more_stay_in_memory_than_a_few(nets: dict[str, AdapterInfo]) -> None:
    unet, kept = stable_diffusion.pipeline().unet, ControlNets(CPU)
    named = [replace(nets["edges"], id=f"edges-{number}") for number in range(KEPT + 2)]
    for adapter in named:
        kept.guide([Guiding(adapter, SHAPES)], unet, [500.0])
    kept.guide([], unet, [500.0])
    assert kept.kept == [adapter.id for adapter in named[-KEPT:]]
