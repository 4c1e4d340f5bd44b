"""Qwen-Image 2.1 with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    AutoencoderKLQwenImage21,
    FlowMatchEulerDiscreteScheduler,
    QwenImage21Pipeline,
    QwenImage21Transformer2DModel,
)
from transformers import Qwen2VLImageProcessorPil, Qwen3VLForConditionalGeneration, Qwen3VLProcessor

from tests.helpers.tiny.krea2 import vision_language_config
from tests.helpers.tiny.language import attentive, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, seed_weights, table
from tests.helpers.tiny.qwen_image import CHANNELS, WIDTH, filled_by_hand

_CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}<|im_end|>\n{% endfor %}"
)


def save(folder: Path) -> str:
    """Writes ``tiny-qwen-21``."""
    seed_weights(47)
    pipeline().save_pretrained(folder)
    return table(
        "tiny-qwen-21",
        "qwen_image_21",
        (*PAINTING, "edit"),
        {"pipeline": folder},
        grid=32,
        guidance=1.0,
        scheduler="flow",
    )


def pipeline() -> QwenImage21Pipeline:
    tokenizer = qwen_tokenizer()
    tokenizer.chat_template = _CHAT
    encoder = Qwen3VLForConditionalGeneration(vision_language_config(tokenizer))
    return QwenImage21Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=autoencoder(),
        text_encoder=attentive(encoder),
        processor=stock_processor(tokenizer),
        transformer=transformer(),
    )


def transformer() -> QwenImage21Transformer2DModel:
    return attentive(
        QwenImage21Transformer2DModel(
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=2,
            context_in_dim=WIDTH,
            axes_dims_rope=(4, 6, 6),
        )
    )


def autoencoder() -> AutoencoderKLQwenImage21:
    """Its latents have means and deviations of their own, and its pictures an opacity."""
    vae = AutoencoderKLQwenImage21(
        base_dim=8,
        decoder_base_dim=8,
        z_dim=CHANNELS,
        dim_mult=[1, 1, 1, 1, 1],
        num_res_blocks=1,
        latents_mean=[0.1, -0.2, 0.3, 0.0],
        latents_std=[0.5, 0.8, 1.0, 1.2],
    )
    attentive(vae.encoder)
    return vae.eval()


def stock_processor(tokenizer: Any) -> Qwen3VLProcessor:
    """The one that is published, with its tokenizer beside what it knows of pictures."""
    pictures = Qwen2VLImageProcessorPil(
        patch_size=16, size={"shortest_edge": 32 * 32, "longest_edge": 128 * 128}
    )
    processor = filled_by_hand(Qwen3VLProcessor, tokenizer, pictures, _CHAT)

    def save(folder: Path, **_: Any) -> None:
        pictures.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    processor.save_pretrained = save
    return processor
