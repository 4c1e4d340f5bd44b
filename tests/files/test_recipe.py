"""Recipes travel inside picture files, and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.files.recipe import recipe_from_json, recipe_to_json, recipe_to_parameters
from studio.files.writing import FORMATS
from studio.generation.recipe import Recipe
from studio.generation.request import ImageToImage, TextToImage
from tests.helpers.pictures import recipe

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
SUFFIXES = [known.suffixes[0] for known in FORMATS]


@given(ANY_TEXT, st.floats(-1, 1), st.lists(st.text("abc012", min_size=1)))
def test_json_gives_back_the_recipe(prompt: str, score: float, parents: list[str]) -> None:
    original = recipe(prompt, score=score, parents=tuple(parents), seconds=1.5, index=2)
    assert recipe_from_json(recipe_to_json(original)) == original


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", "not json", '{"request": {}}', "\ud800"])
def test_other_text_is_no_recipe(text: str) -> None:
    assert recipe_from_json(text) is None


def test_parameters_are_written_as_other_programs_read_them() -> None:
    request = ImageToImage(
        model="starter",
        prompt="a cat",
        negative_prompt="dogs",
        seed=5,
        width=64,
        height=32,
        steps=20,
        guidance=4.5,
        scheduler="DDIM",
        source="0" * 64,
        strength=0.25,
    )
    made = Recipe(request=request, index=1, model_digest="0123456789abcdef", software="Sfumato 1")
    assert recipe_to_parameters(made) == (
        "a cat\nNegative prompt: dogs\nSteps: 20, Sampler: DDIM, CFG scale: 4.5, Seed: 6, "
        "Size: 64x32, Model: starter, Model hash: 0123456789, Denoising strength: 0.25, "
        "Version: Sfumato 1"
    )


def test_settings_left_to_the_model_are_left_out_of_the_parameters() -> None:
    request = TextToImage(model="starter", prompt="a cat", seed=5, width=64, height=32)
    made = Recipe(request=request, software="Sfumato 1")
    expected = "a cat\nSeed: 5, Size: 64x32, Model: starter, Version: Sfumato 1"
    assert recipe_to_parameters(made) == expected
