"""Finding pictures by their words."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.gallery.store import Gallery
from tests.helpers.pictures import noise, recipe

PROMPTS = [
    "A red circle on blue",
    "Café au lait im Wald",
    "赤い丸の絵",
    "a dog 😀 runs",
    "well-known 3d render, 8k",
    '"quoted" AND (odd) OR: text*',
]


@pytest.fixture
def filled(gallery: Gallery) -> Gallery:
    """A gallery with a picture for each prompt."""
    for prompt in PROMPTS:
        gallery.add(noise(2, 2), recipe(prompt))
    return gallery


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("circle", [0]),
        ("CIRC blu", [0]),
        ("red dog", []),
        ("cafe", [1]),
        ("CAFÉ", [1]),
        ("丸", [2]),
        ("😀", [3]),
        ("dog 😀", [3]),
        ("well-known", [4]),
        ("8k", [4]),
        ("quoted", [5]),
        ('"odd"', [5]),
        ("AND", [5]),
        ("starter circle", [0]),
        ("", [5, 4, 3, 2, 1, 0]),
        ("   ", [5, 4, 3, 2, 1, 0]),
        ("ircle", []),
    ],
)
def test_every_word_of_the_query_must_begin_a_word(
    filled: Gallery, query: str, found: list[int]
) -> None:
    assert [entry.prompt for entry in filled.entries(query)] == [PROMPTS[at] for at in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_query_is_an_error(filled: Gallery, query: str) -> None:
    assert len(filled.entries(query)) == filled.count(query) <= len(PROMPTS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(words=st.lists(st.from_regex(r"[a-zà-ÿ0-9]{1,8}", fullmatch=True), min_size=1, max_size=4))
def test_a_picture_is_found_by_any_of_its_words(gallery: Gallery, words: list[str]) -> None:
    entry = gallery.add(noise(2, 2), recipe(" ".join(words)))
    for word in words:
        assert entry in gallery.entries(word, limit=-1)


def test_bytes_that_are_no_text_find_nothing(filled: Gallery) -> None:
    assert filled.entries("\udcff") == []
    assert filled.count("red \udcff") == 0
