"""Kandinsky 2.2 with random weights: prior, decoder, and a decoder for inpainting."""

from __future__ import annotations

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

from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    clip_image_processor,
    clip_text,
    clip_tokenizer,
    clip_vision,
    seed_weights,
    table,
)

LATENTS = 4
TOKENS = 16


def save(folder: Path, seed: int = 0) -> str:
    """Writes ``tiny``."""
    seed_weights(seed)
    movq = _movq()
    pipelines = {
        "prior": _prior(),
        "decoder": KandinskyV22Pipeline(_unet(LATENTS), _scheduler(), movq),
        "inpaint": KandinskyV22InpaintPipeline(_unet(2 * LATENTS + 1), _scheduler(), movq),
    }
    for role, pipeline in pipelines.items():
        pipeline.save_pretrained(folder / role)
    parts = {role: folder / role for role in pipelines}
    return table("tiny", "kandinsky22", PAINTING, parts, steps=4, prior_steps=2, prior_guidance=1.5)


def save_kandinsky(folder: Path, seed: int = 0) -> Path:
    """Writes the parts into a folder, and the ``models.toml`` that lists their one model.

    Returns:
        The path of that list.
    """
    folder.mkdir(parents=True, exist_ok=True)
    models = folder / "models.toml"
    models.write_text(save(folder, seed), encoding="utf-8")
    return models


def _prior() -> KandinskyV22PriorPipeline:
    tokenizer = clip_tokenizer(tokens=TOKENS)
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
        image_encoder=clip_vision(layers=1, patch=16),
        text_encoder=clip_text(tokenizer, projected=True, tokens=TOKENS, layers=1),
        tokenizer=tokenizer,
        scheduler=UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0
        ),
        image_processor=clip_image_processor(),
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
