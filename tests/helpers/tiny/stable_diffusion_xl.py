"""Stable Diffusion XL, with further denoisers for inpainting, instructions and refining."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    EulerDiscreteScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLInstructPix2PixPipeline,
    StableDiffusionXLPipeline,
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
from tests.helpers.tiny.stable_diffusion import BETAS, LATENTS, MakeTokenizer, unet

FAMILY = "stable_diffusion_xl"
NUMBER = 8
"""Width of the embedding of each of the sizes that the denoiser is told."""


def save(folder: Path) -> str:
    """A base, one with a refiner and further denoisers, and these alone."""
    pipeline().save_pretrained(folder / "base")
    pipeline(StableDiffusionXLInpaintPipeline, 9).save_pretrained(folder / "inpaint")
    pipeline(StableDiffusionXLInstructPix2PixPipeline, 8).save_pretrained(folder / "edit")
    refiner().save_pretrained(folder / "refiner")
    everything = {role: role for role in ("inpaint", "edit", "refiner")}
    models = {
        "": (PAINTING, {"pipeline": "base"}),
        "-all": ((*PAINTING, "edit"), {"pipeline": "base", **everything}),
        "-inpaint": (("inpaint", "text_to_image"), {"inpaint": "inpaint"}),
        "-edit": (("edit", "text_to_image"), {"edit": "edit"}),
        "-refiner": (("image_to_image", "inpaint"), {"refiner": "refiner"}),
    }
    return "".join(
        table(
            f"tiny-xl{name}",
            FAMILY,
            tasks,
            {role: folder / place for role, place in parts.items()},
            scheduler="euler",
        )
        for name, (tasks, parts) in models.items()
    )


def pipeline(
    kind: Any = StableDiffusionXLPipeline,
    in_channels: int = LATENTS,
    *,
    words: MakeTokenizer = clip_tokenizer,
) -> Any:
    """A stock pipeline; they differ in their denoisers alone, which have so many channels."""
    first, second = words("<|endoftext|>"), words("!")
    shared = _shared(second)
    text_encoder = clip_text(first, width=WIDTH // 2)
    seed_weights(in_channels)
    return kind(
        **shared,
        text_encoder=text_encoder,
        tokenizer=first,
        tokenizer_2=second,
        unet=_unet(WIDTH // 2 + WIDTH, numbers=6, in_channels=in_channels),
        scheduler=_scheduler(),
        add_watermarker=False,
    )


def refiner(words: MakeTokenizer = clip_tokenizer) -> Any:
    """A stock pipeline that reads with the second text encoder alone, and is told a score."""
    tokenizer = words("!")
    shared = _shared(tokenizer)
    seed_weights(1)
    return StableDiffusionXLImg2ImgPipeline(
        **shared,
        text_encoder=None,
        tokenizer=None,
        tokenizer_2=tokenizer,
        unet=_unet(WIDTH, numbers=5),
        scheduler=_scheduler(),
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )


def _shared(tokenizer: Any) -> dict[str, Any]:
    """What base and refiner have in common, each time the same."""
    seed_weights(0)
    return {"vae": autoencoder(), "text_encoder_2": clip_text(tokenizer, projected=True)}


def _unet(cross_attention_dim: int, numbers: int, **config: Any) -> Any:
    return unet(
        cross_attention_dim=cross_attention_dim,
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=NUMBER,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=WIDTH + numbers * NUMBER,
        **config,
    )


def _scheduler() -> EulerDiscreteScheduler:
    settings = {name: value for name, value in BETAS.items() if name.startswith(("beta", "steps"))}
    return EulerDiscreteScheduler(**settings, timestep_spacing="leading")
