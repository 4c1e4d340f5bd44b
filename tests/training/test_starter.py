"""The shipped starter: whole, small, and following its prompts above a floor."""

from __future__ import annotations

import json

import numpy as np
import pytest

from studio import paths
from studio.engine.client import LocalEngine
from studio.engine.wire import Places
from studio.generation.request import TextToImage
from studio.training.checkpoints import sha256_of
from studio.training.judge import Verdict, load_judge
from studio.training.world.palette import Colour
from studio.training.world.scene import SIDE, Kind, Setting, Style
from tests.bench.starter import JUDGE
from tests.helpers.engine_runs import pictures_of, run_job

STARTER = paths.resources() / "starter"
LARGEST_FILE = 20_000_000
LARGEST_TOTAL = 36_000_000

PROMPTS: tuple[tuple[str, Kind, Colour, str], ...] = (
    ("a red boat on the sea", Kind.BOAT, Colour.RED, Setting.SEA),
    ("a red ball on a meadow", Kind.BALL, Colour.RED, Setting.MEADOW),
    ("a yellow star in the night sky", Kind.STAR, Colour.YELLOW, Setting.NIGHT),
    ("a blue fish on a white background", Kind.FISH, Colour.BLUE, Colour.WHITE),
    ("a big green tree on a meadow", Kind.TREE, Colour.GREEN, Setting.MEADOW),
    ("a pink flower on a blue background", Kind.FLOWER, Colour.PINK, Colour.BLUE),
    ("a red car on a grey background", Kind.CAR, Colour.RED, Colour.GREY),
    ("a white moon at night", Kind.MOON, Colour.WHITE, Setting.NIGHT),
    ("a purple mushroom on a yellow background", Kind.MUSHROOM, Colour.PURPLE, Colour.YELLOW),
    ("an orange balloon in the snow", Kind.BALLOON, Colour.ORANGE, Setting.SNOW),
    ("a big brown house in the snow", Kind.HOUSE, Colour.BROWN, Setting.SNOW),
    ("a grey cloud on a pink background", Kind.CLOUD, Colour.GREY, Colour.PINK),
    ("a big red heart on a white background", Kind.HEART, Colour.RED, Colour.WHITE),
    ("a black triangle on a green background", Kind.TRIANGLE, Colour.BLACK, Colour.GREEN),
    ("a big green castle on an orange background", Kind.CASTLE, Colour.GREEN, Colour.ORANGE),
    ("a blue square on a red background", Kind.SQUARE, Colour.BLUE, Colour.RED),
    ("a big black cat in a room", Kind.CAT, Colour.BLACK, Setting.ROOM),
    ("a green apple on a white background", Kind.APPLE, Colour.GREEN, Colour.WHITE),
    ("a large pink butterfly on a black background", Kind.BUTTERFLY, Colour.PINK, Colour.BLACK),
    ("a purple umbrella in the desert", Kind.UMBRELLA, Colour.PURPLE, Setting.DESERT),
    ("a big yellow rocket on a purple background", Kind.ROCKET, Colour.YELLOW, Colour.PURPLE),
    ("a green pine in the snow", Kind.PINE, Colour.GREEN, Setting.SNOW),
    ("a big red train on a grey background", Kind.TRAIN, Colour.RED, Colour.GREY),
    ("a large blue clock in a room", Kind.CLOCK, Colour.BLUE, Setting.ROOM),
)

KIND_FLOOR, COLOUR_FLOOR, BACKDROP_FLOOR = 0.5, 0.8, 0.9


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    """What the judge sees in pictures of the prompts, painted by the real worker."""
    folder = tmp_path_factory.mktemp("home")
    places = Places(paths.models_file(), paths.resources(), folder, folder, folder / "logs")
    with LocalEngine(places, spare_cores=0) as engine:
        pictures = [_painted(engine, prompt, row) for row, (prompt, *_) in enumerate(PROMPTS)]
    return load_judge(JUDGE).look(np.stack(pictures))


def _painted(engine: LocalEngine, prompt: str, seed: int) -> np.ndarray:
    request = TextToImage(model="starter", prompt=prompt, seed=seed, width=SIDE, height=SIDE)
    [picture] = pictures_of(run_job(engine, request, job_id=f"job {seed}"))
    return picture.rgb()


def test_every_file_is_as_its_checksum_says() -> None:
    entries = json.loads((STARTER / "checksums.json").read_text())
    assert len(entries) > 15
    for name, entry in entries.items():
        assert (STARTER / name).stat().st_size == entry["size"], name
        assert sha256_of(STARTER / name) == entry["sha256"], name


def test_the_weights_are_small() -> None:
    sizes = [path.stat().st_size for path in STARTER.rglob("*.safetensors")]
    assert max(sizes) < LARGEST_FILE
    assert sum(sizes) < LARGEST_TOTAL


def test_the_vocabulary_names_every_kind() -> None:
    vocabulary = json.loads((STARTER / "vocabulary.json").read_text())
    assert set(vocabulary["kinds"]) == set(Kind)
    assert set(vocabulary["styles"]) == set(Style)


def test_pictures_show_the_asked_kind(verdicts: list[Verdict]) -> None:
    right = [seen.kind == asked[1] for seen, asked in zip(verdicts, PROMPTS, strict=True)]
    assert np.mean(right) >= KIND_FLOOR


def test_pictures_show_the_asked_colour(verdicts: list[Verdict]) -> None:
    right = [seen.colour == asked[2] for seen, asked in zip(verdicts, PROMPTS, strict=True)]
    assert np.mean(right) >= COLOUR_FLOOR


def test_pictures_show_the_asked_backdrop(verdicts: list[Verdict]) -> None:
    right = [seen.backdrop == asked[3] for seen, asked in zip(verdicts, PROMPTS, strict=True)]
    assert np.mean(right) >= BACKDROP_FLOOR
