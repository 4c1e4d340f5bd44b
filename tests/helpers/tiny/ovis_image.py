"""Ovis-Image with random weights."""

from __future__ import annotations

from pathlib import Path

from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    OvisImagePipeline,
    OvisImageTransformer2DModel,
)

from tests.helpers.tiny.language import attentive, qwen3, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, WIDTH, seed_weights, shifted_autoencoder, table

CHANNELS = 4


def save(folder: Path) -> str:
    """Writes ``tiny-ovis``."""
    pipeline().save_pretrained(folder)
    return table("tiny-ovis", "ovis_image", PAINTING, {"pipeline": folder}, scheduler="flow")


def pipeline() -> OvisImagePipeline:
    seed_weights(37)
    tokenizer = qwen_tokenizer()
    return OvisImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=shifted_autoencoder(CHANNELS),
        text_encoder=qwen3(tokenizer),
        tokenizer=tokenizer,
        transformer=transformer(),
    )


def transformer() -> OvisImageTransformer2DModel:
    """A double and a single block."""
    return attentive(
        OvisImageTransformer2DModel(
            in_channels=4 * CHANNELS,
            out_channels=4 * CHANNELS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(4, 4, 8),
        )
    )
