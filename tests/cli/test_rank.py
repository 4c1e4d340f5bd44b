"""``sfumato rank``: the best first."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.files.pictures import read_picture
from studio.files.writing import write_picture
from tests.cli.conftest import Run
from tests.helpers.pictures import noise
from tests.helpers.scripted_engine import score_of


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Four different pictures, one of them twice."""
    paths = [tmp_path / f"{k}.png" for k in range(5)]
    for k, path in enumerate(paths):
        write_picture(path, noise(20, 10, seed=k % 4))
    return paths


def test_pictures_are_listed_by_score_the_best_first(run: Run, images: list[Path]) -> None:
    outcome = run("rank", "a cat", *images, "--json")
    expected = {str(path): score_of("a cat", read_picture(path)) for path in images}
    assert {made["path"]: made["score"] for made in outcome.objects} == expected
    scores = [made["score"] for made in outcome.objects]
    assert scores == sorted(scores, reverse=True)
    assert outcome.objects[0].items() >= {"model": "starter", "width": 20, "height": 10}.items()


def test_people_see_score_and_path(run: Run, images: list[Path]) -> None:
    outcome = run("rank", "a cat", *images)
    scores = [float(line.split()[0]) for line in outcome.lines]
    assert scores == sorted(scores, reverse=True)
    assert {line.split()[1] for line in outcome.lines} == set(map(str, images))


@pytest.mark.parametrize("arguments", [["a cat"], ["", "0.png"], ["a cat", "none.png"]])
def test_nothing_to_rank_is_one_line_and_exit_code_3(
    run: Run, images: list[Path], tmp_path: Path, arguments: list[str]
) -> None:
    outcome = run("rank", arguments[0], *(tmp_path / name for name in arguments[1:]))
    assert outcome.code == 3
    assert outcome.err.count("\n") == 1
