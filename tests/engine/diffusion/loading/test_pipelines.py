"""Pipelines from folders."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline

from studio.engine.diffusion.loading.pipelines import load_pipeline, load_tokenizer
from tests.helpers.machines import CPU
from tests.helpers.tiny import stable_diffusion
from tests.helpers.tiny.language import qwen_tokenizer

NOT_NEEDED = {"safety_checker": None, "feature_extractor": None}


def test_weights_in_a_variants_name_are_taken_where_there_are_no_others(tmp_path: Path) -> None:
    made = stable_diffusion.pipeline()
    made.save_pretrained(tmp_path)
    weights = tmp_path / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_name("diffusion_pytorch_model.fp16.safetensors"))
    loaded = load_pipeline(StableDiffusionPipeline, tmp_path, CPU, **NOT_NEEDED)
    for name, weight in made.unet.state_dict().items():
        assert torch.equal(loaded.unet.state_dict()[name], weight)


def test_the_usual_weights_are_taken_before_those_of_a_variant(tmp_path: Path) -> None:
    stable_diffusion.pipeline().save_pretrained(tmp_path)
    other = tmp_path / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    other.write_bytes(b"broken")
    load_pipeline(StableDiffusionPipeline, tmp_path, CPU, **NOT_NEEDED)
    other.with_name("diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(OSError, match="fp16"):
        load_pipeline(StableDiffusionPipeline, tmp_path, CPU, **NOT_NEEDED)


def test_a_tokenizer_is_of_the_kind_that_its_folder_says_unless_it_has_no_words(
    tmp_path: Path,
) -> None:
    made = qwen_tokenizer()
    made.save_pretrained(tmp_path)
    assert load_tokenizer(tmp_path)("a cat").input_ids == made("a cat").input_ids
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match="holds no words"):
        load_tokenizer(tmp_path)
