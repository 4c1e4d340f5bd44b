"""Z-Image with random weights."""

from __future__ import annotations

from pathlib import Path

from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel

from tests.helpers.tiny.language import qwen3, qwen_tokenizer
from tests.helpers.tiny.parts import PAINTING, WIDTH, seed_weights, shifted_autoencoder, table


def pipeline() -> ZImagePipeline:
    tokenizer = qwen_tokenizer()
    transformer = ZImageTransformer2DModel(
        in_channels=16,
        dim=WIDTH,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=WIDTH,
        axes_dims=[8, 4, 4],
        axes_lens=[1024, 32, 32],
    )
    return ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=shifted_autoencoder(16),
        text_encoder=qwen3(tokenizer),
        tokenizer=tokenizer,
        transformer=transformer.eval(),
    )


def save(folder: Path) -> str:
    """Writes ``tiny-z``."""
    seed_weights(11)
    pipeline().save_pretrained(folder)
    return table(
        "tiny-z", "z_image", PAINTING, {"pipeline": folder}, guidance=0.0, scheduler="flow"
    )
