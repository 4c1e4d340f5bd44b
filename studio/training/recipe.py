"""How the starter is trained: sizes, numbers of pictures, and each stage's plan."""

from __future__ import annotations

from dataclasses import dataclass

from studio.training.loop import Plan
from studio.training.parts import SMOKE_SIZES, Sizes


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what training makes, seeds aside.

    ``pictures`` are drawn for the pool, ``lessons`` with more pairs and ``long_pictures`` in each
    other format for the denoiser, and ``drawings`` large for the upsamplers, whose plans are by
    their factors; ``paintings`` are the denoiser's own. Codec and tokenizer are fitted to some
    pictures and captions of their own. ``readings`` goes on where ``denoiser`` ends: its steps
    count from that one's beginning.
    """

    pictures: int
    lessons: int
    long_pictures: int
    paintings: int
    codec_pictures: int
    captions: int
    sizes: Sizes
    prior: Plan
    denoiser: Plan
    readings: Plan
    autoencoder: Plan
    image_tower: Plan
    upsamplers: dict[int, Plan]
    drawings: int


FULL = Recipe(
    pictures=60_000,
    lessons=50_000,
    long_pictures=14_000,
    paintings=6_000,
    codec_pictures=1_500,
    captions=16_000,
    sizes=Sizes(),
    prior=Plan(steps=8_000, batch=64, rate=7e-4, mixed=True),
    denoiser=Plan(steps=40_000, batch=32, averaging=0.9995),
    readings=Plan(steps=50_000, batch=32, averaging=0.9995),
    autoencoder=Plan(steps=3_000, batch=8, rate=1.5e-3),
    image_tower=Plan(steps=38_000, batch=32, rate=7e-4, averaging=0.9995, mixed=True),
    upsamplers={4: Plan(steps=4_000, batch=8), 2: Plan(steps=3_000, batch=8)},
    drawings=600,
)
"""What trains a starter like the shipped one; its card says what that one saw."""

SMOKE = Recipe(
    pictures=64,
    lessons=32,
    long_pictures=16,
    paintings=4,
    codec_pictures=32,
    captions=400,
    sizes=SMOKE_SIZES,
    prior=Plan(steps=4, batch=4),
    denoiser=Plan(steps=4, batch=4),
    readings=Plan(steps=6, batch=4),
    autoencoder=Plan(steps=2, batch=2),
    image_tower=Plan(steps=4, batch=4),
    upsamplers={4: Plan(steps=2, batch=2), 2: Plan(steps=2, batch=2)},
    drawings=4,
)
"""A run through every stage within a minute; its starter loads and knows nothing."""
