"""Prompts whose quotations are read letter by letter, so that they can be written in pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from studio.engine.diffusion.prompts.reach import unread_end

_APOSTROPHE: Final = re.compile(r"(?<=[a-zA-Z])'(?=[a-zA-Z])")
"""As in "don't", which opens no quotation."""

_QUOTED: Final = re.compile("|".join(("'[^']*?'", '"[^"]*?"', "‘[^‘’]*?’", "“[^“”]*?”")))
_NO_QUOTE: Final = "\0"


def pieces_of(text: str) -> Iterator[str]:
    """A text in the pieces that are read apart: each letter of a quotation, and what is between.

    >>> list(pieces_of('write "no" here'))
    ['write ', '"', 'n', 'o', '"', ' here']
    """
    end = 0
    for quoted in _QUOTED.finditer(_APOSTROPHE.sub(_NO_QUOTE, text)):
        if quoted.start() > end:
            yield text[end : quoted.start()]
        end = quoted.end()
        yield from text[quoted.start() : end]
    if end < len(text):
        yield text[end:]


def unread_pieces(tokenizer: Any, text: str, limit: int) -> str:
    """The end of a text that lies beyond a tokenizer's reach, when it is read in pieces.

    Args:
        tokenizer: a fast one, which adds no tokens of its own.
        text: as it is read.
        limit: tokens that are read.
    """
    end = 0
    for piece in pieces_of(text):
        end += len(piece)
        if beyond := unread_end(tokenizer, piece, piece, limit):
            return text[end - len(beyond) :]
        limit -= len(tokenizer(piece, verbose=False).input_ids)
    return ""
