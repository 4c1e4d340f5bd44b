"""From what a person types to what SQLite looks for."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

_UNSPACED = {"Lo", "So"}
"""Categories of characters that the full text does not part into words: CJK and emoji."""


class Condition(NamedTuple):
    """A part of a WHERE clause, with its values."""

    sql: str
    values: tuple[object, ...]


def words_condition(query: str) -> Condition:
    """Finds the entries in which every word of the query begins a word of prompt or model.

    Upper and lower case and accents do not matter. Words in scripts without spaces, and emoji,
    are found wherever they stand in the prompt.
    """
    known = query.encode("utf-8", "replace").decode("utf-8")  # a terminal may send broken ones
    words = known.replace('"', " ").replace("\0", " ").split()
    anywhere = [word for word in words if not _is_spaced(word)]
    begins = [f'"{word}" *' for word in words if _is_spaced(word)]
    parts = ["instr(prompt || ' ' || negative_prompt, ?)"] * len(anywhere)
    values: list[object] = list(anywhere)
    if begins:
        parts.append("number IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(" ".join(begins))
    return Condition(" AND ".join(parts) or "TRUE", tuple(values))


def _is_spaced(word: str) -> bool:
    has_letters = any(character.isalnum() for character in word)
    return has_letters and not any(unicodedata.category(c) in _UNSPACED for c in word)
