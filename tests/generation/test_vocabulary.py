"""Word lists of small models: what they know, and which words of a prompt they do not."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import paths
from studio.core.errors import ModelError
from studio.generation.vocabulary import Vocabulary, read_vocabulary

KNOWN = Vocabulary(
    words=frozenset(["a", "red", "boat", "ship", "on", "the", "sea"]),
    links=frozenset(["a", "on", "the"]),
    groups={"kinds": ("boat", "ship"), "settings": ("on the sea",)},
    prompts=("a red boat",),
)


def unknown(text: str) -> list[str]:
    return [text[start:end] for start, end in KNOWN.unknown(text)]


def test_a_list_is_read_with_its_groups_and_prompts(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_bytes(
        msgspec.json.encode(
            {
                "kinds": {"boat": ["boat", "ship"]},
                "colours": ["red"],
                "words": ["a", "red", "boat", "ship"],
                "links": ["a"],
                "prompts": ["a red boat"],
            }
        )
    )
    found = read_vocabulary(path)
    assert found.groups == {"kinds": ("boat", "ship"), "colours": ("red",)}
    assert found.words == {"a", "red", "boat", "ship"}
    assert found.links == {"a"}
    assert found.prompts == ("a red boat",)


def test_words_outside_the_list_are_found_where_they_stand() -> None:
    assert unknown("A red-hot SHIP, été on the dragon's sea!") == ["hot", "été", "dragon's"]


@given(st.text(max_size=80))
def test_any_text_can_be_asked_about(text: str) -> None:
    spans = KNOWN.unknown(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert KNOWN.knows_any(text) in (True, False)


def test_words_that_only_hold_a_phrase_together_mean_nothing() -> None:
    assert KNOWN.knows_any("dragon on a ship")
    assert not KNOWN.knows_any("a dragon on the moon")


@pytest.mark.parametrize("content", [None, b"{", b"\xff", b"[]", b'{"words": 1}'])
def test_a_missing_or_broken_list_is_a_known_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "vocabulary.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="install the model again"):
        read_vocabulary(path)


def test_the_starters_own_list_knows_the_words_of_its_prompts() -> None:
    starter = read_vocabulary(paths.resources() / "starter" / "vocabulary.json")
    assert len(starter.prompts) >= 3
    for prompt in starter.prompts:
        assert not starter.unknown(prompt)
        assert starter.knows_any(prompt)
