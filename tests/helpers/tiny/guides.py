"""ControlNets with random weights for the tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import ControlNetModel

from tests.helpers.tiny.parts import seed_weights


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
