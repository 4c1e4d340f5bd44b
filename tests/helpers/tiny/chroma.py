"""Chroma with random weights."""

from __future__ import annotations

from pathlib import Path

from diffusers import ChromaPipeline, ChromaTransformer2DModel, FlowMatchEulerDiscreteScheduler

from tests.helpers.tiny.language import attentive
from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    seed_weights,
    shifted_autoencoder,
    t5_encoder,
    t5_tokenizer,
    table,
)

CHANNELS = 4


def save(folder: Path) -> str:
    """Writes ``tiny-chroma``."""
    pipeline().save_pretrained(folder)
    return table("tiny-chroma", "chroma", PAINTING, {"pipeline": folder}, scheduler="flow")


def pipeline() -> ChromaPipeline:
    seed_weights(23)
    tokenizer = t5_tokenizer()
    return ChromaPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=shifted_autoencoder(CHANNELS, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=t5_encoder(tokenizer),
        tokenizer=tokenizer,
        transformer=transformer(),
    )


def transformer() -> ChromaTransformer2DModel:
    """A double and a single block."""
    return attentive(
        ChromaTransformer2DModel(
            in_channels=4 * CHANNELS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            axes_dims_rope=(4, 4, 8),
            approximator_num_channels=8,
            approximator_hidden_dim=WIDTH,
            approximator_layers=1,
        )
    )
