"""Puts the trained parts into the folders that Kandinsky 2.2's pipelines load."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import (
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
    PriorTransformer,
    UNet2DConditionModel,
    VQModel,
)
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
)

from studio.engine.diffusion.upscalers.compact import CompactUpsampler
from studio.training.checkpoints import sha256_of
from studio.training.denoiser import cut_to_base
from studio.training.knowledge import vocabulary
from studio.training.parts import (
    Sizes,
    build_decoder_scheduler,
    build_image_processor,
    build_prior_scheduler,
)

PIPELINES = ("prior", "decoder", "inpaint")
"""The pipeline folders."""

PARTS = (*PIPELINES, "upscaler")
"""All folders of weights."""


@dataclass(frozen=True, slots=True)
class Starter:
    """Every trained part."""

    tokenizer: CLIPTokenizer
    text_tower: CLIPTextModelWithProjection
    image_tower: CLIPVisionModelWithProjection
    prior: PriorTransformer
    autoencoder: VQModel
    denoiser: UNet2DConditionModel
    upsamplers: dict[int, CompactUpsampler]


def write_starter(starter: Starter, sizes: Sizes, folder: Path) -> None:
    """Replaces the pipeline folders, vocabulary and checksums within ``folder``; float16."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / ".writing"
    shutil.rmtree(fresh, ignore_errors=True)
    _save_pipelines(starter, sizes, fresh)
    _save_upsamplers(starter, fresh / "upscaler")
    for part in PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
        (fresh / part).rename(folder / part)
    fresh.rmdir()
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary(), indent=2) + "\n")
    (folder / "checksums.json").write_text(json.dumps(checksums(folder), indent=2) + "\n")


def _save_pipelines(starter: Starter, sizes: Sizes, folder: Path) -> None:
    prior = KandinskyV22PriorPipeline(
        prior=starter.prior,
        image_encoder=starter.image_tower,
        text_encoder=starter.text_tower,
        tokenizer=starter.tokenizer,
        scheduler=build_prior_scheduler(),
        image_processor=build_image_processor(),
    )
    scheduler = build_decoder_scheduler()
    decoder = KandinskyV22Pipeline(
        unet=cut_to_base(starter.denoiser, sizes), scheduler=scheduler, movq=starter.autoencoder
    )
    inpaint = KandinskyV22InpaintPipeline(
        unet=starter.denoiser, scheduler=scheduler, movq=starter.autoencoder
    )
    for part, pipeline in zip(PIPELINES, (prior, decoder, inpaint), strict=True):
        pipeline.to(torch.float16).save_pretrained(folder / part)
    for part in ("decoder", "inpaint"):
        _split(folder / part / "unet")
    for tower in ("text_encoder", "image_encoder"):
        _load_as_float32(folder / "prior" / tower / "config.json")


def _split(folder: Path) -> None:
    """Parts a denoiser's weights into the input convolution and all the rest.

    The two decoders differ in that convolution alone: the rest is the same file twice, which
    repositories and archives keep once.
    """
    whole = folder / "diffusion_pytorch_model.safetensors"
    tensors = load_file(whole)
    shards: dict[str, dict[str, torch.Tensor]] = {"00001": {}, "00002": {}}
    places = {}
    for name, tensor in tensors.items():
        number = "00001" if name.startswith("conv_in.") else "00002"
        shards[number][name] = tensor
        places[name] = f"diffusion_pytorch_model-{number}-of-00002.safetensors"
    for number, shard in shards.items():
        path = folder / f"diffusion_pytorch_model-{number}-of-00002.safetensors"
        save_file(shard, path, metadata={"format": "pt"})
    size = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": places}
    whole.with_suffix(".safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    whole.unlink()


def _save_upsamplers(starter: Starter, folder: Path) -> None:
    folder.mkdir()
    for factor, network in starter.upsamplers.items():
        tensors = {name: t.half().contiguous() for name, t in network.state_dict().items()}
        save_file(tensors, folder / f"x{factor}.safetensors")
    index = {"_class_name": "CompactUpsampler", "factors": sorted(starter.upsamplers)}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def _load_as_float32(config: Path) -> None:
    """Lets the CLIP towers load in float32, as the other parts do where nothing else is asked."""
    values = json.loads(config.read_text())
    values["dtype"] = "float32"
    config.write_text(json.dumps(values, indent=2) + "\n")


def checksums(folder: Path) -> dict[str, dict[str, str | int]]:
    """SHA-256 and size of every file of the pipelines, by path relative to ``folder``."""
    files = sorted(path for part in PARTS for path in (folder / part).rglob("*") if path.is_file())
    files.append(folder / "vocabulary.json")
    return {
        path.relative_to(folder).as_posix(): {
            "sha256": sha256_of(path),
            "size": path.stat().st_size,
        }
        for path in files
    }
