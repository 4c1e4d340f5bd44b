"""Tokenizers, text encoders and autoencoders that several families share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL
from transformers import (
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

WIDTH = 32
TOKENS = 77

PAINTING = ("text_to_image", "image_to_image", "inpaint", "variation")
"""The tasks of most models."""


def clip_tokenizer(pad: str = "<|endoftext|>", tokens: int = TOKENS) -> CLIPTokenizer:
    """Every printable ASCII letter is a word of its own, and nothing is joined."""
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(letter + "</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: index for index, word in enumerate(words)},
        merges=[],
        pad_token=pad,
        model_max_length=tokens,
    )


def clip_text(
    tokenizer: CLIPTokenizer,
    projected: bool = False,
    width: int = WIDTH,
    tokens: int = TOKENS,
    layers: int = 2,
) -> CLIPTextModel | CLIPTextModelWithProjection:
    """CLIP's text tower, with or without the projection into the common space."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=tokens,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    return kind(config).eval()


def clip_vision(
    width: int = WIDTH, layers: int = 2, patch: int = 8
) -> CLIPVisionModelWithProjection:
    """CLIP's image tower, for pictures of 32 pixels."""
    config = CLIPVisionConfig(
        hidden_size=width,
        intermediate_size=width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        image_size=32,
        patch_size=patch,
    )
    return CLIPVisionModelWithProjection(config).eval()


def clip_image_processor() -> CLIPImageProcessor:
    """Brings pictures to what `clip_vision` takes."""
    return CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})


def t5_tokenizer() -> T5TokenizerFast:
    """A unigram model over single letters."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\N{LOWER ONE EIGHTH BLOCK}", -2.0)]
    pieces += [(chr(code), -5.0) for code in range(33, 127)]
    pieces += [(f"<extra_id_{number}>", 0.0) for number in range(99, -1, -1)]
    return T5TokenizerFast(vocab=pieces, model_max_length=TOKENS)


def t5_encoder(tokenizer: T5TokenizerFast, width: int = WIDTH) -> T5EncoderModel:
    """T5's encoder."""
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=width,
        d_kv=8,
        d_ff=WIDTH,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        pad_token_id=0,
        eos_token_id=1,
    )
    return T5EncoderModel(config).eval()


def autoencoder(channels: int = 4, **config: Any) -> AutoencoderKL:
    """Eight pixels along a latent cell's side, as most have."""
    return AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=channels,
        layers_per_block=1,
        norm_num_groups=2,
        sample_size=64,
        **config,
    ).eval()


def shifted_autoencoder(channels: int = 4, **config: Any) -> AutoencoderKL:
    """With the scale and the shift of FLUX.1's, which many have taken over."""
    return autoencoder(channels, shift_factor=0.11, scaling_factor=0.36, **config)


def table(
    model_id: str,
    family: str,
    tasks: tuple[str, ...],
    parts: Mapping[str, Path],
    *,
    grid: int = 16,
    **defaults: object,
) -> str:
    """A ``[[model]]`` table whose parts lie at these places.

    Args:
        model_id, family, tasks: as there.
        parts: a file or folder for each role.
        grid: sides are multiples of it; the native size is 64.
        defaults: of its requests; two steps by the scheduler ``ddim`` unless said.
    """
    values: dict[str, object] = {"steps": 2, "guidance": 2.0, "scheduler": "ddim", **defaults}
    places = (
        f"{{ role = {json.dumps(role)}, path = {json.dumps(path.as_posix())} }}"
        for role, path in parts.items()
    )
    settings = ", ".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
    return f"""
[[model]]
id = {json.dumps(model_id)}
title = {json.dumps(model_id.title())}
family = {json.dumps(family)}
tasks = {json.dumps(list(tasks))}
license = "Apache-2.0"
native_size = 64
grid = {grid}
memory = {{ full = 0.1, offload = 0.1 }}
parts = [{", ".join(places)}]
defaults = {{ {settings} }}
"""


def seed_weights(seed: int) -> None:
    """The weights made from here on are the same each time."""
    torch.manual_seed(seed)
