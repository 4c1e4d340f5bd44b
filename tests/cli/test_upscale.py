"""``sfumato upscale``: a file in, a larger one out, and in the gallery."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.files.pictures import read_picture, read_recipe
from studio.generation.request import TextToImage, Upscale
from tests.cli.conftest import Run
from tests.helpers.scripted_engine import ScriptedEngine
from tests.helpers.upscalers import compact, save_upscaler


@pytest.fixture
def ultra(run: Run, tmp_path: Path) -> Path:
    """An upscaler that is imported."""
    path = save_upscaler(tmp_path / "4x-Ultra.safetensors", compact(4, width=4, depth=1))
    assert run("models", "import", path, "--id", "ultra").code == 0
    return path


@pytest.mark.parametrize("scale", [2, 4])
def test_a_picture_is_enlarged_kept_and_written_with_how(
    run: Run, engine: ScriptedEngine, image: Path, tmp_path: Path, scale: int
) -> None:
    target = tmp_path / "large.png"
    (made,) = run("upscale", image, "--scale", scale, "-o", target, "--json").objects
    assert (made["width"], made["height"]) == (96 * scale, 64 * scale)
    assert read_picture(target).extent == (96 * scale, 64 * scale)
    assert Path(made["gallery_path"]).is_file()
    recipe = read_recipe(target)
    assert recipe is not None and isinstance(recipe.request, Upscale)
    assert recipe.request.model == "starter"
    assert engine.requests == [recipe.request]


@pytest.mark.parametrize("name", ["ultra", "4x-ultra"])
def test_an_imported_upscaler_is_taken_by_any_of_its_names(
    run: Run, engine: ScriptedEngine, image: Path, ultra: Path, name: str
) -> None:
    assert run("upscale", image, "--upscaler", name).code == 0
    assert run("upscale", image).code == 0
    assert [request.model for request in engine.requests] == ["ultra", "ultra"]


def test_what_the_picture_was_made_from_is_found_again(
    run: Run, engine: ScriptedEngine, tmp_path: Path
) -> None:
    boat = tmp_path / "boat.png"
    run("generate", "a red boat", "--size", "64x64", "-o", boat)
    run("upscale", boat)
    listed = run("gallery", "list", "boat", "--json").objects
    assert [entry["width"] for entry in listed] == [128, 64]
    assert listed[0]["prompt"] == "a red boat"


def test_a_generation_names_the_upscaler_that_takes_it_to_its_size(
    run: Run, engine: ScriptedEngine, ultra: Path
) -> None:
    run("generate", "a boat", "--upscaler", "ultra", "--size", "64x64")
    run("generate", "a boat", "--size", "64x64")
    first, second = engine.requests
    assert isinstance(first, TextToImage) and isinstance(second, TextToImage)
    assert (first.upscaler, second.upscaler) == ("ultra", "")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--scale", "3"], 2, "--scale"),
        (["--upscaler", "ultar"], 3, "There is no upscaler 'ultar': did you mean ultra?"),
        (["--upscaler", "kandinsky-2.2"], 3, "has no upscaler of its own"),
    ],
)
def test_what_cannot_be_is_refused_before_the_engine_starts(
    run: Run,
    engine: ScriptedEngine,
    image: Path,
    ultra: Path,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    outcome = run("upscale", image, *arguments)
    assert outcome.code == code
    assert words in outcome.err
    assert not engine.requests


def test_the_list_says_what_upscalers_do(run: Run, ultra: Path) -> None:
    (line,) = run("models", "list", "upscaler", "--installed").lines
    assert "upscaler 4x" in line
    (shown,) = run("models", "show", "ultra", "--json").objects
    assert (shown["kind"], shown["family"], shown["scale"]) == ("upscaler", "any", 4)
    assert "by 4" in run("models", "show", "ultra").out
