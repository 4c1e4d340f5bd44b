"""Which words of a prompt a model with few words knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.errors import ModelError

_LINKS: Final = frozenset(
    # fmt: off
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "drawing",
        "illustration",
        "image",
        "in",
        "is",
        "of",
        "on",
        "one",
        "over",
        "painting",
        "picture",
        "side",
        "sized",
        "the",
        "there",
        "to",
        "under",
        "with",
    ]
    # fmt: on
)
"""Words that hold a phrase together and show nothing."""


def read_vocabulary(path: Path) -> frozenset[str]:
    """The words of a list: a JSON value whose strings, however deep, are words and phrases.

    Raises:
        ModelError: if there is no such list.
    """
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"The word list {path} cannot be read: install Sfumato again.") from error
    return frozenset(word for phrase in _strings(found) for word in words_of(phrase)) - _LINKS


def words_of(text: str) -> list[str]:
    """The words in lower case, without punctuation."""
    return re.findall(r"[^\W_]+", text.lower())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
