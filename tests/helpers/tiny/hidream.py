"""HiDream-I1 with random weights, Full and Fast; the Llama of both lies apart."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from diffusers import (
    FlowMatchLCMScheduler,
    HiDreamImagePipeline,
    HiDreamImageTransformer2DModel,
    UniPCMultistepScheduler,
)

from tests.helpers.tiny.language import attentive, llama, llama_tokenizer
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

TOKENS = 128
CONFIG: dict[str, Any] = {
    "patch_size": 2,
    "in_channels": 16,
    "num_layers": 1,
    "num_single_layers": 1,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
    "caption_channels": [WIDTH, WIDTH],
    "text_emb_dim": 2 * WIDTH,
    "axes_dims_rope": [8, 4, 4],
    "max_resolution": [8, 8],
    "llama_layers": [0, 1],
}


def save(folder: Path) -> str:
    """Writes ``tiny-hidream`` and ``tiny-hidream-fast``."""
    seed_weights(29)
    shared = encoders()
    full = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
    )
    for name, scheduler in {"full": full, "fast": FlowMatchLCMScheduler(shift=3.0)}.items():
        pipeline = HiDreamImagePipeline(**shared, transformer=transformer(), scheduler=scheduler)
        pipeline.save_pretrained(folder / name)
        set_llama_apart(folder / name, folder / "llama")
    return _table("tiny-hidream", folder, "full", guidance=5.0, scheduler="unipc") + _table(
        "tiny-hidream-fast", folder, "fast", guidance=0.0, scheduler="lcm"
    )


def set_llama_apart(pipeline: Path, target: Path) -> None:
    """Moves a pipeline's Llama and its tokenizer into one folder, as they are published."""
    for part in ("text_encoder_4", "tokenizer_4"):
        shutil.copytree(pipeline / part, target, dirs_exist_ok=True)
        shutil.rmtree(pipeline / part)


def encoders() -> dict[str, Any]:
    """All parts but the transformer and the scheduler."""
    clip, t5, language = clip_tokenizer(), t5_tokenizer(), llama_tokenizer()
    return {
        "vae": shifted_autoencoder(16),
        "text_encoder": clip_text(clip, projected=True, tokens=TOKENS),
        "tokenizer": clip,
        "text_encoder_2": clip_text(clip, projected=True, tokens=TOKENS),
        "tokenizer_2": clip,
        "text_encoder_3": attentive(t5_encoder(t5)),
        "tokenizer_3": t5,
        "text_encoder_4": llama(language),
        "tokenizer_4": language,
    }


def transformer() -> HiDreamImageTransformer2DModel:
    """Trained, as it were, on pictures of 64 pixels."""
    return attentive(HiDreamImageTransformer2DModel(**CONFIG))


def _table(model: str, folder: Path, name: str, **defaults: Any) -> str:
    parts = {"pipeline": folder / name, "text_encoder_4": folder / "llama"}
    return table(model, "hidream", PAINTING, parts, **defaults)
