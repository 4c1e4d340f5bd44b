"""Recipes travel inside picture files, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.files.pictures import load_picture, read_picture, read_recipe, write_picture
from studio.files.recipe import recipe_from_json, recipe_to_json, recipe_to_parameters
from studio.files.writing import FORMATS
from studio.generation.recipe import Recipe
from studio.generation.request import ImageToImage, TextToImage
from tests.helpers.pictures import noise, recipe

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
SUFFIXES = [known.suffixes[0] for known in FORMATS]


@given(ANY_TEXT, st.floats(-1, 1), st.lists(st.text("abc012", min_size=1)))
def test_json_gives_back_the_recipe(prompt: str, score: float, parents: list[str]) -> None:
    original = recipe(prompt, score=score, parents=tuple(parents), seconds=1.5, index=2)
    assert recipe_from_json(recipe_to_json(original)) == original


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", "not json", '{"request": {}}', "\ud800"])
def test_other_text_is_no_recipe(text: str) -> None:
    assert recipe_from_json(text) is None


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "prompt",
    ["a red circle", "quotes \" and <tags> & 'more'", "line\nbreak\0nul", "😀 赤い丸", "]]> &amp;"],
)
def test_every_format_carries_any_recipe(tmp_path: Path, suffix: str, prompt: str) -> None:
    path = tmp_path / f"out{suffix}"
    original = recipe(prompt, model_digest="abc", job_id="j", parents=("p", "q"))
    write_picture(path, noise(16, 16), original)
    assert read_recipe(path) == original
    assert load_picture(path).recipe == original


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_very_long_prompt_does_not_stop_a_picture_from_being_written(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    original = recipe("😀" * 20_000)
    write_picture(path, noise(16, 16), original)
    read_picture(path)
    assert read_recipe(path) == (None if suffix == ".jpg" else original)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_without_recipe_has_none(tmp_path: Path, suffix: str) -> None:
    write_picture(tmp_path / f"out{suffix}", noise(16, 16))
    assert read_recipe(tmp_path / f"out{suffix}") is None


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


def test_png_and_jpeg_show_the_parameters_where_other_programs_look(tmp_path: Path) -> None:
    write_picture(tmp_path / "out.png", noise(8, 8), recipe())
    write_picture(tmp_path / "out.jpg", noise(8, 8), recipe())
    with Image.open(tmp_path / "out.png") as image:
        assert image.info["parameters"].startswith("a red circle\n")
    with Image.open(tmp_path / "out.jpg") as image:
        comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert comment.removeprefix(b"UNICODE\0").decode("utf-16-be").startswith("a red circle\n")
