"""Styles: their table, and how a prompt takes one on and off."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import paths
from studio.core.errors import KnownError
from studio.generation.styles import read_styles, style_of, with_style

STYLES = read_styles(paths.resources() / "styles.toml", Path("thumbnails"))
PROMPTS = st.text(max_size=60)


@given(PROMPTS, st.sampled_from(STYLES))
def test_a_chosen_style_is_the_prompts_only_one(prompt: str, style) -> None:  # type: ignore[no-untyped-def]
    first = with_style(prompt, style, STYLES)
    assert style_of(first, STYLES) == style
    other = with_style(first, STYLES[0], STYLES)
    assert style_of(other, STYLES) == STYLES[0]
    assert other.count(STYLES[0].phrase) >= 1


@given(PROMPTS.filter(lambda text: style_of(text, STYLES) is None), st.sampled_from(STYLES))
def test_taking_a_style_off_leaves_none(prompt: str, style) -> None:  # type: ignore[no-untyped-def]
    assert style_of(with_style(with_style(prompt, style, STYLES), None, STYLES), STYLES) is None


def test_the_words_of_a_prompt_stay_as_they_are() -> None:
    pastel = next(style for style in STYLES if style.id == "pastel")
    styled = with_style("a red boat, two stars", pastel, STYLES)
    assert styled == "a red boat, two stars, in pastel"
    assert with_style(styled, None, STYLES) == "a red boat, two stars"


def test_an_empty_prompt_becomes_the_phrase_alone() -> None:
    assert with_style("", STYLES[1], STYLES) == STYLES[1].phrase


def test_ids_and_phrases_are_unique() -> None:
    assert len({style.id for style in STYLES}) == len(STYLES)
    assert len({style.phrase for style in STYLES}) == len(STYLES)


@pytest.mark.parametrize("content", [None, "[[style]", '[[style]]\nid = "a"', "style = 3"])
def test_a_missing_or_broken_table_is_a_known_error(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "styles.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KnownError, match="install Sfumato again"):
        read_styles(path, tmp_path)
