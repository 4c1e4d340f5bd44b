"""Trains the decoder: one denoiser that paints whole pictures and fills holes alike.

The inpaint decoder reads noisy latents, the kept latents and where they are kept. Shown masks
that keep nothing, it is a plain decoder whose extra inputs are zero: so one training gives both,
the plain one with the extra input weights cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from studio.training.codec import BlockCodec, to_unit
from studio.training.coverage import covered_by_any
from studio.training.loop import Losses, Plan, Trainer
from studio.training.masks import describe_hole, random_keep
from studio.training.parts import (
    GRID,
    LATENT_CHANNELS,
    Sizes,
    build_decoder,
    build_decoder_scheduler,
)
from studio.training.pool import Pool
from studio.training.space import Floats, embed, null_embedding

THING_WEIGHT = 3.0
"""How much more errors in things count than in the backdrop, which is learned soon anyway."""

HIGH_NOISE = 1.5
"""How much training favours noisy steps, where it is decided what a thing is; 1 is not at all."""

DROPPED_CONDITIONS = 0.1
"""Share of samples that see the null embedding, for classifier-free guidance (Ho 2022)."""

EMBEDDING_NOISE = 0.15
"""Deviation of the noise on embeddings, whose own is 1: prior and image tower are not exact."""

READ_SHARE = 0.35
"""Share of whole pictures told as the image tower reads them: that is what variations start from,
and where the tower is unsure its embeddings are fainter than those of scenes."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pictures of one shape: latents ``(n, channels, rows, columns)`` and what they show.

    ``share`` is how many of all batches, 0 to 1, are of these pictures; ``readings`` are the image
    tower's embeddings ``(n, WIDTH)`` of them, where it has been trained before.
    """

    latents: Tensor
    attributes: Floats
    share: float
    readings: Tensor | None = None


def encode_pool(pool: Pool, codec: BlockCodec) -> Tensor:
    """Latents of every picture, float16 of shape ``(n, channels, rows, columns)``."""
    batches = range(0, len(pool), 512)
    return torch.cat([codec.encode(to_unit(pool.pictures[i : i + 512])).half() for i in batches])


def train_denoiser(
    lessons: Sequence[Lesson], sizes: Sizes, plan: Plan, folder: Path
) -> UNet2DConditionModel:
    """Trains the inpaint decoder, or continues a training found in ``folder``."""
    torch.manual_seed(1)
    model = build_decoder(sizes, inpaint=True).to(memory_format=torch.channels_last)
    trainer = Trainer("denoiser", model, plan, folder)
    trainer.run(velocity_losses(model, lessons, plan.batch))
    return model


def velocity_losses(model: UNet2DConditionModel, lessons: Sequence[Lesson], batch: int) -> Losses:
    """The weighted loss of predicting velocity, from picture to noise (Salimans, Ho 2022)."""
    shares = [lesson.share for lesson in lessons]
    scheduler = build_decoder_scheduler()
    null = torch.from_numpy(null_embedding())

    def losses(rng: np.random.Generator) -> Tensor:
        lesson = lessons[int(rng.choice(len(lessons), p=shares))]
        rows = rng.integers(len(lesson.latents), size=batch)
        clean, vectors = lesson.latents[rows].float(), lesson.attributes[rows]
        keep, condition = _conditions(vectors, clean.shape[-2:], rng)
        condition = condition + EMBEDDING_NOISE * torch.randn_like(condition)
        if lesson.readings is not None:
            read = torch.from_numpy(rng.random(batch) < READ_SHARE) & ~keep.flatten(1).any(dim=1)
            condition[read] = lesson.readings[rows].float()[read]
        dropped = torch.from_numpy(rng.random(batch) < DROPPED_CONDITIONS)
        condition[dropped] = null
        noise = torch.randn_like(clean)
        steps = torch.from_numpy((1000 * rng.random(batch) ** (1 / HIGH_NOISE)).astype(np.int64))
        noisy = scheduler.add_noise(clean, noise, steps)
        seen = torch.cat([noisy, clean * keep, keep], dim=1)
        predicted = model(
            seen.contiguous(memory_format=torch.channels_last),
            steps,
            None,
            added_cond_kwargs={"image_embeds": condition},
            return_dict=False,
        )[0][:, :LATENT_CHANNELS]
        error = (predicted - scheduler.get_velocity(clean, noise, steps)).square().mean(dim=1)
        weight = _weights(vectors, clean.shape[-2:])
        loss: Tensor = (error * weight).sum() / weight.sum()
        return loss

    return losses


def _weights(vectors: Floats, shape: Sequence[int]) -> Tensor:
    """How much each cell's error counts, ``(n, rows, columns)``."""
    things = _stretched(covered_by_any(vectors, GRID).astype(np.float32), shape)
    return torch.from_numpy(1 + (THING_WEIGHT - 1) * things)


def _conditions(
    vectors: Floats, shape: Sequence[int], rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Keep maps ``(n, 1, rows, columns)`` and embeddings ``(n, WIDTH)`` for these pictures."""
    keeps = [random_keep(GRID, vector, rng) for vector in vectors]
    told = [describe_hole(vector, keep, rng) for vector, keep in zip(vectors, keeps, strict=True)]
    maps = _stretched(np.stack(keeps), shape)
    return torch.from_numpy(maps)[:, None], torch.from_numpy(embed(np.stack(told)))


def _stretched(maps: Floats, shape: Sequence[int]) -> Floats:
    """Square maps of cells on the grid of a picture of another shape, as places are told there."""
    rows, columns = shape
    size = (columns, rows)
    return np.stack([cv2.resize(each, size, interpolation=cv2.INTER_NEAREST) for each in maps])


def cut_to_base(inpaint: UNet2DConditionModel, sizes: Sizes) -> UNet2DConditionModel:
    """The plain decoder within an inpaint decoder: the same weights, fewer inputs."""
    base = build_decoder(sizes, inpaint=False)
    weights = inpaint.state_dict()
    weights["conv_in.weight"] = weights["conv_in.weight"][:, :LATENT_CHANNELS].clone()
    base.load_state_dict(weights)
    return base.eval()
