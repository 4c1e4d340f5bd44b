"""Trains the upsamplers of the cascade on large drawings and what becomes of them when small.

What they will be given is painted by the decoder: so the small pictures have been through the
autoencoder, with noise on their latents, and are a little noisy and soft themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import VQModel
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.diffusion.upscalers.compact import CompactUpsampler
from studio.training.codec import to_unit
from studio.training.loop import Losses, Plan, Trainer
from studio.training.world.draw import draw_scene
from studio.training.world.sampling import random_scene
from studio.training.world.scene import SIDE

Pictures = NDArray[np.uint8]

PIECE = 32
"""Side of the small pieces that they train on, in pixels."""

WIDTHS = {4: 48, 2: 32}
"""Hidden channels of each upsampler, by its factor."""

DEPTHS = {4: 12, 2: 8}
"""Hidden convolutions of each."""

_LARGE = 4 * SIDE
_LATENT_NOISE = 0.1
_NOISE = 6.0
_EDGE_WEIGHT = 0.5
_BATCH = 16


def build_upsampler(factor: int) -> CompactUpsampler:
    """An untrained upsampler."""
    return CompactUpsampler(factor, WIDTHS[factor], DEPTHS[factor])


def train_upsampler(
    factor: int, autoencoder: VQModel, drawings: int, plan: Plan, folder: Path
) -> CompactUpsampler:
    """Trains one upsampler, or continues a training found in ``folder``."""
    torch.manual_seed(10 + factor)
    network = build_upsampler(factor)
    trainer = Trainer(f"upsampler{factor}", network, plan, folder)
    if trainer.step < plan.steps:
        pairs = _pairs(factor, autoencoder, drawings)
        trainer.run(_losses(network, *pairs, plan.batch))
    trainer.use_average()
    return network.eval()


def _pairs(factor: int, autoencoder: VQModel, count: int) -> tuple[Pictures, Pictures]:
    """Small pictures and the same ones ``factor`` times as large.

    By 4 from the decoder's size; by 2 from what the first upsampler gives, which is nearly clean.
    """
    rng = np.random.default_rng(11)
    drawings = np.stack([draw_scene(random_scene(rng), _LARGE) for _ in range(count)])
    if factor == 4:
        return _painted(autoencoder, _shrunk(drawings, SIDE), rng), drawings
    half = _shrunk(drawings, _LARGE // 2)
    return _softened(half, rng), drawings


def _shrunk(pictures: Pictures, side: int) -> Pictures:
    return np.stack([cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in pictures])


@torch.no_grad()
def _painted(autoencoder: VQModel, pictures: Pictures, rng: np.random.Generator) -> Pictures:
    """The pictures as the decoder would have painted them."""
    torch.manual_seed(int(rng.integers(2**31)))
    painted = []
    for start in range(0, len(pictures), _BATCH):
        latents = autoencoder.encode(to_unit(pictures[start : start + _BATCH])).latents
        amount = _LATENT_NOISE * torch.rand(len(latents), 1, 1, 1)
        noisy = latents + amount * torch.randn_like(latents)
        planes = autoencoder.decode(noisy, force_not_quantize=True).sample.clamp(-1, 1)
        painted.append(((planes + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(painted)


def _softened(pictures: Pictures, rng: np.random.Generator) -> Pictures:
    """Blurred by up to a pixel."""
    soft = [cv2.GaussianBlur(p, (0, 0), rng.uniform(0.2, 1.0)) for p in pictures]
    return np.stack(soft).astype(np.uint8)


def _losses(network: CompactUpsampler, small: Pictures, large: Pictures, batch: int) -> Losses:
    """The absolute error of pixels, and of their differences to the next, which keeps edges."""
    factor = network.factor

    def losses(rng: np.random.Generator) -> Tensor:
        pieces = [_piece(small, large, factor, rng) for _ in range(batch)]
        given = np.stack([piece[0] for piece in pieces]).astype(np.float32)
        given += rng.normal(0, rng.uniform(0, _NOISE), given.shape)
        wanted = _planes(np.stack([piece[1] for piece in pieces]).astype(np.float32))
        error = network(_planes(given)) - wanted
        across, down = error.diff(dim=-1).abs().mean(), error.diff(dim=-2).abs().mean()
        loss: Tensor = error.abs().mean() + _EDGE_WEIGHT * (across + down)
        return loss

    return losses


def _piece(
    small: Pictures, large: Pictures, factor: int, rng: np.random.Generator
) -> tuple[Pictures, Pictures]:
    """The same piece of a small and of a large picture, turned and mirrored by chance."""
    row = int(rng.integers(len(small)))
    y, x = (int(at) for at in rng.integers(small.shape[1] - PIECE + 1, size=2))
    few = small[row, y : y + PIECE, x : x + PIECE]
    many = large[row, y * factor : (y + PIECE) * factor, x * factor : (x + PIECE) * factor]
    turn = _turning(rng)
    return turn(few), turn(many)


def _turning(rng: np.random.Generator) -> Callable[[Pictures], Pictures]:
    quarters, mirrored = int(rng.integers(4)), bool(rng.integers(2))

    def turn(piece: Pictures) -> Pictures:
        turned = np.rot90(piece, quarters)
        return turned[:, ::-1] if mirrored else turned

    return turn


def _planes(pieces: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pieces)).permute(0, 3, 1, 2) / 255
