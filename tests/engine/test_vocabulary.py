from pathlib import Path

import pytest

from studio.core.errors import ModelError
from studio.engine.vocabulary import read_vocabulary, words_of


def test_words_are_found_however_deep_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text('{"kinds": {"boat": ["Boat", "sailing ship"]}, "colours": ["red"], "n": 1}')
    assert read_vocabulary(path) == {"boat", "sailing", "ship", "red"}


def test_words_that_show_nothing_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text('["on the sea", "a picture of"]')
    assert read_vocabulary(path) == {"sea"}


@pytest.mark.parametrize("content", [None, b"{", b"\xff"])
def test_a_missing_or_broken_list_is_a_known_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "vocabulary.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="install Sfumato again"):
        read_vocabulary(path)


def test_words_lose_their_case_and_punctuation() -> None:
    assert words_of("A red-hot BALL, été!") == ["a", "red", "hot", "ball", "été"]
