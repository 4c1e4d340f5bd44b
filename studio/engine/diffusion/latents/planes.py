"""Pixels as the planes that modules take, and masks as the latent cells that they cover."""

from __future__ import annotations

import numpy as np
import torch

from studio.core.picture import Picture, Pixels
from studio.engine.diffusion.device.machine import Machine
from studio.generation.membrane import Floats


def as_planes(pixels: Pixels, machine: Machine) -> torch.Tensor:
    """Pixels as modules take them: ``(1, 3, h, w)`` in -1..1, in the machine's precision."""
    planes = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]
    return planes.to(machine.device, machine.dtype) / 127.5 - 1


def as_pixels(planes: torch.Tensor) -> Pixels:
    """``(3, h, w)`` in -1..1 as pixels."""
    bytes_ = ((planes + 1) * 127.5).clamp(0, 255).round().byte()
    pixels: Pixels = bytes_.permute(1, 2, 0).cpu().numpy()
    return pixels


def cells_to_change(mask: Picture, factor: int) -> Floats:
    """How far each latent cell is to change: as its most masked pixel, or that of a neighbour."""
    planes = torch.from_numpy(mask.array().astype(np.float32) / np.float32(255))[None, None]
    cells = torch.nn.functional.max_pool2d(planes, factor)
    grown = torch.nn.functional.max_pool2d(cells, 3, stride=1, padding=1)
    return np.asarray(grown[0, 0].numpy(), dtype=np.float32)
