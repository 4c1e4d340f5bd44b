"""Karlo: the pipeline for words, and the one for variations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    PriorTransformer,
    UnCLIPImageVariationPipeline,
    UnCLIPPipeline,
    UnCLIPScheduler,
    UNet2DConditionModel,
    UNet2DModel,
)
from diffusers.pipelines.deprecated.unclip.text_proj import UnCLIPTextProjModel

from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    clip_image_processor,
    clip_text,
    clip_tokenizer,
    clip_vision,
    seed_weights,
    table,
)

FAMILY = "karlo"
SMALL = 16
"""Side of what the decoder paints; super-resolution makes four times as much of it."""


def save(folder: Path) -> str:
    """A model of both pipelines, and one that knows words alone."""
    words, pictures = folder / "words", folder / "pictures"
    for kind, place in ((pipeline(), words), (variation_pipeline(), pictures)):
        kind.save_pretrained(place)
        _name_as_published(place / "model_index.json")
    settings: dict[str, Any] = {"scheduler": "ddpm", "prior_steps": 2, "prior_guidance": 4.0}
    both = {"pipeline": words, "decoder": pictures}
    return table("tiny-karlo", FAMILY, PAINTING, both, **settings) + table(
        "tiny-karlo-words", FAMILY, PAINTING, {"pipeline": words}, **settings
    )


def pipeline() -> UnCLIPPipeline:
    """The one for words."""
    parts = shared()
    return UnCLIPPipeline(prior=prior(), prior_scheduler=prior_scheduler(), **parts)


def variation_pipeline() -> UnCLIPImageVariationPipeline:
    """The one for pictures."""
    return UnCLIPImageVariationPipeline(
        **shared(), image_encoder=clip_vision(), feature_extractor=clip_image_processor()
    )


def prior() -> PriorTransformer:
    """From words to an image embedding."""
    transformer = PriorTransformer(
        num_attention_heads=2, attention_head_dim=12, embedding_dim=WIDTH, num_layers=1
    )
    with torch.no_grad():
        transformer.clip_std.fill_(1.0)
    return transformer.eval()


def prior_scheduler() -> UnCLIPScheduler:
    """Predicts the clean embedding."""
    return UnCLIPScheduler(
        variance_type="fixed_small_log", prediction_type="sample", clip_sample_range=5.0
    )


def shared() -> dict[str, Any]:
    """What both pipelines have, with the same weights each time."""
    seed_weights(0)
    tokenizer = clip_tokenizer()
    return {
        "tokenizer": tokenizer,
        "text_encoder": clip_text(tokenizer, projected=True),
        "decoder": _decoder(),
        "text_proj": UnCLIPTextProjModel(
            clip_embeddings_dim=WIDTH, time_embed_dim=WIDTH, cross_attention_dim=WIDTH
        ).eval(),
        "super_res_first": _super_resolution(),
        "super_res_last": _super_resolution(),
        "decoder_scheduler": UnCLIPScheduler(variance_type="learned_range"),
        "super_res_scheduler": UnCLIPScheduler(variance_type="fixed_small_log"),
    }


def _name_as_published(index: Path) -> None:
    """The published folders say by an older name where the class of ``text_proj`` is."""
    content = json.loads(index.read_text(encoding="utf-8"))
    content["text_proj"][0] = "unclip"
    index.write_text(json.dumps(content), encoding="utf-8")


def _decoder() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=SMALL,
        in_channels=3,
        out_channels=6,
        block_out_channels=(8, 16),
        norm_num_groups=4,
        layers_per_block=1,
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
        resnet_time_scale_shift="scale_shift",
        class_embed_type="identity",
    ).eval()


def _super_resolution() -> UNet2DModel:
    return UNet2DModel(
        sample_size=4 * SMALL,
        in_channels=6,
        out_channels=3,
        layers_per_block=1,
        block_out_channels=(8, 8),
        norm_num_groups=4,
        down_block_types=("ResnetDownsampleBlock2D",) * 2,
        up_block_types=("ResnetUpsampleBlock2D",) * 2,
    ).eval()
