"""``sfumato extend``: the picture stays, and there is more of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.files.pictures import read_picture
from studio.files.writing import write_picture
from tests.cli.conftest import Run
from tests.helpers.pictures import smooth
from tests.helpers.scripted_engine import ScriptedEngine


def test_the_picture_lies_untouched_inside_the_larger_one(run: Run, image: Path) -> None:
    outcome = run("extend", image, "x", "--left", 16, "--top", 8, "--right", 24, "--json")
    (made,) = outcome.objects
    assert (made["width"], made["height"]) == (96 + 40, 64 + 8)
    after = read_picture(Path(made["path"]))
    assert after.mode == "RGB"
    assert np.array_equal(after.array()[8:, 16:112], read_picture(image).array())


def test_a_large_extension_takes_several_steps_and_each_picture_its_own_seed(
    run: Run, engine: ScriptedEngine, tmp_path: Path
) -> None:
    write_picture(tmp_path / "big.png", smooth(400, 300))
    outcome = run(
        "extend", tmp_path / "big.png", "x", "--right", 800, "-n", 2, "--seed", 4, "--json"
    )
    assert len(engine.requests) > 2
    assert [made["seed"] for made in outcome.objects] == [4, 5]
    for made in outcome.objects:
        picture = read_picture(Path(made["path"]))
        assert picture.extent == (1200, 300)
        assert picture.rgba()[..., 3].min() == 255
        known = picture.rgb()[:, :400]
        assert np.array_equal(known, read_picture(tmp_path / "big.png").array())


@pytest.mark.parametrize("right", [16, 900])
@pytest.mark.parametrize("count", [0, 11])
def test_the_number_of_pictures_is_checked_however_many_steps_it_takes(
    run: Run, engine: ScriptedEngine, image: Path, right: int, count: int
) -> None:
    outcome = run("extend", image, "x", "--right", right, "-n", count)
    assert outcome.code == 3
    assert f"number of pictures is {count}" in outcome.err
    assert engine.requests == []


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        ([], "Nothing would be added"),
        (["--left", "-5"], "no negative number"),
        (["--right", "100000"], "at most 16384 a side"),
    ],
)
def test_what_cannot_be_extended_is_one_line_and_exit_code_3(
    run: Run, image: Path, sides: list[str], said: str
) -> None:
    outcome = run("extend", image, "x", *sides)
    assert outcome.code == 3
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
