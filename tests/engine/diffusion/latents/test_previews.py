import numpy as np
import torch

from studio.engine.diffusion.latents.previews import Previewer

FACTOR = 8


def encode(pictures: torch.Tensor) -> torch.Tensor:
    """An autoencoder whose latents are mixed colours, and one channel that says nothing."""
    mix = torch.tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 0.5], [0.3, 0.0, 1.0], [0.0, 0.0, 0.0]])
    small = torch.nn.functional.avg_pool2d(pictures, FACTOR)
    return torch.einsum("kc,nchw->nkhw", mix, small) + 0.25


def test_a_preview_shows_the_colours_of_the_latents() -> None:
    previewer = Previewer(encode, FACTOR)
    picture = torch.zeros(1, 3, 64, 64)
    picture[:, 0, :, :32] = 1.0
    picture[:, 2, :, 32:] = -1.0
    preview = previewer(encode(picture)).rgb()
    assert np.abs(preview[32, 4].astype(int) - (255, 128, 128)).max() <= 1
    assert np.abs(preview[32, -4].astype(int) - (128, 128, 0)).max() <= 1


def test_a_preview_keeps_the_pictures_shape_and_is_large_enough_to_be_seen() -> None:
    preview = Previewer(encode, FACTOR)(torch.zeros(1, 4, 8, 12))
    assert preview.extent == (96, 64)


def test_colours_beyond_the_range_are_limited() -> None:
    preview = Previewer(encode, FACTOR)(encode(torch.full((1, 3, 64, 64), 9.0)))
    assert (preview.rgb() == 255).all()


def test_an_autoencoder_that_gives_no_numbers_gives_previews_of_nothing() -> None:
    previewer = Previewer(lambda pictures: encode(pictures) * float("nan"), FACTOR)
    preview = previewer(torch.zeros(1, 4, 8, 8)).rgb()
    assert (preview == preview[0, 0]).all()
