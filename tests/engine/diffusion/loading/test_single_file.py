"""Denoisers that lie alone in a file, as different programs name their tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from studio.core.errors import ModelError
from studio.engine.diffusion.loading.single_file import load_denoiser
from tests.helpers.machines import CPU
from tests.helpers.original_layout import unet as original_names
from tests.helpers.tiny import longcat_image, qwen_image, stable_diffusion, z_image

PREFIXES = ["", "model.diffusion_model.", "diffusion_model.", "transformer.", "unet."]


def saved(folder: Path, weights: Mapping[str, torch.Tensor], prefix: str) -> Path:
    file = folder / "alone.safetensors"
    save_file({prefix + name: weight.contiguous() for name, weight in weights.items()}, file)
    return file


def is_same(module: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = module.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(weight, theirs[name]) for name, weight in ours.items()
    )


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "make",
    [
        qwen_image.transformer,
        lambda: z_image.pipeline().transformer,
        longcat_image.transformer,
    ],
    ids=["qwen", "z", "longcat"],
)
def test_a_transformer_is_read_whatever_stands_before_its_names(
    tmp_path: Path, make: Callable[[], torch.nn.Module], prefix: str
) -> None:
    module: Any = make()
    module.save_pretrained(tmp_path / "config")
    file = saved(tmp_path, module.state_dict(), prefix)
    assert is_same(load_denoiser(type(module), file, tmp_path / "config", CPU), module)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("style", ["diffusers", "original"])
def test_a_unet_is_read_in_both_styles_whatever_stands_before_its_names(
    tmp_path: Path, prefix: str, style: str
) -> None:
    module = stable_diffusion.unet()
    module.save_pretrained(tmp_path / "config")
    weights = original_names(module) if style == "original" else module.state_dict()
    file = saved(tmp_path, weights, prefix)
    assert is_same(load_denoiser(type(module), file, tmp_path / "config", CPU), module)


def test_of_a_file_with_everything_in_it_the_denoiser_is_read(tmp_path: Path) -> None:
    module = z_image.pipeline().transformer
    module.save_pretrained(tmp_path / "config")
    weights = {f"model.diffusion_model.{name}": part for name, part in module.state_dict().items()}
    weights |= {"vae.decoder.conv_in.weight": torch.ones(1), "text_encoders.a": torch.ones(1)}
    file = saved(tmp_path, weights, "")
    assert is_same(load_denoiser(type(module), file, tmp_path / "config", CPU), module)


def test_weights_in_eight_bits_are_multiplied_by_their_scales(tmp_path: Path) -> None:
    module = qwen_image.transformer()
    module.save_pretrained(tmp_path / "config")
    weights = dict(module.state_dict())
    name = "transformer_blocks.0.attn.to_q"
    scale = weights[f"{name}.weight"].abs().max() / 448
    eight = (weights[f"{name}.weight"] / scale).to(torch.float8_e4m3fn)
    weights |= {
        f"{name}.weight": eight,
        f"{name}.scale_weight": scale.reshape(1),
        f"{name}.scale_input": torch.ones(1),
        "scaled_fp8": torch.zeros(0, dtype=torch.float8_e4m3fn),
    }
    file = saved(tmp_path, weights, "model.diffusion_model.")
    loaded = load_denoiser(type(module), file, tmp_path / "config", CPU)
    expected = eight.to(torch.bfloat16) * scale.to(torch.bfloat16)
    assert torch.equal(loaded.get_submodule(name).weight, expected.float())


def test_a_transformer_that_no_library_converts_is_not_read_from_a_quantised_file(
    tmp_path: Path,
) -> None:
    kind = type(longcat_image.transformer())
    with pytest.raises(ModelError, match="read from .safetensors files alone"):
        load_denoiser(kind, tmp_path / "alone.gguf", tmp_path, CPU)


def test_what_could_run_code_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be used"):
        load_denoiser(torch.nn.Module, tmp_path / "model.ckpt", tmp_path, CPU)
