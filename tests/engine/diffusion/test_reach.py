import pytest

from studio.engine.diffusion.reach import beyond
from tests.helpers.tiny.parts import clip_tokenizer, t5_tokenizer


@pytest.mark.parametrize("length", [0, 1, 7, 8])
def test_a_text_within_reach_is_read_to_its_end(length: int) -> None:
    """One token begins a text and one ends it."""
    assert beyond(clip_tokenizer(), " ".join("x" * length), 10) == ""


@pytest.mark.parametrize("length", [9, 40])
def test_the_end_of_a_longer_text_is_told(length: int) -> None:
    assert beyond(clip_tokenizer(), " ".join("x" * length), 10).split() == ["x"] * (length - 8)


def test_a_word_that_is_cut_is_told_from_the_cut_on() -> None:
    assert beyond(t5_tokenizer(), "abcdefgh", 5) == "defgh"
