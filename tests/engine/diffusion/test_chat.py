from __future__ import annotations

from typing import Any

import pytest

from studio.engine.diffusion.chat import unread_end
from tests.helpers.tiny.language import qwen_tokenizer
from tests.helpers.tiny.parts import t5_tokenizer


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
