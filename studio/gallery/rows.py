"""Entries as rows of the database, and back."""

from __future__ import annotations

import sqlite3
from datetime import UTC
from pathlib import Path, PurePosixPath

import msgspec

from studio.gallery.entry import Entry
from studio.generation.recipe import Recipe

_COLUMNS = (
    "id",
    "path",
    "created",
    "width",
    "height",
    "digest",
    "recipe",
    "prompt",
    "negative_prompt",
    "model",
    "job_id",
)
_INSERT = (
    f"INSERT OR IGNORE INTO entries ({', '.join(_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(_COLUMNS))})"
)


def insert_entry(connection: sqlite3.Connection, folder: Path, entry: Entry) -> bool:
    """Adds a row for an entry; False where its file has one already."""
    place = PurePosixPath(entry.path.relative_to(folder).as_posix())
    values = (
        entry.id,
        str(place),
        entry.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
        entry.width,
        entry.height,
        entry.digest,
        msgspec.json.encode(entry.recipe),
        entry.request.prompt,
        entry.request.negative_prompt,
        entry.model,
        entry.job_id,
    )
    if connection.execute(_INSERT, values).rowcount == 0:
        return False
    connection.executemany(
        "INSERT OR IGNORE INTO parents (child, parent) VALUES (?, ?)",
        [(entry.id, parent) for parent in entry.parents],
    )
    return True


def entry_of(row: sqlite3.Row, folder: Path) -> Entry:
    """The entry of a row."""
    return Entry(
        id=row["id"],
        path=folder / row["path"],
        width=row["width"],
        height=row["height"],
        digest=row["digest"],
        recipe=msgspec.json.decode(row["recipe"], type=Recipe),
        starred=bool(row["starred"]),
        trashed=bool(row["trashed"]),
    )
