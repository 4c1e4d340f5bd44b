"""Pictures by the decoder itself, for the image tower to read beside drawings.

Ranking candidates means reading what the decoder painted, whose edges are softer and whose shapes
are looser than those of drawings: a tower that has seen drawings alone is unsure of it.
"""

from __future__ import annotations

import numpy as np
import torch
from diffusers import KandinskyV22Pipeline

from studio.training.pool import Draw
from studio.training.space import Floats, attributes, embed_scenes, null_embedding
from studio.training.world.sampling import Random, random_lesson
from studio.training.world.scene import SIDE
from studio.training.world.styles import Picture

BATCH = 32
"""Pictures that are painted at once."""

_STEPS = 12
_GUIDANCE = (1.3, 2.5)


def painting_with(decoder: KandinskyV22Pipeline) -> Draw:
    """Paints scenes for a pool, each told by its own embedding."""
    decoder.set_progress_bar_config(disable=True)
    waiting: list[tuple[Picture, Floats]] = []

    def draw(rng: Random) -> tuple[Picture, Floats]:
        if not waiting:
            waiting.extend(_paint(decoder, rng))
        return waiting.pop()

    return draw


def _paint(decoder: KandinskyV22Pipeline, rng: Random) -> list[tuple[Picture, Floats]]:
    scenes = [random_lesson(rng) for _ in range(BATCH)]
    images = decoder(
        image_embeds=torch.from_numpy(embed_scenes(scenes)),
        negative_image_embeds=torch.from_numpy(null_embedding()).expand(BATCH, -1),
        height=SIDE,
        width=SIDE,
        num_inference_steps=_STEPS,
        guidance_scale=float(rng.uniform(*_GUIDANCE)),
        generator=torch.Generator().manual_seed(int(rng.integers(2**32))),
        output_type="np",
    ).images
    pictures = np.rint(images * 255).astype(np.uint8)
    return [(picture, attributes(scene)) for picture, scene in zip(pictures, scenes, strict=True)]
