"""Prompts in pieces: the same that the stock pipeline reads."""

from __future__ import annotations

import pytest
from diffusers.pipelines.longcat_image.pipeline_longcat_image import split_quotation
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.diffusion.prompts.quoting import pieces_of, unread_pieces
from tests.helpers.tiny.language import qwen_tokenizer


@given(st.text("ab'\"‘’“” "))
def test_pieces_make_up_the_text(text: str) -> None:
    assert "".join(pieces_of(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a sign",
        "a sign that says \"no\" and 'yes'",
        "it doesn't say ‘it’ but “perhaps”",
        'an open " quotation',
        '""',
    ],
)
def test_they_are_the_stock_pipelines(text: str) -> None:
    theirs = [
        piece
        for part, is_quoted in split_quotation(text)
        for piece in (list(part) if is_quoted else [part])
    ]
    assert list(pieces_of(text)) == theirs


def test_words_with_apostrophes_stay_what_they_are() -> None:
    """However many; the stock pipeline confuses them."""
    text = "it isn't what it wasn't"
    assert list(pieces_of(text)) == [text]


@pytest.mark.parametrize(
    ("text", "limit", "unread"),
    [("abcdef", 6, ""), ("abcdef", 4, "ef"), ('ab"cd"ef', 5, '"ef'), ('ab"cd"', 2, '"cd"')],
)
def test_what_lies_beyond_the_limit_is_told(text: str, limit: int, unread: str) -> None:
    assert unread_pieces(qwen_tokenizer(), text, limit) == unread
