"""How far a text encoder reads."""

from __future__ import annotations

from typing import Any, Final

_CUT_LETTER: Final = "\N{REPLACEMENT CHARACTER}"
"""What a tokenizer makes of a letter that was cut in two."""


def beyond(tokenizer: Any, text: str, limit: int) -> str:
    """The end of a text that is not read.

    Args:
        tokenizer: ends each text with a token of its own.
        text: of any length.
        limit: of tokens, the one at the end included.
    """
    tokens = tokenizer(text, verbose=False).input_ids
    if len(tokens) <= limit:
        return ""
    rest: str = tokenizer.decode(tokens[limit - 1 : -1])
    return rest.strip(_CUT_LETTER + " ")
