"""FLUX.2 with random weights: klein, klein without guidance, and dev."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Pipeline,
    Flux2Transformer2DModel,
)

from tests.helpers.tiny.language import (
    attentive,
    mistral3,
    mistral_tokenizer,
    qwen3_with_head,
    qwen_tokenizer,
)
from tests.helpers.tiny.parts import PAINTING, WIDTH, seed_weights, table

CHANNELS = 4
KLEIN_LAYERS = 27
"""The deepest layer of the language model whose states the pipeline takes."""

DEV_LAYERS = 30
TASKS = (*PAINTING, "edit")


def save(folder: Path) -> str:
    """Writes ``tiny-flux2``, ``tiny-flux2-distilled`` and ``tiny-flux2-dev``."""
    seed_weights(17)
    vae, scheduler = autoencoder(), FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    tokenizer = qwen_tokenizer()
    klein: dict[str, Any] = {
        "scheduler": scheduler,
        "vae": vae,
        "text_encoder": qwen3_with_head(tokenizer, KLEIN_LAYERS),
        "tokenizer": tokenizer,
        "transformer": transformer(),
    }
    words = mistral_tokenizer()
    dev = Flux2Pipeline(
        scheduler=scheduler,
        vae=vae,
        text_encoder=mistral3(words, DEV_LAYERS),
        tokenizer=words,
        transformer=transformer(guidance_embeds=True),
    )
    models = {
        "tiny-flux2": Flux2KleinPipeline(**klein),
        "tiny-flux2-distilled": Flux2KleinPipeline(**klein, is_distilled=True),
        "tiny-flux2-dev": dev,
    }
    for name, pipeline in models.items():
        pipeline.save_pretrained(folder / name)
    return "".join(
        table(name, "flux2", TASKS, {"pipeline": folder / name}, scheduler="flow")
        for name in models
    )


def transformer(*, guidance_embeds: bool = False) -> Flux2Transformer2DModel:
    return attentive(
        Flux2Transformer2DModel(
            in_channels=4 * CHANNELS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=3 * WIDTH,
            timestep_guidance_channels=WIDTH,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=guidance_embeds,
        )
    )


def autoencoder() -> AutoencoderKLFlux2:
    """Its batch norm knows pictures that are far from the mean and the deviation of noise."""
    vae = AutoencoderKLFlux2(
        block_out_channels=(4, 4, 8, 8),
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=2,
        sample_size=64,
    )
    attentive(vae.encoder)
    vae.bn.running_mean.copy_(torch.linspace(-0.5, 0.5, 4 * CHANNELS))
    vae.bn.running_var.copy_(torch.linspace(0.5, 2.0, 4 * CHANNELS))
    return vae.eval()
