"""The shipped starter: whole, loadable as it is, and following its prompts above a floor."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from studio import paths
from studio.training.checkpoints import sha256_of
from studio.training.judge import Verdict, load_judge
from studio.training.world.palette import Colour
from studio.training.world.scene import Kind, Setting
from tests.bench.starter import JUDGE, Studio

STARTER = paths.resources() / "starter"
LARGEST_FILE = 16_000_000
LARGEST_TOTAL = 26_000_000

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PROMPTS: tuple[tuple[str, Kind, Colour, str], ...] = (
    ("a red boat on the sea", Kind.BOAT, Colour.RED, Setting.SEA),
    ("a red ball on a meadow", Kind.BALL, Colour.RED, Setting.MEADOW),
    ("a yellow star in the night sky", Kind.STAR, Colour.YELLOW, Setting.NIGHT),
    ("a blue fish on a white background", Kind.FISH, Colour.BLUE, Colour.WHITE),
    ("a big green tree on a meadow", Kind.TREE, Colour.GREEN, Setting.MEADOW),
    ("a pink flower on a blue background", Kind.FLOWER, Colour.PINK, Colour.BLUE),
    ("a red car in the desert", Kind.CAR, Colour.RED, Setting.DESERT),
    ("a white moon at night", Kind.MOON, Colour.WHITE, Setting.NIGHT),
    ("a purple mushroom on a yellow background", Kind.MUSHROOM, Colour.PURPLE, Colour.YELLOW),
    ("an orange balloon on the left in the snow", Kind.BALLOON, Colour.ORANGE, Setting.SNOW),
    ("a brown house in the snow", Kind.HOUSE, Colour.BROWN, Setting.SNOW),
    ("a grey cloud on a pink background", Kind.CLOUD, Colour.GREY, Colour.PINK),
    ("a big red heart on a white background", Kind.HEART, Colour.RED, Colour.WHITE),
    ("a black triangle on a green background", Kind.TRIANGLE, Colour.BLACK, Colour.GREEN),
    ("an orange sun at the top on the sea", Kind.SUN, Colour.ORANGE, Setting.SEA),
    ("a blue square on a red background", Kind.SQUARE, Colour.BLUE, Colour.RED),
    ("a yellow house on a meadow", Kind.HOUSE, Colour.YELLOW, Setting.MEADOW),
    ("a green boat on the sea", Kind.BOAT, Colour.GREEN, Setting.SEA),
    ("a large pink star on a black background", Kind.STAR, Colour.PINK, Colour.BLACK),
    ("a purple ball in the desert", Kind.BALL, Colour.PURPLE, Setting.DESERT),
    ("a yellow balloon on a purple background", Kind.BALLOON, Colour.YELLOW, Colour.PURPLE),
    ("a green tree in the snow", Kind.TREE, Colour.GREEN, Setting.SNOW),
    ("a red mushroom on a grey background", Kind.MUSHROOM, Colour.RED, Colour.GREY),
    ("a blue heart at night", Kind.HEART, Colour.BLUE, Setting.NIGHT),
)

KIND_FLOOR, COLOUR_FLOOR, BACKDROP_FLOOR = 0.65, 0.85, 0.9


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    torch.set_num_threads(2)
    pictures = Studio(STARTER).draw([prompt for prompt, *_ in PROMPTS], seed=1)
    return load_judge(JUDGE).look(pictures)


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


def test_the_vocabulary_knows_its_own_sample_prompts() -> None:
    vocabulary = json.loads((STARTER / "vocabulary.json").read_text())
    words = set(vocabulary["words"])
    for prompt in vocabulary["prompts"]:
        assert set(prompt.split()) <= words
    assert set(vocabulary["kinds"]) == set(Kind)


def test_pictures_show_the_asked_kind(verdicts: list[Verdict]) -> None:
    right = [seen.kind == asked[1] for seen, asked in zip(verdicts, PROMPTS, strict=True)]
    assert np.mean(right) >= KIND_FLOOR


def test_pictures_show_the_asked_colour(verdicts: list[Verdict]) -> None:
    right = [seen.colour == asked[2] for seen, asked in zip(verdicts, PROMPTS, strict=True)]
    assert np.mean(right) >= COLOUR_FLOOR


def test_pictures_show_the_asked_backdrop(verdicts: list[Verdict]) -> None:
    right = [seen.backdrop == asked[3] for seen, asked in zip(verdicts, PROMPTS, strict=True)]
    assert np.mean(right) >= BACKDROP_FLOOR
