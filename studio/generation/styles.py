"""Styles that can be added to a prompt: a table of phrases, and how they stand in the text."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from studio.core.errors import KnownError

_COMMA = ", "


class Style(msgspec.Struct, frozen=True):
    """One manner of painting.

    Attributes:
        id: stable.
        title: as the person reads it.
        phrase: what it adds to a prompt.
        thumbnail: a small picture in that style; it may not exist.
    """

    id: str
    title: str
    phrase: str
    thumbnail: Path


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    title: str
    phrase: str


def read_styles(path: Path, thumbnails: Path) -> tuple[Style, ...]:
    """The styles of a table.

    Args:
        path: of the table, TOML.
        thumbnails: the folder of their small pictures, each named by its style's id.

    Raises:
        KnownError: if it cannot be read or holds a mistake.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("style", [])
        entries = msgspec.convert(tables, list[_Entry])
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise KnownError(
            f"The styles in {path} cannot be read: install Sfumato again.", details=str(error)
        ) from error
    return tuple(
        Style(entry.id, entry.title, entry.phrase, thumbnails / f"{entry.id}.png")
        for entry in entries
    )


def with_style(prompt: str, style: Style | None, styles: Sequence[Style]) -> str:
    """The prompt with that style's phrase at its end and without those of all others.

    >>> comic = Style("comic", "Comic", "with bold outlines", Path())
    >>> with_style("a red boat", comic, [comic])
    'a red boat, with bold outlines'
    >>> with_style("a red boat, with bold outlines", None, [comic])
    'a red boat'
    """
    phrases = {known.phrase for known in styles}
    parts = [part for part in prompt.split(_COMMA) if part.strip() not in phrases]
    if style is not None:
        parts = [part for part in parts if part.strip()] + [style.phrase]
    return _COMMA.join(parts)


def style_of(prompt: str, styles: Sequence[Style]) -> Style | None:
    """The style whose phrase stands in the prompt as a part of its own; the last of several."""
    parts = [part.strip() for part in prompt.split(_COMMA)]
    return next(
        (style for part in reversed(parts) for style in styles if style.phrase == part), None
    )
