"""ControlNets, IP-Adapters and learnt words with random weights for the tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import ControlNetModel
from safetensors.torch import save_file

from tests.helpers.tiny.parts import WIDTH, clip_vision, seed_weights

_TOKENS = 4


def save_controlnet(unet: Any, folder: Path, *, seed: int) -> Path:
    """Writes a ControlNet that fits a UNet; unlike a fresh one, it has much to say."""
    seed_weights(seed)
    net = ControlNetModel.from_unet(unet, load_weights_from_unet=False)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if "controlnet_" in name:
                weight.normal_(std=0.1)
    net.save_pretrained(folder)
    return folder


def save_ip_adapter(unet: Any, folder: Path, *, seed: int, seen: int = WIDTH) -> Path:
    """Writes an IP-Adapter that fits a UNet, and an image encoder of that width beside it."""
    seed_weights(seed)
    width = unet.config.cross_attention_dim
    state = {
        "image_proj.proj.weight": torch.randn(_TOKENS * width, WIDTH),
        "image_proj.proj.bias": torch.randn(_TOKENS * width),
        "image_proj.norm.weight": torch.ones(width),
        "image_proj.norm.bias": torch.zeros(width),
    }
    crossed = [name for name in unet.attn_processors if "attn2" in name]
    for number, name in enumerate(crossed):
        hidden = unet.get_submodule(name.removesuffix(".processor")).to_q.in_features
        for side in ("to_k_ip", "to_v_ip"):
            state[f"ip_adapter.{2 * number + 1}.{side}.weight"] = torch.randn(hidden, width)
    folder.mkdir(parents=True)
    save_file(state, folder / "weights.safetensors")
    clip_vision(seen).save_pretrained(folder / "image_encoder")
    return folder


def save_word(file: Path, widths: dict[str, int], *, seed: int, vectors: int = 2) -> Path:
    """Writes a textual inversion of so many vectors of the width that each name says."""
    seed_weights(seed)
    save_file({name: torch.randn(vectors, width) for name, width in widths.items()}, file)
    return file
