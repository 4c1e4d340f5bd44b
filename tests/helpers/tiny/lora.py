"""LoRAs with random weights for the tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import save_file

_TARGETS = ["to_q", "to_v", "to_query", "to_value"]
_TEXT_TARGETS = ["q_proj", "v_proj"]


def save_lora(pipeline: Any, file: Path, *, seed: int, text: bool = False) -> Path:
    """Writes a LoRA that fits a stock pipeline, which is left as it was.

    Args:
        pipeline: of which the LoRA could be.
        file: to be written, in diffusers' form.
        seed: of its weights.
        text: whether it changes the first text encoder too.
    """
    denoiser = "unet" if hasattr(pipeline, "unet") else "transformer"
    state = _state(getattr(pipeline, denoiser), denoiser, _TARGETS, seed)
    if text:
        state |= _state(pipeline.text_encoder, "text_encoder", _TEXT_TARGETS, seed)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, file)
    return file


def _state(module: Any, prefix: str, targets: list[str], seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    config = LoraConfig(r=2, lora_alpha=2, target_modules=targets, init_lora_weights=False)
    module.add_adapter(config, adapter_name="made")
    found = get_peft_model_state_dict(module, adapter_name="made")
    module.delete_adapter("made") if prefix.startswith("text") else module.delete_adapters("made")
    return {f"{prefix}.{key}": value.detach().clone() for key, value in found.items()}
