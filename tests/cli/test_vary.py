"""``sfumato vary``: more of the same idea."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from studio.generation.request import Variation
from tests.cli.conftest import Run
from tests.helpers.scripted_engine import ScriptedEngine


def test_variations_have_the_pictures_size_and_the_strength_asked_for(
    run: Run, engine: ScriptedEngine, image: Path
) -> None:
    outcome = run("vary", image, "-n", 2, "--strength", 0.25, "--json")
    assert [(made["width"], made["height"]) for made in outcome.objects] == [(96, 64)] * 2
    (request,) = engine.requests
    assert isinstance(request, Variation)
    assert request.strength == 0.25


def test_another_size_can_be_asked_for(run: Run, image: Path) -> None:
    (made,) = run("vary", image, "--size", "128x32", "--json").objects
    assert (made["width"], made["height"]) == (128, 32)


def test_an_animation_is_varied_by_its_first_frame_and_that_is_said(
    run: Run, tmp_path: Path
) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    path = tmp_path / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    outcome = run("vary", path)
    assert outcome.code == 0
    assert "is animated: its first frame is used" in outcome.err


def test_a_strength_out_of_range_is_refused(run: Run, image: Path) -> None:
    outcome = run("vary", image, "--strength", 2)
    assert outcome.code == 3
    assert "strength is 2.0" in outcome.err


def test_ranking_needs_a_text(run: Run, image: Path) -> None:
    assert run("vary", image, "--rank").code == 3
    (made,) = run("vary", image, "--rank", "--prompt", "a cat", "--json").objects
    assert made["score"] is not None
