"""The gallery: every picture that was made, as plain files and an SQLite database beside them.

A picture is stored file first, row second, so that a crash in between leaves a file that the next
start adopts. The files alone are enough: they carry their recipes, and a database that was lost or
damaged is built anew from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec
from psygnal import Signal

from studio.core import atomic
from studio.core.errors import GalleryError
from studio.core.picture import Picture
from studio.gallery import names
from studio.gallery.database import Database
from studio.gallery.entry import Entry
from studio.gallery.search import words_condition
from studio.gallery.thumbnails import Thumbnails
from studio.generation.recipe import Recipe

DATABASE_NAME = "gallery.sqlite"


class Codec(Protocol):
    """Turns pictures into files with their recipe inside, and back; the gallery knows no format."""

    def encode(self, picture: Picture, recipe: Recipe | None) -> bytes:
        """A PNG file's content."""

    def decode(self, path: Path) -> tuple[Picture, Recipe | None]:
        """The picture of a file and the recipe that it carries, if any.

        Raises:
            PictureError: if it is no whole picture.
        """


class Gallery:
    """The pictures in a folder; may be used from several threads and several processes at once.

    Events (emitted in the thread that made the change):
        added(Entry): a picture was stored.
        changed(Entry): it was starred, trashed or restored.

    Raises:
        GalleryError: if the folder or its database cannot be used.
    """

    added = Signal(Entry)
    changed = Signal(Entry)

    def __init__(self, folder: Path, codec: Codec, thumbnails: Path | None = None) -> None:
        self.folder = folder
        self.thumbnails = Thumbnails(thumbnails or folder / "thumbnails")
        self._codec = codec
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GalleryError(
                f"The gallery {folder} cannot be made because {atomic.reason(error)}: set "
                "SFUMATO_HOME to another folder."
            ) from error
        self._database = Database(folder / DATABASE_NAME)

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()

    def add(self, picture: Picture, recipe: Recipe, inputs: Iterable[Picture] = ()) -> Entry:
        """Stores a picture, with those that it was made from, before it returns.

        Raises:
            GalleryError: if it cannot be stored; then nothing is.
        """
        for source in inputs:
            self._store_input(source)
        entry_id = names.new_id()
        place = names.picture_path(recipe.created.astimezone(), recipe.request.prompt, entry_id)
        entry = Entry(
            id=entry_id,
            path=self.folder / place,
            width=picture.width,
            height=picture.height,
            digest=picture.digest,
            recipe=recipe,
        )
        try:
            temporary = self._write(entry.path, self._codec.encode(picture, recipe))
            with self._database.transaction() as connection:
                atomic.publish(temporary, entry.path)
                _insert(connection, entry, place)
        except OSError as error:
            raise self._refusal(error) from error
        self.added.emit(entry)
        return entry

    def entries(
        self,
        query: str = "",
        limit: int = 100,
        offset: int = 0,
        *,
        starred: bool = False,
        trashed: bool = False,
    ) -> list[Entry]:
        """The entries whose words match, newest first.

        Args:
            query: words that must all begin a word of the prompts or the model's id.
            limit, offset: which part of the list.
            starred: only those with a star.
            trashed: those in the trash instead of those that are not.
        """
        words = words_condition(query)
        rows = self._database.rows(
            f"SELECT * FROM entries WHERE trashed = ? AND missing = 0 AND starred >= ? "
            f"AND {words.sql} ORDER BY created DESC, number DESC LIMIT ? OFFSET ?",
            (trashed, starred, *words.values, limit, offset),
        )
        return [self._entry(row) for row in rows]

    def get(self, entry_id: str) -> Entry:
        """The entry of that id.

        Raises:
            GalleryError: if there is none.
        """
        rows = self._database.rows("SELECT * FROM entries WHERE id = ?", (entry_id,))
        if not rows:
            raise GalleryError(f"The gallery has no picture {entry_id}.")
        return self._entry(rows[0])

    def star(self, entry_id: str, starred: bool = True) -> Entry:
        """Marks an entry, or takes the mark away."""
        return self._set(entry_id, "starred", starred)

    def trash(self, entry_id: str) -> Entry:
        """Puts an entry into the trash; its file stays until the trash is emptied."""
        return self._set(entry_id, "trashed", True)

    def restore(self, entry_id: str) -> Entry:
        """Takes an entry out of the trash."""
        return self._set(entry_id, "trashed", False)

    def input_path(self, digest: str) -> Path:
        """Where the picture of that digest lies that others were made from."""
        return self.folder / names.input_path(digest)

    def _set(self, entry_id: str, column: str, value: bool) -> Entry:
        with self._database.transaction() as connection:
            connection.execute(f"UPDATE entries SET {column} = ? WHERE id = ?", (value, entry_id))
        entry = self.get(entry_id)
        self.changed.emit(entry)
        return entry

    def _store_input(self, picture: Picture) -> None:
        path = self.input_path(picture.digest)
        if path.exists():
            return
        try:
            atomic.publish(self._write(path, self._codec.encode(picture, None)), path)
        except OSError as error:
            raise self._refusal(error) from error

    def _write(self, path: Path, data: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return atomic.write_temporary(path.parent, data)

    def _refusal(self, error: OSError) -> GalleryError:
        return GalleryError(
            f"The picture cannot be kept in the gallery {self.folder} because "
            f"{atomic.reason(error)}."
        )

    def _entry(self, row: sqlite3.Row) -> Entry:
        return Entry(
            id=row["id"],
            path=self.folder / row["path"],
            width=row["width"],
            height=row["height"],
            digest=row["digest"],
            recipe=msgspec.json.decode(row["recipe"], type=Recipe),
            starred=bool(row["starred"]),
            trashed=bool(row["trashed"]),
        )


def _insert(connection: sqlite3.Connection, entry: Entry, place: PurePosixPath) -> None:
    connection.execute(
        "INSERT INTO entries (id, path, created, width, height, digest, recipe, prompt, "
        "negative_prompt, model, job_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            place.as_posix(),
            entry.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
            entry.width,
            entry.height,
            entry.digest,
            msgspec.json.encode(entry.recipe),
            entry.request.prompt,
            entry.request.negative_prompt,
            entry.model,
            entry.job_id,
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO parents (child, parent) VALUES (?, ?)",
        [(entry.id, parent) for parent in entry.parents],
    )
