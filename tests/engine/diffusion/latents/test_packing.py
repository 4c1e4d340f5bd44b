"""Against the stock pipelines' own packing."""

import pytest
import torch
from diffusers import FluxPipeline

from studio.engine.diffusion.latents.packing import packed, places, places_of_words, unpacked


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (4, 6), (8, 2)])
def test_tokens_are_those_of_the_stock_pipeline_and_lead_back(rows: int, columns: int) -> None:
    latents = torch.randn(3, 5, rows, columns, generator=torch.Generator().manual_seed(0))
    tokens = packed(latents)
    assert (tokens == FluxPipeline._pack_latents(latents, 3, 5, rows, columns)).all()
    assert (unpacked(tokens, rows, columns) == latents).all()


def test_places_are_those_of_the_stock_pipeline() -> None:
    theirs = FluxPipeline._prepare_latent_image_ids(1, 3, 5, torch.device("cpu"), torch.float32)
    assert (places(3, 5) == theirs).all()


def test_another_picture_lies_where_it_is_put() -> None:
    first, *_, last = places(2, 3, picture=1, top=4, left=7).tolist()
    assert (first, last) == ([1, 4, 7], [1, 5, 9])


def test_words_stand_on_the_diagonal() -> None:
    assert places_of_words(3).tolist() == [[0, 0, 0], [0, 1, 1], [0, 2, 2]]
