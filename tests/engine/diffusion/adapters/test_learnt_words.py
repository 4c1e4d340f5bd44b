"""Words from textual inversions, known to the text encoders of tiny models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from studio.core.errors import ModelError
from studio.core.picture import Pixels
from studio.generation.adapters import word_pattern
from studio.generation.catalog import AdapterInfo, Catalog
from tests.helpers.adapters import adapter_info
from tests.helpers.engine_runs import RecordingDesk
from tests.helpers.tiny.guides import save_word
from tests.helpers.tiny.parts import WIDTH
from tests.helpers.tiny_family import brief_for, loaded, saved_models

TOWERS = {"clip_l": WIDTH // 2, "clip_g": WIDTH}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("models")
    return saved_models(folder, "stable_diffusion", "stable_diffusion_xl")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AdapterInfo]:
    folder = tmp_path_factory.mktemp("words")
    files = {
        "glow": save_word(folder / "glow.safetensors", {"emb_params": WIDTH}, seed=1),
        "<toy>": save_word(folder / "toy.safetensors", {"<toy>": WIDTH}, seed=2, vectors=1),
        "wide": save_word(folder / "wide.safetensors", {"emb_params": 3 * WIDTH}, seed=3),
        "both": save_word(folder / "both.safetensors", TOWERS, seed=4),
    }
    return {
        word: adapter_info(file, "textual_inversion", "stable_diffusion", trigger=word)
        for word, file in files.items()
    }


@pytest.fixture
def family(catalog: Catalog) -> Any:
    return loaded(catalog.get("tiny-sd"))


def painted(family: Any, prompt: str, **changes: Any) -> Pixels:
    brief = brief_for(family._model, prompt=prompt, **changes)
    pixels: Pixels = family.text_to_image(brief, RecordingDesk())
    return pixels


def test_a_word_changes_the_prompts_that_have_it_and_no_others(
    family: Any, words: dict[str, AdapterInfo]
) -> None:
    prompts = ("a glow", "a glowing cat", "a Glow", "a cat")
    before = [painted(family, prompt) for prompt in prompts]
    assert not family.learn([words["glow"]])
    known = [painted(family, prompt) for prompt in prompts]
    same = [np.array_equal(one, other) for one, other in zip(before, known, strict=True)]
    assert same == [False, True, False, True]
    assert np.array_equal(known[0], known[2])
    family.learn([])
    assert all(
        np.array_equal(painted(family, prompt), picture)
        for prompt, picture in zip(prompts, before, strict=True)
    )


def test_what_is_not_wanted_may_be_such_a_word_too(
    family: Any, words: dict[str, AdapterInfo]
) -> None:
    before = painted(family, "a cat", negative_prompt="glow")
    family.learn([words["glow"]])
    assert not np.array_equal(painted(family, "a cat", negative_prompt="glow"), before)


def test_the_encoder_reads_the_words_own_vectors(
    family: Any, words: dict[str, AdapterInfo]
) -> None:
    family.learn([words["glow"], words["<toy>"]])
    tower = family._base
    spelt = family._spelt("a glow, <toy>", tower.tokenizer)
    ids = tower.tokenizer(spelt, return_tensors="pt", add_special_tokens=False).input_ids
    looked_up = tower.text_encoder.get_input_embeddings()(ids)[0]
    [glow], [toy] = (load_file(words[word].path).values() for word in ("glow", "<toy>"))
    assert torch.equal(looked_up[1:3], glow)
    assert torch.equal(looked_up[-1], toy[0])


def test_two_words_stand_beside_each_other(family: Any, words: dict[str, AdapterInfo]) -> None:
    family.learn([words["glow"], words["<toy>"]])
    both = painted(family, "a glow <toy>")
    family.learn([words["glow"]])
    assert not np.array_equal(both, painted(family, "a glow <toy>"))


def test_both_towers_know_a_word(catalog: Catalog, words: dict[str, AdapterInfo]) -> None:
    family = loaded(catalog.get("tiny-xl"))
    before = painted(family, "a both")
    assert not family.learn([words["both"]])
    assert not np.array_equal(painted(family, "a both"), before)
    rows = [rows._vectors for rows in family._learnt._rows]
    assert [each.shape for each in rows] == [(2, WIDTH // 2), (2, WIDTH)]


def test_a_word_of_another_width_is_told_and_read_as_it_is_written(
    family: Any, catalog: Catalog, words: dict[str, AdapterInfo]
) -> None:
    before = painted(family, "a wide glow")
    assert family.learn([words["wide"]]) == [words["wide"]]
    assert np.array_equal(painted(family, "a wide glow"), before)
    assert loaded(catalog.get("tiny-xl")).learn([words["glow"]]) == [words["glow"]]


def test_a_damaged_file_is_refused_in_a_sentence(family: Any, tmp_path: Path) -> None:
    file = tmp_path / "cut.safetensors"
    file.write_bytes(b"12345678")
    with pytest.raises(ModelError, match="Cut cannot be loaded"):
        family.learn([adapter_info(file, "textual_inversion", "stable_diffusion", trigger="x")])


@pytest.mark.parametrize(
    ("trigger", "text", "has_it"),
    [
        ("glow", "a GLOW, at night", True),
        ("glow", "glowing", False),
        ("<toy>", "a <toy>.", True),
        ("a+b", "some a+b here", True),
        ("a+b", "aab", False),
    ],
)
def test_words_are_found_whole(trigger: str, text: str, has_it: bool) -> None:
    assert bool(word_pattern(trigger).search(text)) is has_it
