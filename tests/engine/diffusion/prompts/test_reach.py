"""The end of a prompt that is not read."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine.diffusion.prompts.reach import beyond, unread_end
from tests.helpers.tiny.language import qwen_tokenizer
from tests.helpers.tiny.parts import clip_tokenizer, t5_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Reads a token for every letter."""
    return qwen_tokenizer()


@pytest.mark.parametrize(
    ("limit", "unread"), [(99, ""), (13, ""), (12, ""), (9, "cat"), (7, "a cat"), (2, "a cat")]
)
def test_the_end_of_the_prompt_is_told_and_nothing_of_its_frame(
    tokenizer: Any, limit: int, unread: str
) -> None:
    """The prompt is the letters 7 to 11 of 13."""
    assert unread_end(tokenizer, "system:a cat.\n", "a cat", limit) == unread


def test_a_prompt_that_the_frame_has_changed_is_not_spoken_of(tokenizer: Any) -> None:
    assert unread_end(tokenizer, "system: a dog", "a cat", 3) == ""


def test_what_the_tokenizer_puts_at_the_end_takes_the_place_of_words() -> None:
    """Two tokens a word to a T5, and one at the end."""
    tokenizer = t5_tokenizer()
    assert unread_end(tokenizer, "a b c", "a b c", 7, closing=1) == ""
    assert unread_end(tokenizer, "a b c", "a b c", 6, closing=1) == "c"


@pytest.mark.parametrize("length", [0, 1, 7, 8])
def test_a_text_within_reach_is_read_to_its_end(length: int) -> None:
    """One token begins a text and one ends it."""
    assert beyond(clip_tokenizer(), " ".join("x" * length), 10) == ""


@pytest.mark.parametrize("length", [9, 40])
def test_the_end_of_a_longer_text_is_told(length: int) -> None:
    assert beyond(clip_tokenizer(), " ".join("x" * length), 10).split() == ["x"] * (length - 8)


def test_a_word_that_is_cut_is_told_from_the_cut_on() -> None:
    assert beyond(t5_tokenizer(), "abcdefgh", 5) == "defgh"
