"""A Kandinsky 2.2 with random weights: every part of the real one, a few kilobytes each.

It is made of the real configuration classes and saved in the real folder format, so the engine's
loader and adapter cannot tell it from a model; it paints noise, in some hundredths of a second.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import (
    DDPMScheduler,
    KandinskyV22InpaintPipeline,
    KandinskyV22Pipeline,
    KandinskyV22PriorPipeline,
    PriorTransformer,
    UnCLIPScheduler,
    UNet2DConditionModel,
    VQModel,
)
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

NATIVE = 64
GRID = 16
LATENTS = 4
WIDTH = 32
TOKENS = 16

_TOML = """
[[model]]
id = "tiny"
title = "Tiny"
family = "kandinsky22"
tasks = ["text_to_image", "image_to_image", "inpaint", "variation"]
license = "Apache-2.0"
native_size = {native}
grid = {grid}
memory = {{ full = 0.1, offload = 0.1 }}
parts = [
  {{ role = "prior", path = {prior} }},
  {{ role = "decoder", path = {decoder} }},
  {{ role = "inpaint", path = {inpaint} }},
]
[model.defaults]
steps = 4
guidance = 2.0
scheduler = "ddim"
prior_steps = 2
prior_guidance = 1.5
"""


def save_kandinsky(folder: Path, seed: int = 0) -> Path:
    """Writes ``prior``, ``decoder`` and ``inpaint`` into a folder, and a list of models.

    Returns:
        The ``models.toml`` beside them, whose one model is ``tiny``.
    """
    torch.manual_seed(seed)
    movq = _movq()
    pipelines = {
        "prior": _prior(),
        "decoder": KandinskyV22Pipeline(_unet(LATENTS), _scheduler(), movq),
        "inpaint": KandinskyV22InpaintPipeline(_unet(2 * LATENTS + 1), _scheduler(), movq),
    }
    for role, pipeline in pipelines.items():
        pipeline.save_pretrained(folder / role)
    places = {role: json.dumps((folder / role).as_posix()) for role in pipelines}
    models = folder / "models.toml"
    models.write_text(_TOML.format(native=NATIVE, grid=GRID, **places), encoding="utf-8")
    return models


def _tokenizer() -> CLIPTokenizer:
    """Every printable ASCII letter is a word of its own, and nothing is joined."""
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(letter + "</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: index for index, word in enumerate(words)},
        merges=[],
        pad_token="<|endoftext|>",
        model_max_length=TOKENS,
    )


def _prior() -> KandinskyV22PriorPipeline:
    tokenizer = _tokenizer()
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=TOKENS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    vision = CLIPVisionConfig(
        hidden_size=WIDTH,
        projection_dim=WIDTH,
        image_size=32,
        patch_size=16,
        intermediate_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
    )
    prior = PriorTransformer(
        num_attention_heads=2,
        attention_head_dim=WIDTH // 2,
        num_layers=1,
        embedding_dim=WIDTH,
        num_embeddings=TOKENS,
    )
    with torch.no_grad():
        prior.clip_std.fill_(1.0)
    return KandinskyV22PriorPipeline(
        prior=prior.eval(),
        image_encoder=CLIPVisionModelWithProjection(vision).eval(),
        text_encoder=CLIPTextModelWithProjection(text).eval(),
        tokenizer=tokenizer,
        scheduler=UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0
        ),
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
        ),
    )


def _movq() -> VQModel:
    return VQModel(
        block_out_channels=(8, 8, 8, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=LATENTS,
        layers_per_block=1,
        norm_num_groups=4,
        num_vq_embeddings=8,
        vq_embed_dim=LATENTS,
    ).eval()


def _unet(in_channels: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        in_channels=in_channels,
        out_channels=2 * LATENTS,
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=4,
        cross_attention_dim=8,
        resnet_time_scale_shift="scale_shift",
        encoder_hid_dim=WIDTH,
        encoder_hid_dim_type="image_proj",
        addition_embed_type="image",
    ).eval()


def _scheduler() -> DDPMScheduler:
    return DDPMScheduler(
        beta_schedule="linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        variance_type="learned_range",
    )
