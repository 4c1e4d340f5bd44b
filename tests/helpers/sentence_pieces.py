"""Vocabularies in the form of SentencePiece."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from pathlib import Path

NO_CHARACTERS = struct.pack("<I", 1024) + bytes(1024)
"""A map that leaves all characters as they are: a trie in which nothing is found."""


def save_pieces(
    folder: Path, pieces: Iterable[tuple[str, float]], *, characters: bytes = b""
) -> None:
    """Writes a T5's tokenizer as it is published where nobody has converted it."""
    model = b"".join(
        _field(1, _field(1, piece.encode()) + b"\x15" + struct.pack("<f", score))
        for piece, score in pieces
    )
    model += _field(2, b"\x18\x01")  # is a unigram model
    if characters:
        model += _field(3, _field(2, characters))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(model)
    config = {"tokenizer_class": "T5Tokenizer", "extra_ids": 100, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def _field(number: int, value: bytes) -> bytes:
    """A field of bytes."""
    size = len(value)
    length = bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + value
