"""GLM-Image with random weights: a model that dreams tokens, and one that paints them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import FlowMatchEulerDiscreteScheduler, GlmImagePipeline, GlmImageTransformer2DModel
from transformers import (
    ByT5Tokenizer,
    GlmImageConfig,
    GlmImageForConditionalGeneration,
    GlmImageProcessor,
    Qwen2TokenizerFast,
)
from transformers.models.glm_image.image_processing_pil_glm_image import GlmImageImageProcessorPil

from tests.helpers.tiny.language import SIZES, attentive, byte_letters
from tests.helpers.tiny.parts import PAINTING, WIDTH, autoencoder, seed_weights, t5_encoder, table

CHANNELS = 4
CODES = 64
"""Pictures in tokens are made of so many."""
GRID = 32
TASKS = (*PAINTING, "edit")

_TOKENS = {
    "image_token": "<|image|>",
    "grid_bos_token": "<sop>",
    "grid_eos_token": "<eop>",
    "bos_token": "<|dit_token_16384|>",
    "eos_token": "<|dit_token_16385|>",
}
_CHAT = (
    "{% for message in messages %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|dit_token_16384|><|image|><|dit_token_16385|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endfor %}"
)


def save(folder: Path) -> str:
    """Writes ``tiny-glm``."""
    seed_weights(43)
    pipeline().save_pretrained(folder)
    return table("tiny-glm", "glm_image", TASKS, {"pipeline": folder}, grid=GRID, scheduler="flow")


def pipeline() -> GlmImagePipeline:
    tokenizer = words_and_pictures()
    glyphs = ByT5Tokenizer()
    return GlmImagePipeline(
        tokenizer=glyphs,
        processor=GlmImageProcessor(pictures(), tokenizer, chat_template=_CHAT),
        text_encoder=attentive(t5_encoder(glyphs)),
        vision_language_encoder=dreamer(tokenizer),
        vae=autoencoder(
            CHANNELS, latents_mean=[0.1, -0.2, 0.3, 0.0], latents_std=[0.5, 0.8, 1.0, 1.2]
        ),
        transformer=transformer(),
        scheduler=FlowMatchEulerDiscreteScheduler(
            base_shift=0.25, max_shift=0.75, use_dynamic_shifting=True
        ),
    )


def words_and_pictures() -> Qwen2TokenizerFast:
    """Every byte is a token; some more stand around pictures."""
    letters = ["<|endoftext|>", *byte_letters()]
    tokenizer = Qwen2TokenizerFast(
        vocab={letter: index for index, letter in enumerate(letters)},
        merges=[],
        model_max_length=4096,
        extra_special_tokens=_TOKENS,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": list(_TOKENS.values())})
    return tokenizer


def pictures() -> GlmImageImageProcessorPil:
    """Halves pictures, and cuts them into patches that are a token each."""
    return GlmImageImageProcessorPil(
        min_pixels=32 * 32,
        max_pixels=128 * 128,
        patch_size=GRID // 2,
        temporal_patch_size=1,
        merge_size=1,
    )


def dreamer(tokenizer: Any) -> GlmImageForConditionalGeneration:
    """The autoregressive model."""
    ids = tokenizer.convert_tokens_to_ids
    text = {
        "vocab_size": len(tokenizer),
        "vision_vocab_size": CODES,
        **SIZES,
        "num_hidden_layers": 1,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10000.0,
            "mrope_section": [4, 2, 2],
        },
        "pad_token_id": 0,
        "eos_token_id": ids(_TOKENS["eos_token"]),
    }
    vision = {
        "depth": 1,
        "hidden_size": WIDTH,
        "num_heads": 2,
        "image_size": 64,
        "patch_size": GRID // 2,
        "intermediate_size": WIDTH,
    }
    config = GlmImageConfig(
        text_config=text,
        vision_config=vision,
        vq_config={"embed_dim": WIDTH, "num_embeddings": CODES, "latent_channels": WIDTH},
        image_token_id=ids(_TOKENS["image_token"]),
        image_start_token_id=ids(_TOKENS["bos_token"]),
        image_end_token_id=ids(_TOKENS["eos_token"]),
    )
    return attentive(GlmImageForConditionalGeneration(config))


def transformer() -> GlmImageTransformer2DModel:
    return attentive(
        GlmImageTransformer2DModel(
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=2,
            text_embed_dim=WIDTH,
            time_embed_dim=16,
            condition_dim=8,
            prior_vq_quantizer_codebook_size=CODES,
        )
    )
