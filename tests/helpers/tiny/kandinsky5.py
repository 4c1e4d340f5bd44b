"""Kandinsky 5.0 Image Lite and its editor with random weights; both have the same encoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    Kandinsky5I2IPipeline,
    Kandinsky5T2IPipeline,
    Kandinsky5Transformer3DModel,
)
from diffusers.models.transformers.transformer_kandinsky import Kandinsky5Modulation

from tests.helpers.tiny import qwen_image
from tests.helpers.tiny.language import attentive, qwen_tokenizer
from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    clip_text,
    clip_tokenizer,
    seed_weights,
    shifted_autoencoder,
    table,
)

CHANNELS = 4
TASKS = (*PAINTING, "edit")


def save(folder: Path) -> str:
    """Writes ``tiny-kandinsky5``, and one that only edits: ``tiny-kandinsky5-edit``."""
    seed_weights(37)
    shared = encoders()
    painter = Kandinsky5T2IPipeline(**shared, transformer=transformer())
    editor = Kandinsky5I2IPipeline(**shared, transformer=transformer(visual_cond=True))
    for name, pipeline in {"painter": painter, "editor": editor}.items():
        pipeline.save_pretrained(folder / name)
        shared["tokenizer"].tokenizer.save_pretrained(folder / name / "tokenizer")
    both = {"pipeline": folder / "painter", "edit": folder / "editor"}
    alone = {"edit": folder / "editor"}
    return _table("tiny-kandinsky5", TASKS, both) + _table("tiny-kandinsky5-edit", ("edit",), alone)


def encoders() -> dict[str, Any]:
    """All parts but the transformer."""
    tokenizer, clip = qwen_tokenizer(), clip_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=5.0),
        "vae": shifted_autoencoder(CHANNELS),
        "text_encoder": qwen_image.vision_language_model(tokenizer),
        "tokenizer": qwen_image.stock_processor(tokenizer),
        "text_encoder_2": clip_text(clip),
        "tokenizer_2": clip,
    }


def transformer(*, visual_cond: bool = False) -> Kandinsky5Transformer3DModel:
    made = Kandinsky5Transformer3DModel(
        in_visual_dim=CHANNELS,
        out_visual_dim=CHANNELS,
        in_text_dim=qwen_image.WIDTH,
        in_text_dim2=WIDTH,
        time_dim=16,
        model_dim=WIDTH,
        ff_dim=WIDTH,
        num_text_blocks=1,
        num_visual_blocks=2,
        axes_dims=(4, 6, 6),
        visual_cond=visual_cond,
    )
    for module in made.modules():
        if isinstance(module, Kandinsky5Modulation):  # begins as one that passes nothing
            torch.nn.init.normal_(module.out_layer.weight, std=0.1)
    return attentive(made)


def _table(model: str, tasks: tuple[str, ...], parts: dict[str, Path]) -> str:
    return table(model, "kandinsky5", tasks, parts, guidance=3.5, scheduler="flow")
