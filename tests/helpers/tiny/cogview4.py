"""CogView4 with random weights."""

from __future__ import annotations

from pathlib import Path

from diffusers import CogView4Pipeline, CogView4Transformer2DModel, FlowMatchEulerDiscreteScheduler

from tests.helpers.tiny.language import attentive, glm, llama_tokenizer
from tests.helpers.tiny.parts import PAINTING, WIDTH, autoencoder, seed_weights, table

CHANNELS = 4


def save(folder: Path) -> str:
    """Writes ``tiny-cogview``."""
    pipeline().save_pretrained(folder)
    return table("tiny-cogview", "cogview4", PAINTING, {"pipeline": folder}, scheduler="flow")


def pipeline() -> CogView4Pipeline:
    seed_weights(31)
    tokenizer = llama_tokenizer()
    tokenizer.pad_token = tokenizer.eos_token
    return CogView4Pipeline(
        tokenizer=tokenizer,
        text_encoder=glm(tokenizer),
        vae=autoencoder(CHANNELS, scaling_factor=0.36),
        transformer=transformer(),
        scheduler=FlowMatchEulerDiscreteScheduler(
            base_shift=0.25,
            max_shift=0.75,
            use_dynamic_shifting=True,
            time_shift_type="linear",
        ),
    )


def transformer() -> CogView4Transformer2DModel:
    return attentive(
        CogView4Transformer2DModel(
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            text_embed_dim=WIDTH,
            time_embed_dim=8,
            condition_dim=4,
            sample_size=8,
        )
    )
