"""Stable Diffusion 3, with an inpainting transformer beside it, and without its T5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)

from tests.helpers.tiny.parts import (
    WIDTH,
    autoencoder,
    clip_text,
    clip_tokenizer,
    seed_weights,
    t5_encoder,
    t5_tokenizer,
    table,
)

FAMILY = "stable_diffusion_3"
CHANNELS = 16


def save(folder: Path) -> str:
    """Two models: one with an inpainting transformer, and one without a T5."""
    whole, masked, small = folder / "whole", folder / "masked", folder / "small"
    pipeline().save_pretrained(whole)
    pipeline(in_channels=2 * CHANNELS + 1).save_pretrained(masked)
    pipeline(wordy=False).save_pretrained(small)
    tasks = ("text_to_image", "image_to_image", "inpaint", "variation")
    parts = {"pipeline": whole, "inpaint": masked}
    return table("tiny-sd3", FAMILY, tasks, parts, scheduler="flow") + table(
        "tiny-sd3-small", FAMILY, tasks, {"pipeline": small}, scheduler="flow"
    )


def pipeline(in_channels: int = CHANNELS, wordy: bool = True) -> StableDiffusion3Pipeline:
    """The stock pipeline; all share the weights of everything but the denoiser.

    Args:
        in_channels: 33 for a denoiser that sees what is known.
        wordy: whether it has its T5.
    """
    seed_weights(0)
    first, second, third = clip_tokenizer(), clip_tokenizer(pad="!"), t5_tokenizer()
    return StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(CHANNELS, shift_factor=0.06, scaling_factor=1.53),
        text_encoder=clip_text(first, projected=True),
        tokenizer=first,
        text_encoder_2=clip_text(second, projected=True),
        tokenizer_2=second,
        text_encoder_3=t5_encoder(third, 2 * WIDTH) if wordy else None,
        tokenizer_3=third if wordy else None,
        transformer=transformer(in_channels),
    )


def transformer(in_channels: int = CHANNELS, **config: Any) -> SD3Transformer2DModel:
    """Two layers."""
    return SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=in_channels,
        out_channels=CHANNELS,
        num_layers=config.pop("num_layers", 2),
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=2 * WIDTH,
        caption_projection_dim=WIDTH,
        pooled_projection_dim=2 * WIDTH,
        pos_embed_max_size=32,
        **config,
    ).eval()
