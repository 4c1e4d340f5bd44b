"""A recipe says which of its request's candidates it is."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from studio import __version__
from studio.generation.recipe import Recipe
from studio.generation.request import MAX_SEED, TextToImage


@given(st.integers(0, MAX_SEED), st.integers(0, 9))
def test_the_seed_is_the_candidates_own(seed: int, index: int) -> None:
    request = TextToImage(model="m", prompt="x", seed=seed, width=64, height=64)
    recipe = Recipe(request=request, index=index)
    assert recipe.seed == request.seed_of(index)
    assert recipe.model == "m"


def test_a_recipe_names_the_program_and_its_time_zone() -> None:
    request = TextToImage(model="m", prompt="x", seed=1, width=64, height=64)
    recipe = Recipe(request=request)
    assert recipe.software == f"Sfumato {__version__}"
    assert recipe.created.utcoffset() == timedelta(0)
    assert msgspec.json.decode(msgspec.json.encode(recipe), type=Recipe) == recipe
