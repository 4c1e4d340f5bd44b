from __future__ import annotations

from typing import Any

import pytest

from studio.engine.diffusion.chat import unread_end
from tests.helpers.tiny.language import qwen_tokenizer


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
