"""Vocabularies of SentencePiece, in which form alone some T5s are published, without its library.

T. Kudo and J. Richardson, "SentencePiece: a simple and language independent subword tokenizer and
detokenizer for neural text processing", 2018. A file is a protocol buffer of the type ModelProto:
https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tokenizers.normalizers import Precompiled
from transformers import T5Tokenizer

_VOCABULARY: Final = "spiece.model"
_CONVERTED: Final = "tokenizer.json"
"""Is there where the library needs no help."""

_PIECES: Final = 1
_NORMALIZER: Final = 3
_PIECE, _SCORE = 1, 2
_CHARACTER_MAP: Final = 2

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_SIZES: Final = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_SENTINELS: Final = 100
"""Tokens of T5 for what is left out of a text, behind its pieces."""


def is_unconverted(folder: Path) -> bool:
    """Whether a tokenizer's folder has its vocabulary in SentencePiece's form alone."""
    return (folder / _VOCABULARY).is_file() and not (folder / _CONVERTED).is_file()


def read_t5_tokenizer(folder: Path) -> T5Tokenizer:
    """The tokenizer of a T5.

    Raises:
        OSError, ValueError, KeyError: if the folder has none, or it is damaged.
    """
    pieces, characters = _read((folder / _VOCABULARY).read_bytes())
    pieces += [(f"<extra_id_{number}>", 0.0) for number in reversed(range(_SENTINELS))]
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    tokenizer = T5Tokenizer(vocab=pieces, model_max_length=config["model_max_length"])
    if characters:
        _check_map(characters)
        tokenizer.backend_tokenizer.normalizer = Precompiled(characters)
    return tokenizer


def _read(model: bytes) -> tuple[list[tuple[str, float]], bytes]:
    """The pieces with their scores, and the map by which characters are normalized first."""
    pieces, characters = [], b""
    for number, value in _fields(model):
        if number == _PIECES:
            piece = dict(_fields(_as_bytes(value)))
            text = _as_bytes(piece.get(_PIECE)).decode("utf-8")
            pieces.append((text, _as_float(piece.get(_SCORE, bytes(4)))))
        elif number == _NORMALIZER:
            characters = _as_bytes(dict(_fields(_as_bytes(value))).get(_CHARACTER_MAP, b""))
    return pieces, characters


def _check_map(characters: bytes) -> None:
    """Raises ValueError where the library would raise what nobody can tell from a bug.

    A map is the size of a trie in bytes, the trie, and the text that it leads to.
    """
    trie = int.from_bytes(characters[:4], "little")
    if trie % 4 or len(characters) < 4 + trie:
        raise ValueError("a map of characters that is cut off")
    characters[4 + trie :].decode("utf-8")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protocol buffer: their numbers, and integers or bytes.

    Raises:
        ValueError: if it is none.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in _SIZES:
            size = _SIZES[kind]
        else:
            raise ValueError(f"a field of the kind {kind}")
        if at + size > len(message):
            raise ValueError("a field that is cut off")
        yield number, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """An integer of as many bytes as it needs, seven bits in each, and where it ends."""
    value = 0
    for place, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("a number that does not end")


def _as_float(value: int | bytes) -> float:
    data = _as_bytes(value)
    if len(data) != 4:
        raise ValueError("a score of another size than it should be")
    [number] = struct.unpack("<f", data)
    return float(number)


def _as_bytes(value: int | bytes | None) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a field of another kind than it should be")
    return value
