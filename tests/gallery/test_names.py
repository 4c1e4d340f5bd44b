"""Names that every file system takes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.gallery.names import id_in, new_id, picture_path, slug

NOW = datetime(2026, 11, 21, 1, 53, 16, tzinfo=UTC)


@given(st.text())
def test_any_prompt_gives_a_short_plain_name_that_holds_the_id(prompt: str) -> None:
    entry_id = new_id()
    place = picture_path(NOW, prompt, entry_id)
    assert place.parts[:2] == ("2026", "2026-11")
    assert len(place.name) < 100
    assert place.name.isascii()
    assert not set(place.name) & set('\\/:*?"<>| ')
    assert id_in(place.name) == entry_id


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("A red circle!", "a-red-circle"), ("Éclair  à la crème", "eclair-a-la-creme"), ("赤", "")],
)
def test_a_slug_is_the_first_words_in_plain_letters(prompt: str, expected: str) -> None:
    assert slug(prompt) == expected


def test_a_foreign_name_holds_no_id() -> None:
    assert id_in("holiday.png") is None
