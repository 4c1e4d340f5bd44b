"""What models take, by the headers of their weights."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio.generation.catalog import ModelInfo, load_catalog
from studio.generation.memory import GIB, Module, Rung
from studio.generation.needs import IMAGE_ENCODER, modules_beside, read_needs
from tests.helpers.adapters import adapter_info

_TABLE = """
[[model]]
id = "m"
title = "M"
family = "stable_diffusion"
tasks = ["text_to_image"]
license = "Apache-2.0"
native_size = 512
grid = 64
memory = {{ full = 9.0, offload = 4.0 }}
parts = [{parts}]
"""

UNET = {
    "conv_in.weight": 100,
    "down_blocks.0.a": 300,
    "down_blocks.0.b": 200,
    "up_blocks.0.a": 400,
}


def write(path: Path, tensors: Mapping[str, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.zeros(count, np.float16) for name, count in tensors.items()}, path)


def model_of(folder: Path, **parts: str) -> ModelInfo:
    entries = ", ".join(
        f'{{ role = "{role}", path = "{(folder / name).as_posix()}" }}'
        for role, name in parts.items()
    )
    listed = folder / "models.toml"
    listed.write_text(_TABLE.format(parts=entries))
    return load_catalog(listed, folder, folder / "config", folder / "data").get("m")


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A folder with a UNet of 1000 numbers, a text encoder of 50 and an autoencoder of 30."""
    write(tmp_path / "base/unet/diffusion_pytorch_model.safetensors", UNET)
    write(tmp_path / "base/text_encoder/model.safetensors", {"text_model.layers.0": 50})
    write(tmp_path / "base/vae/diffusion_pytorch_model.safetensors", {"decoder.conv": 30})
    return tmp_path


def weights(model: ModelInfo, number_bytes: int = 2) -> int:
    return read_needs(model, number_bytes).weights


def test_modules_take_their_numbers_in_the_precision_in_use(pipeline: Path) -> None:
    model = model_of(pipeline, pipeline="base")
    assert weights(model) == 2 * 1080
    assert weights(model, 4) == 4 * 1080
    needs = read_needs(model, 2)
    assert needs.pixels == 512 * 512
    assert Module(weights=2000, block=1200, layer=800, is_denoiser=True) in needs.modules
    assert [module.weights for module in needs.modules if module.is_autoencoder] == [60]


def test_a_denoiser_waits_by_blocks_where_a_language_model_does_by_layers(pipeline: Path) -> None:
    """However deep its blocks lie."""
    words = {"model.embed": 60, "model.layers.0.a": 20, "model.layers.0.b": 5, "lm_head.0.a": 9}
    write(pipeline / "base/text_encoder/model.safetensors", words)
    needs = read_needs(model_of(pipeline, pipeline="base"), 2)
    assert {module.weights: module.block for module in needs.modules} == {
        2 * 1000: 2 * (100 + 500),
        2 * 94: 2 * 60,
        2 * 30: 2 * 30,
    }


def test_split_weights_are_added_up_and_other_variants_are_not(pipeline: Path) -> None:
    model = model_of(pipeline, pipeline="base")
    folder = pipeline / "base/text_encoder"
    write(folder / "model.fp16.safetensors", {"text_model.layers.0": 50})
    assert weights(model) == 2 * 1080
    (folder / "model.safetensors").unlink()
    assert weights(model) == 2 * 1080
    write(folder / "model-00001-of-00002.safetensors", {"a": 50})
    write(folder / "model-00002-of-00002.safetensors", {"b": 60})
    assert weights(model) == 2 * 1140


def test_a_part_of_its_own_takes_the_place_of_the_pipelines(pipeline: Path) -> None:
    write(pipeline / "base/transformer/diffusion_pytorch_model.safetensors", {"x": 5000})
    write(pipeline / "small.safetensors", {"x": 10})
    (pipeline / "small.gguf").write_bytes(bytes(33))
    model = model_of(pipeline, pipeline="base", transformer="small.safetensors")
    assert weights(model) == 2 * (1080 + 10)
    quantised = model_of(pipeline, pipeline="base", transformer="small.gguf")
    assert weights(quantised) == 2 * 1080 + 33


def test_what_is_loaded_later_does_not_count(pipeline: Path) -> None:
    write(pipeline / "inpaint/unet/diffusion_pytorch_model.safetensors", {"x": 5000})
    assert weights(model_of(pipeline, pipeline="base", inpaint="inpaint")) == 2 * 1080


def test_what_would_be_loaded_later_counts_where_it_is_all_there_is(pipeline: Path) -> None:
    model = model_of(pipeline, inpaint="base")
    assert weights(model) == weights(model_of(pipeline, pipeline="base"))


def test_a_checkpoint_is_divided_by_the_names_of_its_tensors(tmp_path: Path) -> None:
    tensors = {
        "model.diffusion_model.out": 700,
        "first_stage_model.decoder": 30,
        "cond_stage_model.transformer": 50,
    }
    write(tmp_path / "one.safetensors", tensors)
    needs = read_needs(model_of(tmp_path, checkpoint="one.safetensors"), 2)
    assert sorted(module.weights for module in needs.modules) == [60, 100, 1400]
    assert [module.weights for module in needs.modules if module.is_autoencoder] == [60]


def test_a_model_that_is_not_installed_takes_what_the_catalog_says(tmp_path: Path) -> None:
    needs = read_needs(model_of(tmp_path, pipeline="nowhere"), 2)
    assert needs.weights == 9 * GIB
    assert max(module.weights for module in needs.modules) == 5 * GIB


def test_a_damaged_file_counts_nothing(pipeline: Path) -> None:
    (pipeline / "base/unet/diffusion_pytorch_model.safetensors").write_bytes(b"\xff" * 20)
    assert weights(model_of(pipeline, pipeline="base")) == 2 * 80


CONTROL = {"conv_in.weight": 100, "down_blocks.0.a": 300, "down_blocks.1.a": 200}


def test_what_works_beside_a_model_is_counted_with_it(pipeline: Path) -> None:
    model = model_of(pipeline, pipeline="base")
    write(pipeline / "edges/diffusion_pytorch_model.safetensors", CONTROL)
    edges = adapter_info(pipeline / "edges", "controlnet", "stable_diffusion")
    needs = read_needs(model, 2, [edges])
    assert needs.weights == 2 * (1080 + 600)
    control = Module(weights=1200, block=800, layer=600, is_denoiser=True)
    assert modules_beside([edges], 2) == (control,)
    assert needs.taken(Rung.FULL, is_shared=False) > read_needs(model, 2).taken(
        Rung.FULL, is_shared=False
    )


@pytest.mark.parametrize("place", ["style.safetensors", "style"])
def test_an_ip_adapter_is_counted_with_its_encoder_wherever_that_lies(
    tmp_path: Path, place: str
) -> None:
    path = tmp_path / place
    folder = path.parent if path.suffix else path
    write(folder / "style.safetensors", {"image_proj.proj.weight": 100})
    write(folder / IMAGE_ENCODER / "model.safetensors", {"vision_model.layers.0": 70})
    modules = modules_beside([adapter_info(path, "ip_adapter", "stable_diffusion")], 2)
    assert sum(module.weights for module in modules) == 2 * 170


def test_an_estimator_is_counted_in_32_bits_and_never_halved(tmp_path: Path) -> None:
    write(tmp_path / "seer/model.safetensors", {"backbone.0": 50})
    [module] = modules_beside([adapter_info(tmp_path / "seer", "estimator", "any")], 2)
    assert (module.weights, module.halved) == (200, 200)


def test_beside_a_model_that_is_only_listed_there_is_room_for_adapters_too(tmp_path: Path) -> None:
    model = model_of(tmp_path, pipeline="base")
    write(tmp_path / "edges/diffusion_pytorch_model.safetensors", CONTROL)
    edges = adapter_info(tmp_path / "edges", "controlnet", "stable_diffusion")
    assert read_needs(model, 2, [edges]).weights == 9 * GIB + 1200
