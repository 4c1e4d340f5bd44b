"""FLUX.1: dev with Redux, schnell, Fill and Kontext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxPipeline,
    FluxPriorReduxPipeline,
    FluxTransformer2DModel,
)
from diffusers.pipelines.flux.modeling_flux import ReduxImageEncoder
from transformers import SiglipImageProcessor, SiglipVisionConfig, SiglipVisionModel

from tests.helpers.tiny.parts import (
    PAINTING,
    WIDTH,
    clip_text,
    clip_tokenizer,
    seed_weights,
    shifted_autoencoder,
    t5_encoder,
    t5_tokenizer,
    table,
)

FAMILY = "flux"
CHANNELS = 4
TOKEN = 4 * CHANNELS
"""Channels of a token: two by two latent cells."""

MASK = 16 * 16
"""Pixels of a token."""


def save(folder: Path) -> str:
    """Four models, each with the parts under which it is published."""
    kinds: dict[str, Any] = {
        "dev": pipeline(),
        "schnell": pipeline(guided=False),
        "fill": pipeline(FluxFillPipeline, 2 * TOKEN + MASK),
        "kontext": pipeline(FluxKontextPipeline),
        "redux": redux(),
    }
    for name, kind in kinds.items():
        kind.save_pretrained(folder / name)
    models = {
        "": (PAINTING, {"pipeline": "dev", "redux": "redux"}),
        "-schnell": (("text_to_image", "variation"), {"pipeline": "schnell"}),
        "-fill": (("inpaint",), {"inpaint": "fill"}),
        "-kontext": (("text_to_image", "inpaint", "edit"), {"edit": "kontext"}),
    }
    return "".join(
        table(
            f"tiny-flux{name}",
            FAMILY,
            tasks,
            {role: folder / place for role, place in parts.items()},
            scheduler="flow",
        )
        for name, (tasks, parts) in models.items()
    )


def pipeline(kind: Any = FluxPipeline, in_channels: int = TOKEN, guided: bool = True) -> Any:
    """A stock pipeline; all share the weights of everything but the denoiser.

    Args:
        kind: its class.
        in_channels: more than a token's for a denoiser that sees what is known.
        guided: whether guidance is an input of it, as after distillation.
    """
    seed_weights(0)
    first, second = clip_tokenizer(), t5_tokenizer()
    return kind(
        scheduler=FlowMatchEulerDiscreteScheduler(
            shift=3.0 if guided else 1.0, use_dynamic_shifting=guided
        ),
        vae=shifted_autoencoder(CHANNELS, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=clip_text(first),
        tokenizer=first,
        text_encoder_2=t5_encoder(second),
        tokenizer_2=second,
        transformer=transformer(in_channels, guided),
    )


def transformer(in_channels: int = TOKEN, guided: bool = True) -> FluxTransformer2DModel:
    """A double and a single block."""
    return FluxTransformer2DModel(
        patch_size=1,
        in_channels=in_channels,
        out_channels=TOKEN,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=guided,
    ).eval()


def redux() -> FluxPriorReduxPipeline:
    """What makes words out of a picture."""
    seed_weights(0)
    config = SiglipVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=32,
        patch_size=16,
    )
    return FluxPriorReduxPipeline(
        image_encoder=SiglipVisionModel(config).eval(),
        feature_extractor=SiglipImageProcessor(size={"height": 32, "width": 32}),
        image_embedder=ReduxImageEncoder(redux_dim=WIDTH, txt_in_features=WIDTH).eval(),
    )
