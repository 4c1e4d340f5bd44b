"""Pictures that the decoder paints of scenes for the image tower to read."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import KandinskyV22Pipeline

from studio.training.denoiser import cut_to_base
from studio.training.paintings import BATCH, painting_with
from studio.training.parts import (
    SMOKE_SIZES,
    build_autoencoder,
    build_decoder,
    build_decoder_scheduler,
)
from studio.training.space import attributes
from studio.training.world.sampling import random_lesson
from studio.training.world.scene import SIDE


@pytest.fixture(scope="module")
def decoder() -> KandinskyV22Pipeline:
    """One that has learned nothing."""
    torch.manual_seed(0)
    return KandinskyV22Pipeline(
        unet=cut_to_base(build_decoder(SMOKE_SIZES, inpaint=True), SMOKE_SIZES),
        scheduler=build_decoder_scheduler(),
        movq=build_autoencoder(),
    )


def test_a_batch_of_scenes_is_painted_at_once_and_handed_out_one_by_one(
    decoder: KandinskyV22Pipeline,
) -> None:
    draw, rng = painting_with(decoder), np.random.default_rng(3)
    first, vector = draw(rng)
    state = rng.bit_generator.state
    rest = [draw(rng) for _ in range(BATCH - 1)]
    assert rng.bit_generator.state == state, "the batch was painted before"
    assert first.shape == (SIDE, SIDE, 3) and first.dtype == np.uint8

    again = np.random.default_rng(3)
    told = [attributes(random_lesson(again)) for _ in range(BATCH)]
    handed = np.stack([vector, *(vector for _, vector in rest)])
    assert sorted(map(bytes, handed)) == sorted(map(bytes, np.stack(told)))
    assert len({picture.tobytes() for picture, _ in [(first, vector), *rest]}) == BATCH
