"""Models that are one file, and the configurations that they leave out."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file

from studio import paths
from studio.core.errors import ModelError
from studio.core.geometry import Extent
from studio.engine.diffusion.bases.family import Brief, Family
from studio.engine.diffusion.families import load_family
from studio.engine.diffusion.loading.checkpoint import MERGES, clip_tokenizer, read_merges
from studio.generation.catalog import CONFIGS_FOLDER, ModelInfo, load_catalog
from tests.helpers.engine_runs import RecordingDesk, box_mask, shaded
from tests.helpers.machines import CPU
from tests.helpers.original_layout import autoencoder, save_checkpoint, unet
from tests.helpers.tiny import parts, stable_diffusion, stable_diffusion_xl

CONFIGS = paths.resources() / CONFIGS_FOLDER
EXTENT = Extent(64, 64)
SOURCE = shaded(*EXTENT).rgb()
BRIEF = Brief("a (red) cat", "", 3, EXTENT, steps=2, guidance=3.0, scheduler="ddim")

MILLIONS = {
    "sd-1": {"unet": 859.52, "vae": 83.65, "text_encoder": 123.06},
    "sd-1-inpaint": {"unet": 859.54},
    "sd-1-edit": {"unet": 859.53},
    "sd-2-base": {"unet": 865.91, "text_encoder": 340.39},
    "sd-2-768-v": {"unet": 865.91, "text_encoder": 340.39},
    "sd-2-inpaint": {"unet": 865.93},
    "sdxl": {"unet": 2567.46, "vae": 83.65, "text_encoder": 123.06, "text_encoder_2": 694.66},
    "sdxl-inpaint": {"unet": 2567.48},
    "sdxl-edit": {"unet": 2567.48},
    "sdxl-refiner": {"unet": 2259.53, "text_encoder_2": 694.66},
}
"""Parameters of the published models."""


@pytest.mark.parametrize("variant", MILLIONS)
def test_the_shipped_configurations_are_of_models_as_large_as_the_published_ones(
    variant: str,
) -> None:
    for name, millions in MILLIONS[variant].items():
        with torch.device("meta"):
            module = _module(CONFIGS / variant / name)
        count = sum(parameter.numel() for parameter in module.parameters())
        assert count / 1e6 == pytest.approx(millions, abs=0.006)


def _module(folder: Path) -> Any:
    if folder.name.startswith("text_encoder"):
        config = transformers.CLIPTextConfig.from_pretrained(folder)
        return getattr(transformers, config.architectures[0])(config)
    kind: Any = AutoencoderKL if folder.name == "vae" else UNet2DConditionModel
    return kind.from_config(kind.load_config(folder))


def test_the_configurations_are_whole() -> None:
    """Every module that a pipeline names has its configuration, and there is nothing else."""
    folders = {file.parent for file in CONFIGS.glob("*/model_index.json")}
    assert {folder.name for folder in folders} >= set(MILLIONS)
    for folder in folders:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        named = {name for name, value in index.items() if isinstance(value, list) and value[0]}
        assert named == {place.name for place in folder.iterdir() if place.is_dir()}


def test_the_tokenizer_is_clips() -> None:
    tokenizer = clip_tokenizer(read_merges(CONFIGS / MERGES), model_max_length=77, pad_token="!")
    ids = tokenizer("a photograph of an astronaut riding a horse").input_ids
    assert ids == [49406, 320, 8853, 539, 550, 18376, 6765, 320, 4558, 49407]
    assert (len(tokenizer), tokenizer.pad_token_id) == (49408, 0)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny models as folders and as single files, and the configurations that belong to these."""
    folder = tmp_path_factory.mktemp("single")
    merges = folder / CONFIGS_FOLDER / MERGES
    merges.parent.mkdir(parents=True)
    merges.write_text("#version: 0.2\n", encoding="utf-8")
    for variant, pipeline in {
        "sd-1": stable_diffusion.pipeline(words=_words),
        "sd-1-inpaint": stable_diffusion.pipeline(in_channels=9, words=_words),
        "sd-2-768-v": stable_diffusion.pipeline(
            prediction_type="v_prediction", pad="!", words=_words, use_linear_projection=True
        ),
        "sdxl": stable_diffusion_xl.pipeline(words=_words),
        "sdxl-refiner": stable_diffusion_xl.refiner(words=_words),
    }.items():
        pipeline.save_pretrained(folder / variant)
        save_checkpoint(pipeline, folder / f"{variant}.safetensors")
        _save_configs(pipeline, folder / variant, folder / CONFIGS_FOLDER / variant)
    return folder


def _words(pad: str = "<|endoftext|>") -> Any:
    return clip_tokenizer([], model_max_length=parts.TOKENS, pad_token=pad)


def _save_configs(pipeline: Any, source: Path, folder: Path) -> None:
    for file in source.rglob("*.json"):
        if file.name in ("config.json", "scheduler_config.json", "model_index.json"):
            place = folder / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
    for name, part in pipeline.components.items():
        if name.startswith("tokenizer") and part is not None:
            settings = {"model_max_length": parts.TOKENS, "pad_token": part.pad_token}
            (folder / name).mkdir()
            (folder / name / "tokenizer_config.json").write_text(json.dumps(settings))


def model_of(shelf: Path, variant: str, **places: Path) -> ModelInfo:
    family = "stable_diffusion_xl" if variant.startswith("sdxl") else "stable_diffusion"
    table = parts.table("single", family, ("text_to_image",), places)
    models = shelf / "models.toml"
    models.write_text(table.replace("grid =", f'variant = "{variant}"\ngrid ='), encoding="utf-8")
    return load_catalog(models, shelf, shelf / "nothing", shelf / "nothing").get("single")


def loaded(shelf: Path, variant: str, **places: Path) -> Family:
    return load_family(model_of(shelf, variant, **places), CPU)


@pytest.mark.parametrize("variant", ["sd-1", "sd-1-inpaint", "sd-2-768-v", "sdxl", "sdxl-refiner"])
def test_a_checkpoint_paints_what_its_folder_paints(shelf: Path, variant: str) -> None:
    single = loaded(shelf, variant, checkpoint=shelf / f"{variant}.safetensors")
    folder = loaded(shelf, variant, pipeline=shelf / variant)
    everything = box_mask(*EXTENT, 0, 0, *EXTENT)
    for mask in (everything, box_mask(*EXTENT, 16, 16, 48, 48)):
        ours, theirs = (
            family.inpaint(BRIEF, SOURCE, mask, 1.0, RecordingDesk()) for family in (single, folder)
        )
        assert ours.std() > 0
        assert (ours == theirs).all()


def test_an_autoencoder_that_overflows_in_half_precision_is_read_in_the_full_one(
    shelf: Path,
) -> None:
    model = model_of(shelf, "sdxl", checkpoint=shelf / "sdxl.safetensors")
    half = dataclasses.replace(CPU, dtype=torch.float16)
    [pipeline] = load_family(model, half).pipelines
    assert (pipeline.vae.dtype, pipeline.unet.dtype) == (torch.float32, torch.float16)


def test_an_autoencoder_in_one_file_takes_the_place_of_the_checkpoints(
    shelf: Path, tmp_path: Path
) -> None:
    parts.seed_weights(9)
    other, file = parts.autoencoder(), tmp_path / "vae.safetensors"
    save_file(autoencoder(other), file)
    family = loaded(shelf, "sd-1", checkpoint=shelf / "sd-1.safetensors", vae=file)
    [pipeline] = family.pipelines
    assert torch.equal(pipeline.vae.decoder.conv_in.weight, other.decoder.conv_in.weight)


def test_a_denoiser_in_the_original_layout_takes_the_place_of_the_pipelines(
    shelf: Path, tmp_path: Path
) -> None:
    parts.seed_weights(9)
    other, file = stable_diffusion.unet(), tmp_path / "unet.safetensors"
    save_file(
        {f"model.diffusion_model.{name}": weight for name, weight in unet(other).items()}, file
    )
    family = loaded(shelf, "sd-1", pipeline=shelf / "sd-1", transformer=file)
    [pipeline] = family.pipelines
    assert torch.equal(pipeline.unet.conv_out.weight, other.conv_out.weight)


def test_a_file_without_a_denoiser_is_refused(shelf: Path, tmp_path: Path) -> None:
    file = tmp_path / "vae.safetensors"
    save_file(autoencoder(parts.autoencoder()), file)
    with pytest.raises(ModelError, match="Single cannot be loaded"):
        loaded(shelf, "sd-1", pipeline=shelf / "sd-1", transformer=file)


def test_a_checkpoint_of_no_known_variant_is_refused(shelf: Path) -> None:
    model = model_of(shelf, "sd-1", checkpoint=shelf / "sd-1.safetensors")
    with pytest.raises(ModelError, match="Nothing says which variant Single is"):
        load_family(dataclasses.replace(model, configs=None), CPU)


@pytest.mark.parametrize("cut", [4, 2000, 200_000])
def test_a_damaged_checkpoint_is_refused(shelf: Path, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "cut.safetensors"
    file.write_bytes((shelf / "sd-1.safetensors").read_bytes()[:-cut])
    with pytest.raises(ModelError, match="Single cannot be loaded"):
        loaded(shelf, "sd-1", checkpoint=file)


def test_a_checkpoint_of_another_variant_is_refused(shelf: Path) -> None:
    with pytest.raises(ModelError, match="Single cannot be loaded"):
        loaded(shelf, "sdxl", checkpoint=shelf / "sd-1.safetensors")


def test_a_checkpoint_that_could_run_code_is_refused(shelf: Path, tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").touch()
    with pytest.raises(ModelError, match=r"models are \.safetensors files"):
        loaded(shelf, "sd-1", checkpoint=tmp_path / "model.ckpt")
