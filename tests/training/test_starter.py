"""The shipped starter: whole, small, and above a floor in what it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from studio import paths
from studio.core.geometry import Bounds
from studio.core.picture import Picture, Pixels
from studio.engine.client import LocalEngine
from studio.engine.wire import Places
from studio.generation.edits import (
    Edit,
    Settings,
    apply_patch,
    inpaint_edit,
    text_to_image_edit,
    variation_edit,
)
from studio.training.checkpoints import sha256_of
from studio.training.judge import Verdict, load_judge, truth
from studio.training.world.draw import draw_scene
from studio.training.world.palette import Colour
from studio.training.world.scene import SIDE, Kind, Scene, Setting, Style
from tests.bench.starter import JUDGE, hole_for, single_scenes, thing_phrase
from tests.helpers.engine_runs import pictures_of, run_job

STARTER = paths.resources() / "starter"
LARGEST_FILE = 20_000_000
LARGEST_TOTAL = 36_000_000
AREA = Bounds(0, 0, SIDE, SIDE)

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

KIND_FLOOR, COLOUR_FLOOR, BACKDROP_FLOOR = 0.85, 0.85, 0.9
HOLE_FLOOR, VARIATION_FLOOR = 0.65, 0.65


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """The real worker."""
    folder = tmp_path_factory.mktemp("home")
    places = Places(paths.models_file(), paths.resources(), folder, folder, folder / "logs")
    with LocalEngine(places, spare_cores=0) as running:
        yield running


@pytest.fixture(scope="module")
def verdicts(engine: LocalEngine) -> list[Verdict]:
    """What the judge sees in pictures of the prompts."""
    pictures = []
    for row, (prompt, *_) in enumerate(PROMPTS):
        settings = Settings(model="starter", prompt=prompt, seed=row)
        pictures.append(_painted(engine, text_to_image_edit(settings, AREA)).rgb())
    return load_judge(JUDGE).look(np.stack(pictures))


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Scenes of one thing that were never drawn for training."""
    return single_scenes(len(PROMPTS), np.random.default_rng(77))


def _painted(engine: LocalEngine, edit: Edit) -> Picture:
    events = run_job(engine, edit.request, edit.attachments)
    [picture] = pictures_of(events)
    return picture


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


def test_a_hole_shows_the_asked_kind(engine: LocalEngine, scenes: list[Scene]) -> None:
    filled = []
    for row, scene in enumerate(scenes):
        edited = hole_for(scene)
        asked = Settings(model="starter", prompt=thing_phrase(scene.things[0]), seed=row)
        edit = inpaint_edit(edited, asked, SIDE)
        patch = _painted(engine, edit)
        filled.append(apply_patch(edited.picture, patch, edit.area.origin).rgb())
    assert _share_of_kinds(filled, scenes) >= HOLE_FLOOR


def test_a_variation_halfway_keeps_the_kind(engine: LocalEngine, scenes: list[Scene]) -> None:
    varied = []
    for row, scene in enumerate(scenes):
        halfway = Settings(model="starter", seed=row, strength=0.5)
        edit = variation_edit(Picture.from_array(draw_scene(scene)), halfway)
        varied.append(_painted(engine, edit).rgb())
    assert _share_of_kinds(varied, scenes) >= VARIATION_FLOOR


def _share_of_kinds(pictures: Sequence[Pixels], scenes: Sequence[Scene]) -> float:
    seen = load_judge(JUDGE).look(np.stack(pictures))
    right = [one.kind == truth(scene).kind for one, scene in zip(seen, scenes, strict=True)]
    return float(np.mean(right))
