"""The linear codec, written into the stock autoencoder, computes what it computes itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import VQModel

from studio.training.codec import BlockCodec, fit_codec, start_decoder, to_unit, write_encoder
from studio.training.parts import LATENT_CHANNELS, build_autoencoder
from studio.training.world.draw import draw_scene
from studio.training.world.sampling import random_scene

RNG = np.random.default_rng(0)
PICTURES = np.stack([draw_scene(random_scene(RNG)) for _ in range(48)])


@pytest.fixture(scope="module")
def codec() -> BlockCodec:
    return fit_codec(PICTURES[:40], LATENT_CHANNELS)


@pytest.fixture(scope="module")
def autoencoder(codec: BlockCodec) -> VQModel:
    torch.manual_seed(0)
    model = build_autoencoder().eval()
    write_encoder(model, codec)
    start_decoder(model, codec)
    return model


def test_the_stock_encoder_computes_the_codec(codec: BlockCodec, autoencoder: VQModel) -> None:
    pictures = to_unit(PICTURES[40:])
    with torch.no_grad():
        latents = autoencoder.encode(pictures).latents
    assert latents.shape == (8, LATENT_CHANNELS, 16, 16)
    assert (latents - codec.encode(pictures)).abs().max() < 0.05


def test_the_untrained_decoder_paints_each_blocks_colour(autoencoder: VQModel) -> None:
    pictures = to_unit(PICTURES[40:])
    with torch.no_grad():
        latents = autoencoder.encode(pictures).latents
        painted = autoencoder.decode(latents, force_not_quantize=True).sample
    error = ((painted - pictures) / 2).square().mean()
    assert -10 * torch.log10(error) > 20  # decibels; a wrong sign anywhere gives under 10


def test_latents_have_unit_colours_and_quiet_details(codec: BlockCodec) -> None:
    deviations = codec.encode(to_unit(PICTURES[:40])).std(dim=(0, 2, 3))
    assert torch.allclose(deviations[:3], torch.ones(3), atol=0.1)
    assert deviations[3:].max() < 0.4
