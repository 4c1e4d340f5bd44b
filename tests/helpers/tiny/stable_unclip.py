"""Stable unCLIP: the pipeline for words, and the one for pictures with a prior beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    StableUnCLIPImg2ImgPipeline,
    StableUnCLIPPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion.stable_unclip_image_normalizer import (
    StableUnCLIPImageNormalizer,
)

from tests.helpers.tiny import karlo
from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    autoencoder,
    clip_image_processor,
    clip_text,
    clip_tokenizer,
    clip_vision,
    seed_weights,
    table,
)

FAMILY = "stable_unclip"


def save(folder: Path) -> str:
    """A model for words, and one for pictures with Karlo's prior."""
    words, pictures, prior = folder / "words", folder / "pictures", folder / "prior"
    pipeline().save_pretrained(words)
    picture_pipeline().save_pretrained(pictures)
    karlo.pipeline().save_pretrained(prior)
    settings: dict[str, Any] = {"prior_steps": 2, "prior_guidance": 4.0}
    both = {"pipeline": pictures, "prior": prior}
    return table("tiny-unclip", FAMILY, PAINTING, both, **settings) + table(
        "tiny-unclip-words", FAMILY, PAINTING, {"pipeline": words}, **settings
    )


def pipeline() -> StableUnCLIPPipeline:
    """The one for words."""
    parts, tokenizer = shared(), clip_tokenizer()
    return StableUnCLIPPipeline(
        prior_tokenizer=tokenizer,
        prior_text_encoder=clip_text(tokenizer, projected=True),
        prior=karlo.prior(),
        prior_scheduler=DDPMScheduler(
            variance_type="fixed_small_log",
            prediction_type="sample",
            clip_sample=True,
            clip_sample_range=5.0,
            beta_schedule="squaredcos_cap_v2",
        ),
        **parts,
    )


def picture_pipeline() -> StableUnCLIPImg2ImgPipeline:
    """The one for pictures."""
    return StableUnCLIPImg2ImgPipeline(
        **shared(), image_encoder=clip_vision(), feature_extractor=clip_image_processor()
    )


def shared() -> dict[str, Any]:
    """What both pipelines have, with the same weights each time."""
    seed_weights(0)
    tokenizer = clip_tokenizer(pad="!")
    return {
        "image_normalizer": StableUnCLIPImageNormalizer(embedding_dim=WIDTH),
        "image_noising_scheduler": DDPMScheduler(beta_schedule="squaredcos_cap_v2"),
        "tokenizer": tokenizer,
        "text_encoder": clip_text(tokenizer),
        "unet": _unet(),
        "scheduler": DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
            prediction_type="v_prediction",
        ),
        "vae": autoencoder(),
    }


def _unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        norm_num_groups=4,
        cross_attention_dim=WIDTH,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=2 * WIDTH,
        use_linear_projection=True,
    ).eval()
