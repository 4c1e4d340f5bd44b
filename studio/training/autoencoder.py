"""Trains the autoencoder's decoder to paint crisp pictures from the linear codec's latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import VQModel
from torch import Tensor
from torch.nn import functional

from studio.training.codec import BLOCK, BlockCodec, start_decoder, to_unit, write_encoder
from studio.training.loop import Losses, Plan, Trainer
from studio.training.parts import build_autoencoder
from studio.training.pool import Pool

CROP = 64
"""Side of the pieces of pictures that it trains on, in pixels."""

LATENT_NOISE = 0.04
"""Deviation of the noise on latents, because the decoder's own are never exact."""

_EDGE_WEIGHT = 0.5


def train_autoencoder(pool: Pool, codec: BlockCodec, plan: Plan, folder: Path) -> VQModel:
    """Trains the decoder half, or continues a training found in ``folder``."""
    torch.manual_seed(4)
    model = build_autoencoder()
    write_encoder(model, codec)
    start_decoder(model, codec)
    model.requires_grad_(False)
    model.decoder.requires_grad_(True)
    Trainer("autoencoder", model, plan, folder).run(picture_losses(model, codec, pool, plan.batch))
    return model


def picture_losses(model: VQModel, codec: BlockCodec, pool: Pool, batch: int) -> Losses:
    """Squared error of pixels, and of their differences to the next pixel, which keeps edges."""

    def losses(rng: np.random.Generator) -> Tensor:
        crops = to_unit(_random_crops(pool, batch, rng))
        latents = codec.encode(crops)
        latents = latents + LATENT_NOISE * torch.rand(batch, 1, 1, 1) * torch.randn_like(latents)
        painted = model.decode(latents, force_not_quantize=True).sample
        error = painted - crops
        across, down = error.diff(dim=-1), error.diff(dim=-2)
        edges = across.abs().mean() + down.abs().mean()
        squares = functional.mse_loss(painted, crops)
        loss: Tensor = 10 * squares + error.abs().mean() + _EDGE_WEIGHT * edges
        return loss

    return losses


def _random_crops(
    pool: Pool, batch: int, rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Pieces whose corners lie on the grid of blocks, since latents do."""
    room = (pool.pictures.shape[1] - CROP) // BLOCK + 1
    crops = []
    for row in rng.integers(len(pool), size=batch):
        y, x = rng.integers(room, size=2) * BLOCK
        crops.append(pool.pictures[row, y : y + CROP, x : x + CROP])
    return np.stack(crops)
