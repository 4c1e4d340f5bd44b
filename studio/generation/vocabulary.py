"""The words that a small model knows: for a hint where a prompt leaves them, and to begin with.

A list is a JSON object. Its ``words`` are all words that the model has read, ``links`` those of
them that only hold a phrase together, ``prompts`` sentences to try, and every other key names a
group of things that it can paint (``kinds``, ``colours``, …): a list of words and phrases, or an
object of such lists by their usual word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.errors import ModelError

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_LARGEST: Final = 4_000_000
"""Bytes of a list that is read at all."""


class Vocabulary(msgspec.Struct, frozen=True):
    """What a model with few words understands.

    Attributes:
        words: in lower case.
        links: those of them that show nothing, such as "on" and "the".
        groups: by their name, the usual words for what is in them.
        prompts: to begin with.
    """

    words: frozenset[str]
    links: frozenset[str]
    groups: dict[str, tuple[str, ...]]
    prompts: tuple[str, ...]

    def unknown(self, text: str) -> list[tuple[int, int]]:
        """Where words lie that say nothing to the model: start and end in ``text``."""
        return [
            match.span() for match in _WORD.finditer(text) if match[0].lower() not in self.words
        ]

    def knows_any(self, text: str) -> bool:
        """Whether a word of ``text`` says something to the model."""
        meant = self.words - self.links
        return any(match[0].lower() in meant for match in _WORD.finditer(text))


class _Entries(msgspec.Struct):
    words: list[str]
    links: list[str] = []
    prompts: list[str] = []


def read_vocabulary(path: Path) -> Vocabulary:
    """The words of a list.

    Raises:
        ModelError: if there is no such list, or it is not one.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise msgspec.ValidationError("it is too large")
        text = path.read_bytes()
        entries = msgspec.json.decode(text, type=_Entries)
        groups: dict[str, Any] = msgspec.json.decode(text)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The word list {path} cannot be read: install the model again.", details=str(error)
        ) from error
    named = {
        name: tuple(_names(value))
        for name, value in groups.items()
        if name not in _Entries.__struct_fields__
    }
    return Vocabulary(
        frozenset(entries.words), frozenset(entries.links), named, tuple(entries.prompts)
    )


def _names(group: Any) -> Iterator[str]:
    """The words of a group; of several for the same thing all of them, the usual one first."""
    if isinstance(group, str):
        yield group
    elif isinstance(group, dict):
        for usual, others in group.items():
            yield usual
            yield from (name for name in _names(others) if name != usual)
    elif isinstance(group, list):
        for member in group:
            yield from _names(member)
