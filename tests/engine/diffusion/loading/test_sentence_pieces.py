"""T5's vocabulary in SentencePiece's form, against the tokenizer that has it converted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.diffusion.loading.sentence_pieces import _read, is_unconverted, read_t5_tokenizer
from tests.helpers.sentence_pieces import NO_CHARACTERS, save_pieces
from tests.helpers.tiny.parts import t5_tokenizer

PIECES = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\N{LOWER ONE EIGHTH BLOCK}", -2.0)]
PIECES += [(chr(code), -5.0) for code in range(33, 127)]
TEXT = "A cat, 3 dogs;  and  <extra_id_1> more"


@pytest.mark.parametrize("characters", [b"", NO_CHARACTERS])
def test_texts_become_the_same_tokens(tmp_path: Path, characters: bytes) -> None:
    save_pieces(tmp_path, PIECES, characters=characters)
    tokenizer, converted = read_t5_tokenizer(tmp_path), t5_tokenizer()
    assert tokenizer(TEXT).input_ids == converted(TEXT).input_ids
    assert tokenizer.get_vocab() == converted.get_vocab()
    assert tokenizer.model_max_length == 512
    assert (tokenizer.backend_tokenizer.normalizer is None) == (not characters)


def test_scores_decide_where_texts_are_cut(tmp_path: Path) -> None:
    save_pieces(tmp_path, [*PIECES, ("ca", -1.0), ("at", -1.5)])
    tokenizer = read_t5_tokenizer(tmp_path)
    assert tokenizer.tokenize("cat")[-2:] == ["ca", "t"]


def test_a_tokenizer_that_was_converted_is_left_to_the_library(tmp_path: Path) -> None:
    save_pieces(tmp_path, PIECES)
    assert is_unconverted(tmp_path)
    (tmp_path / "tokenizer.json").touch()
    assert not is_unconverted(tmp_path)


@given(st.binary(max_size=64))
def test_whatever_is_no_vocabulary_is_refused_as_such(content: bytes) -> None:
    try:
        pieces, characters = _read(content)
    except ValueError:
        return
    assert all(isinstance(piece, str) for piece, _ in pieces)
    assert isinstance(characters, bytes)


def test_a_vocabulary_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    save_pieces(tmp_path, PIECES)
    whole = (tmp_path / "spiece.model").read_bytes()
    (tmp_path / "spiece.model").write_bytes(whole[:-7])
    with pytest.raises(ValueError, match="cut off"):
        read_t5_tokenizer(tmp_path)
    save_pieces(tmp_path, PIECES, characters=NO_CHARACTERS[:-7])
    with pytest.raises(ValueError, match="cut off"):
        read_t5_tokenizer(tmp_path)
