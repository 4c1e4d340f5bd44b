"""Recipes travel inside picture files of every format, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio.files.pictures import load_picture, read_picture, read_recipe, write_picture
from studio.files.writing import FORMATS
from tests.helpers.pictures import noise, recipe

SUFFIXES = [known.suffixes[0] for known in FORMATS]


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


def test_png_and_jpeg_show_the_parameters_where_other_programs_look(tmp_path: Path) -> None:
    write_picture(tmp_path / "out.png", noise(8, 8), recipe())
    write_picture(tmp_path / "out.jpg", noise(8, 8), recipe())
    with Image.open(tmp_path / "out.png") as image:
        assert image.info["parameters"].startswith("a red circle\n")
    with Image.open(tmp_path / "out.jpg") as image:
        comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert comment.removeprefix(b"UNICODE\0").decode("utf-16-be").startswith("a red circle\n")
