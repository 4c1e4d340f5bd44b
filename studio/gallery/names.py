"""Names of the gallery's files: readable, sorted by time, and never the same twice."""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import datetime
from pathlib import PurePosixPath

from studio.core.geometry import Extent

_SLUG_LENGTH = 40
_ID = re.compile(r"-([0-9a-f]{16})$")


def new_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex[:16]


def picture_path(created: datetime, prompt: str, entry_id: str) -> PurePosixPath:
    """Where a picture goes within the gallery's folder.

    >>> picture_path(datetime(2026, 11, 21, 1, 53, 16), "A red circle!", "00112233aabbccdd").name
    '2026-11-21-015316-a-red-circle-00112233aabbccdd.png'
    """
    words = slug(prompt)
    stem = f"{created:%Y-%m-%d-%H%M%S}{'-' if words else ''}{words}-{entry_id}"
    return PurePosixPath(f"{created:%Y}", f"{created:%Y-%m}", f"{stem}.png")


def id_in(name: str) -> str | None:
    """The id that `picture_path` put into a file's name; None where there is none."""
    found = _ID.search(PurePosixPath(name).stem)
    return found[1] if found else None


def slug(text: str) -> str:
    """The text's first words in characters that every file system takes; perhaps none."""
    plain = unicodedata.normalize("NFKD", text[: 4 * _SLUG_LENGTH]).encode("ascii", "ignore")
    words = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower())
    return words[:_SLUG_LENGTH].strip("-")


def input_path(digest: str) -> PurePosixPath:
    """Where a picture that others were made from goes within the gallery's folder."""
    return PurePosixPath("inputs", digest[:2], f"{digest}.png")


def thumbnail_path(digest: str, extent: Extent) -> PurePosixPath:
    """Where a thumbnail of at most that size goes within the cache's folder."""
    return PurePosixPath(f"{extent}", digest[:2], f"{digest}.png")
