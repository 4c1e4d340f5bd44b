"""LongCat-Image and LongCat-Image-Edit with random weights; both have the same encoders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LongCatImageEditPipeline,
    LongCatImagePipeline,
    LongCatImageTransformer2DModel,
)

from tests.helpers.tiny.language import attentive, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, seed_weights, shifted_autoencoder, table
from tests.helpers.tiny.qwen_image import WIDTH, stock_processor, vision_language_model

CHANNELS = 16


def save(folder: Path) -> str:
    """Writes ``tiny-longcat``, and ``tiny-longcat-edit``, which only edits."""
    seed_weights(37)
    shared = encoders()
    LongCatImagePipeline(**shared, transformer=transformer()).save_pretrained(folder / "painter")
    LongCatImageEditPipeline(**shared, transformer=transformer()).save_pretrained(folder / "edit")
    parts = {"pipeline": folder / "painter", "edit": folder / "edit"}
    return _table("tiny-longcat", (*PAINTING, "edit"), parts) + _table(
        "tiny-longcat-edit", ("edit",), {"edit": folder / "edit"}
    )


def encoders() -> dict[str, Any]:
    """All parts but the transformer."""
    tokenizer = qwen_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": shifted_autoencoder(CHANNELS),
        "text_encoder": vision_language_model(tokenizer),
        "tokenizer": tokenizer,
        "text_processor": stock_processor(tokenizer),
    }


def transformer() -> LongCatImageTransformer2DModel:
    return attentive(
        LongCatImageTransformer2DModel(
            in_channels=4 * CHANNELS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            axes_dims_rope=[4, 6, 6],
        )
    )


def _table(model_id: str, tasks: tuple[str, ...], parts: Mapping[str, Path]) -> str:
    return table(model_id, "longcat_image", tasks, parts, guidance=2.0, scheduler="flow")
