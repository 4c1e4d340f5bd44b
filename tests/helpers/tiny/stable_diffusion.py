"""Stable Diffusion 1 and 2, with further denoisers for inpainting and instructions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from diffusers import (
    DDIMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)

from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    autoencoder,
    clip_text,
    clip_tokenizer,
    seed_weights,
    table,
)

FAMILY = "stable_diffusion"
LATENTS = 4

MakeTokenizer = Callable[[str], Any]


def save(folder: Path) -> str:
    """A model of version 1, one with two further denoisers, one of version 2, and an editor."""
    pipeline().save_pretrained(folder / "plain")
    pipeline(StableDiffusionInpaintPipeline, 9).save_pretrained(folder / "inpaint")
    pipeline(StableDiffusionInstructPix2PixPipeline, 8).save_pretrained(folder / "edit")
    second = pipeline(prediction_type="v_prediction", pad="!", use_linear_projection=True)
    second.save_pretrained(folder / "second")
    models = {
        "": (PAINTING, {"pipeline": "plain"}),
        "-all": ((*PAINTING, "edit"), {"pipeline": "plain", "inpaint": "inpaint", "edit": "edit"}),
        "-inpaint": (("inpaint", "text_to_image"), {"inpaint": "inpaint"}),
        "-edit": (("edit", "text_to_image"), {"edit": "edit"}),
        "-2": (PAINTING, {"pipeline": "second"}),
    }
    return "".join(
        table(
            f"tiny-sd{name}",
            FAMILY,
            tasks,
            {role: folder / place for role, place in parts.items()},
        )
        for name, (tasks, parts) in models.items()
    )


def pipeline(
    kind: Any = StableDiffusionPipeline,
    in_channels: int = LATENTS,
    *,
    prediction_type: str = "epsilon",
    pad: str = "<|endoftext|>",
    words: MakeTokenizer = clip_tokenizer,
    **config: Any,
) -> Any:
    """A stock pipeline; all of the same ``pad`` differ in their denoisers alone.

    Args:
        kind: its class.
        in_channels: of its denoiser.
        prediction_type: what its denoiser answers with.
        pad: the token that fills prompts up.
        words: makes the tokenizer, of that token.
        config: of its denoiser.
    """
    tokenizer = words(pad)
    seed_weights(0)
    shared = {"vae": autoencoder(), "text_encoder": clip_text(tokenizer)}
    seed_weights(in_channels)
    return kind(
        **shared,
        tokenizer=tokenizer,
        unet=unet(in_channels=in_channels, **config),
        scheduler=DDIMScheduler(**BETAS, prediction_type=prediction_type),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


BETAS: dict[str, Any] = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
}


def unet(**config: Any) -> UNet2DConditionModel:
    """Two levels, the inner one with attention."""
    standard: dict[str, Any] = {
        "sample_size": 8,
        "in_channels": LATENTS,
        "out_channels": LATENTS,
        "block_out_channels": (4, 8),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 2,
        "norm_num_groups": 2,
    }
    return UNet2DConditionModel(**(standard | config)).eval()
