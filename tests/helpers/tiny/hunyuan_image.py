"""HunyuanImage 2.1 and its distilled form with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    AdaptiveProjectedMixGuidance,
    AutoencoderKLHunyuanImage,
    FlowMatchEulerDiscreteScheduler,
    HunyuanImagePipeline,
    HunyuanImageTransformer2DModel,
)
from transformers import ByT5Tokenizer

from tests.helpers.tiny import qwen_image
from tests.helpers.tiny.language import attentive, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, WIDTH, seed_weights, t5_encoder, table

CHANNELS = 4
GRID = 32


def save(folder: Path) -> str:
    """Writes ``tiny-hunyuan`` and ``tiny-hunyuan-distilled``, which cannot write.

    What is to be written passes through two million weights, whatever the transformer's size.
    """
    seed_weights(31)
    shared = encoders()
    guiders = {
        name: AdaptiveProjectedMixGuidance(
            guidance_scale=scale, adaptive_projected_guidance_start_step=1
        )
        for name, scale in {"guider": 3.5, "ocr_guider": 2.0}.items()
    }
    pipelines = {
        "tiny-hunyuan": HunyuanImagePipeline(**shared, **guiders, transformer=transformer()),
        "tiny-hunyuan-distilled": HunyuanImagePipeline(
            **shared,
            transformer=transformer(guidance_embeds=True, use_meanflow=True, text_embed_2_dim=None),
        ),
    }
    tables = []
    for model, pipeline in pipelines.items():
        pipeline.save_pretrained(folder / model)
        parts = {"pipeline": folder / model}
        tables.append(
            table(
                model, "hunyuan_image", PAINTING, parts, grid=GRID, guidance=3.5, scheduler="flow"
            )
        )
    return "".join(tables)


def encoders() -> dict[str, Any]:
    """All parts but the transformer."""
    tokenizer, letters = qwen_tokenizer(), ByT5Tokenizer(extra_ids=0)
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=4.0),
        "vae": autoencoder(),
        "text_encoder": qwen_image.vision_language_model(tokenizer),
        "tokenizer": tokenizer,
        "text_encoder_2": attentive(t5_encoder(letters)),
        "tokenizer_2": letters,
    }


def transformer(**config: Any) -> HunyuanImageTransformer2DModel:
    values: dict[str, Any] = {
        "in_channels": CHANNELS,
        "out_channels": CHANNELS,
        "num_attention_heads": 2,
        "attention_head_dim": 16,
        "num_layers": 1,
        "num_single_layers": 1,
        "num_refiner_layers": 1,
        "text_embed_dim": qwen_image.WIDTH,
        "text_embed_2_dim": WIDTH,
        "rope_axes_dim": (8, 8),
    }
    return attentive(HunyuanImageTransformer2DModel(**values | config))


def autoencoder() -> AutoencoderKLHunyuanImage:
    """Thirty-two pixels along a latent cell's side."""
    return AutoencoderKLHunyuanImage(
        in_channels=3,
        out_channels=3,
        latent_channels=CHANNELS,
        block_out_channels=(32,) * 6,
        layers_per_block=1,
        spatial_compression_ratio=32,
        sample_size=64,
        scaling_factor=0.75,
        downsample_match_channel=False,
        upsample_match_channel=False,
    ).eval()
