"""Scale and shift of latents, as the stock pipelines apply them."""

from typing import Any

import pytest
import torch

from studio.engine.diffusion.latents.autoencoder import (
    Autoencoder,
    UnscaledAutoencoder,
    UnshiftedAutoencoder,
)
from tests.helpers.tiny.parts import autoencoder, seed_weights

SETTINGS: list[dict[str, Any]] = [
    {"scaling_factor": 0.18215},
    {"scaling_factor": 0.3611, "shift_factor": 0.1159},
    {
        "scaling_factor": 0.5,
        "latents_mean": [-1.6, 1.1, 3.2, -0.1],
        "latents_std": [8.4, 5.9, 5.3, 5.2],
    },
]
PLANES = torch.linspace(-1, 1, 3 * 32 * 48).reshape(1, 3, 32, 48)


def made(**settings: Any) -> Autoencoder:
    seed_weights(0)
    return Autoencoder(autoencoder(**settings))


@torch.inference_mode()
@pytest.mark.parametrize("settings", SETTINGS)
def test_latents_are_the_scaled_mean_and_the_way_back_undoes_the_scale(
    settings: dict[str, Any],
) -> None:
    ours = made(**settings)
    mean = ours.module.encode(PLANES).latent_dist.mean
    shift = torch.tensor(settings.get("latents_mean", settings.get("shift_factor", 0.0)))
    spread = torch.tensor(settings.get("latents_std", 1.0)).view(-1, 1, 1)
    expected = (mean - shift.view(-1, 1, 1)) * settings["scaling_factor"] / spread
    latents = ours.encode(PLANES)
    assert torch.allclose(latents, expected, atol=1e-6)
    assert torch.allclose(ours.decode(latents), ours.module.decode(mean).sample, atol=1e-5)
    assert torch.allclose(ours.unscaled(latents), mean, atol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("kind", "settings", "left_out"),
    [
        (UnshiftedAutoencoder, SETTINGS[1], {"shift_factor": 0.0}),
        (UnscaledAutoencoder, SETTINGS[2], {"scaling_factor": 1.0}),
    ],
)
def test_some_leave_out_what_their_modules_say(
    kind: type[Autoencoder], settings: dict[str, Any], left_out: dict[str, float]
) -> None:
    ours = kind(made(**settings).module)
    latents = ours.encode(PLANES)
    assert torch.allclose(latents, made(**settings | left_out).encode(PLANES), atol=1e-5)
    mean = ours.module.encode(PLANES).latent_dist.mean
    assert torch.allclose(ours.unscaled(latents), mean, atol=1e-5)


def test_a_cell_is_as_wide_as_the_module_shrinks() -> None:
    ours = made(channels=16)
    latents = ours.encode(PLANES)
    assert latents.shape == (1, ours.channels, 32 // ours.factor, 48 // ours.factor)


@torch.inference_mode()
def test_a_module_in_32_bits_serves_pictures_in_fewer() -> None:
    ours = made()
    latents = ours.encode(PLANES.half())
    assert latents.dtype is torch.float16
    assert ours.decode(latents).dtype is torch.float32
