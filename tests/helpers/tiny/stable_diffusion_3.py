"""Stable Diffusion 3, with an inpainting transformer beside it, and without its T5."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)

from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    autoencoder,
    clip_text,
    clip_tokenizer,
    seed_weights,
    t5_encoder,
    t5_tokenizer,
    table,
)

FAMILY = "stable_diffusion_3"
CHANNELS = 16


def save(folder: Path) -> str:
    """Two models: one with an inpainting transformer, and one without a T5."""
    whole, masked, small = folder / "whole", folder / "masked", folder / "small"
    pipeline().save_pretrained(whole)
    pipeline(in_channels=2 * CHANNELS + 1).save_pretrained(masked)
    pipeline(wordy=False).save_pretrained(small)
    parts = {"pipeline": whole, "inpaint": masked}
    return table("tiny-sd3", FAMILY, PAINTING, parts, scheduler="flow") + table(
        "tiny-sd3-small", FAMILY, PAINTING, {"pipeline": small}, scheduler="flow"
    )


def pipeline(in_channels: int = CHANNELS, wordy: bool = True) -> StableDiffusion3Pipeline:
    """The stock pipeline; all share the weights of everything but the denoiser.

    Args:
        in_channels: 33 for a denoiser that sees what is known.
        wordy: whether it has its T5.
    """
    seed_weights(0)
    first, second, third = clip_tokenizer(), clip_tokenizer(pad="!"), t5_tokenizer()
    return StableDiffusion3Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(CHANNELS, shift_factor=0.06, scaling_factor=1.53),
        text_encoder=clip_text(first, projected=True),
        tokenizer=first,
        text_encoder_2=clip_text(second, projected=True),
        tokenizer_2=second,
        text_encoder_3=t5_encoder(third, 2 * WIDTH) if wordy else None,
        tokenizer_3=third if wordy else None,
        transformer=transformer(in_channels),
    )


def transformer(in_channels: int = CHANNELS, **config: Any) -> SD3Transformer2DModel:
    """Two layers."""
    return SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=in_channels,
        out_channels=CHANNELS,
        num_layers=config.pop("num_layers", 2),
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=2 * WIDTH,
        caption_projection_dim=WIDTH,
        pooled_projection_dim=2 * WIDTH,
        pos_embed_max_size=32,
        **config,
    ).eval()


def makers_names(denoiser: SD3Transformer2DModel) -> dict[str, torch.Tensor]:
    """Its weights as its makers, and most single files, name them and lay them out."""
    state, last = denoiser.state_dict(), denoiser.config.num_layers - 1
    swapped = ("norm_out.", f"transformer_blocks.{last}.norm1_context.")
    made: dict[str, list[torch.Tensor]] = {}
    for name in sorted(state, key=_place_in_triple):
        tensor = state[name]
        if name.startswith(swapped):
            scale, shift = tensor.chunk(2)
            tensor = torch.cat([shift, scale])
        for pattern, theirs in _NAMES:
            name = re.sub(pattern, theirs, name)
        made.setdefault(name, []).append(tensor)
    return {name: torch.cat(tensors) for name, tensors in made.items()}


_NAMES = (
    (r"^pos_embed\.proj", "x_embedder.proj"),
    (r"^pos_embed\.pos_embed", "pos_embed"),
    (r"^time_text_embed\.timestep_embedder\.linear_1", "t_embedder.mlp.0"),
    (r"^time_text_embed\.timestep_embedder\.linear_2", "t_embedder.mlp.2"),
    (r"^time_text_embed\.text_embedder\.linear_1", "y_embedder.mlp.0"),
    (r"^time_text_embed\.text_embedder\.linear_2", "y_embedder.mlp.2"),
    (r"^proj_out", "final_layer.linear"),
    (r"^norm_out\.linear", "final_layer.adaLN_modulation.1"),
    (r"^transformer_blocks", "joint_blocks"),
    (r"attn\.norm_added_([qk])", r"context_block.attn.ln_\1"),
    (r"\.(attn2?)\.norm_([qk])", r".x_block.\1.ln_\2"),
    (r"attn\.add_[qkv]_proj", "context_block.attn.qkv"),
    (r"\.(attn2?)\.to_[qkv]", r".x_block.\1.qkv"),
    (r"attn\.to_add_out", "context_block.attn.proj"),
    (r"\.(attn2?)\.to_out\.0", r".x_block.\1.proj"),
    (r"norm1\.linear", "x_block.adaLN_modulation.1"),
    (r"norm1_context\.linear", "context_block.adaLN_modulation.1"),
    (r"ff\.net\.0\.proj", "x_block.mlp.fc1"),
    (r"ff\.net\.2", "x_block.mlp.fc2"),
    (r"ff_context\.net\.0\.proj", "context_block.mlp.fc1"),
    (r"ff_context\.net\.2", "context_block.mlp.fc2"),
)
"""Diffusers' names, and what the makers' code has in their place."""


def _place_in_triple(name: str) -> int:
    """Queries, keys and values are one tensor there, in this order."""
    return 2 if re.search("to_v|add_v", name) else 1 if re.search("to_k|add_k", name) else 0
