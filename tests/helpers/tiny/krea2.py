"""Krea 2 with random weights, as it is and distilled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import FlowMatchEulerDiscreteScheduler, Krea2Pipeline, Krea2Transformer2DModel
from transformers import Qwen3VLConfig, Qwen3VLModel

from tests.helpers.tiny.language import attentive, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, seed_weights, table
from tests.helpers.tiny.qwen_image import CHANNELS, WIDTH, autoencoder

LAYERS = (0, 1, 2)


def save(folder: Path) -> str:
    """Writes ``tiny-krea2`` and ``tiny-krea2-turbo``."""
    seed_weights(41)
    parts = encoders()
    for name, is_distilled in {"raw": False, "turbo": True}.items():
        pipeline = Krea2Pipeline(
            **parts,
            transformer=transformer(),
            text_encoder_select_layers=LAYERS,
            is_distilled=is_distilled,
        )
        pipeline.save_pretrained(folder / name)
    raw, turbo = {"pipeline": folder / "raw"}, {"pipeline": folder / "turbo"}
    settings: dict[str, Any] = {"grid": 32, "scheduler": "flow"}
    return table("tiny-krea2", "krea2", PAINTING, raw, guidance=2.0, **settings) + table(
        "tiny-krea2-turbo", "krea2", PAINTING, turbo, guidance=0.0, **settings
    )


def encoders() -> dict[str, Any]:
    """All parts but the transformer."""
    tokenizer = qwen_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(
            base_image_seq_len=256,
            max_image_seq_len=6400,
            base_shift=0.5,
            max_shift=1.15,
            use_dynamic_shifting=True,
        ),
        "vae": autoencoder(),
        "text_encoder": vision_language_model(tokenizer),
        "tokenizer": tokenizer,
    }


def transformer() -> Krea2Transformer2DModel:
    return attentive(
        Krea2Transformer2DModel(
            in_channels=4 * CHANNELS,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            num_key_value_heads=1,
            intermediate_size=WIDTH,
            timestep_embed_dim=16,
            text_hidden_dim=WIDTH,
            num_text_layers=len(LAYERS),
            text_num_attention_heads=2,
            text_num_key_value_heads=2,
            text_intermediate_size=WIDTH,
            num_layerwise_text_blocks=1,
            num_refiner_text_blocks=1,
            axes_dims_rope=(4, 6, 6),
        )
    )


def vision_language_config(tokenizer: Any) -> Qwen3VLConfig:
    """Of Qwen 3 VL."""
    ids = tokenizer.convert_tokens_to_ids
    return Qwen3VLConfig(
        text_config={
            "hidden_size": WIDTH,
            "intermediate_size": WIDTH,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [2, 1, 1],
                "mrope_interleaved": True,
                "rope_theta": 5000000.0,
            },
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 4096,
        },
        vision_config={
            "depth": 2,
            "hidden_size": WIDTH,
            "intermediate_size": WIDTH,
            "num_heads": 2,
            "out_hidden_size": WIDTH,
            "num_position_embeddings": 16,
            "deepstack_visual_indexes": [0],
        },
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
    )


def vision_language_model(tokenizer: Any) -> Qwen3VLModel:
    """Qwen 3 VL without its head."""
    return attentive(Qwen3VLModel(vision_language_config(tokenizer)))
