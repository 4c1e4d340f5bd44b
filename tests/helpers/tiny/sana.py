"""Sana and Sana Sprint with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    AutoencoderDC,
    DPMSolverMultistepScheduler,
    SanaPipeline,
    SanaSprintPipeline,
    SanaTransformer2DModel,
    SCMScheduler,
)

from tests.helpers.tiny.language import attentive, gemma2, gemma_tokenizer
from tests.helpers.tiny.parts import PAINTING, WIDTH, seed_weights, table

CHANNELS = 4
GRID = 32
LAYERS = 1


def save(folder: Path) -> str:
    """Writes ``tiny-sana`` and ``tiny-sana-sprint``."""
    seed_weights(19)
    tokenizer = gemma_tokenizer()
    shared: dict[str, Any] = {
        "tokenizer": tokenizer,
        "text_encoder": gemma2(tokenizer),
        "vae": autoencoder(),
    }
    solver = DPMSolverMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    sana = SanaPipeline(**shared, transformer=transformer(), scheduler=solver)
    sprint = SanaSprintPipeline(
        **shared, transformer=transformer(guidance_embeds=True), scheduler=SCMScheduler()
    )
    sana.save_pretrained(folder / "sana")
    sprint.save_pretrained(folder / "sprint")
    return table(
        "tiny-sana", "sana", PAINTING, {"pipeline": folder / "sana"}, grid=GRID, scheduler="dpm++"
    ) + table(
        "tiny-sana-sprint",
        "sana",
        PAINTING,
        {"pipeline": folder / "sprint"},
        grid=GRID,
        scheduler="flow",
    )


def transformer(*, guidance_embeds: bool = False) -> SanaTransformer2DModel:
    return attentive(
        SanaTransformer2DModel(
            patch_size=1,
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            num_layers=LAYERS,
            num_attention_heads=2,
            attention_head_dim=8,
            num_cross_attention_heads=2,
            cross_attention_head_dim=8,
            cross_attention_dim=16,
            caption_channels=WIDTH,
            sample_size=32,
            guidance_embeds=guidance_embeds,
            qk_norm="rms_norm_across_heads" if guidance_embeds else None,
        )
    )


def autoencoder() -> AutoencoderDC:
    """Thirty-two pixels along a latent cell's side."""
    return AutoencoderDC(
        latent_channels=CHANNELS,
        attention_head_dim=2,
        encoder_block_types=("ResBlock",) * 6,
        decoder_block_types=("ResBlock",) * 6,
        encoder_block_out_channels=(4, 4, 4, 4, 8, 8),
        decoder_block_out_channels=(4, 4, 4, 4, 8, 8),
        encoder_layers_per_block=(1,) * 6,
        decoder_layers_per_block=(1,) * 6,
        encoder_qkv_multiscales=((),) * 6,
        decoder_qkv_multiscales=((),) * 6,
        scaling_factor=0.41407,
    ).eval()
