"""Lumina-Image 2.0 with random weights."""

from __future__ import annotations

from pathlib import Path

from diffusers import FlowMatchEulerDiscreteScheduler, Lumina2Pipeline, Lumina2Transformer2DModel

from tests.helpers.tiny.language import attentive, gemma2, gemma_tokenizer
from tests.helpers.tiny.parts import PAINTING, WIDTH, seed_weights, shifted_autoencoder, table

CHANNELS = 4


def save(folder: Path) -> str:
    """Writes ``tiny-lumina``."""
    pipeline().save_pretrained(folder)
    return table("tiny-lumina", "lumina2", PAINTING, {"pipeline": folder}, scheduler="flow")


def pipeline() -> Lumina2Pipeline:
    seed_weights(29)
    tokenizer = gemma_tokenizer()
    return Lumina2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=6.0),
        vae=shifted_autoencoder(CHANNELS),
        text_encoder=gemma2(tokenizer),
        tokenizer=tokenizer,
        transformer=transformer(),
    )


def transformer() -> Lumina2Transformer2DModel:
    """A block, and one before it for words and for cells each."""
    return attentive(
        Lumina2Transformer2DModel(
            sample_size=8,
            in_channels=CHANNELS,
            hidden_size=WIDTH,
            num_layers=1,
            num_refiner_layers=1,
            num_attention_heads=2,
            num_kv_heads=1,
            multiple_of=8,
            axes_dim_rope=(8, 4, 4),
            axes_lens=(300, 32, 32),
            cap_feat_dim=WIDTH,
        )
    )
