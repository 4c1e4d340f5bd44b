"""The gallery: every picture that was made, as plain files and an SQLite database beside them.

A picture is stored file first, row second, so that a crash in between leaves a file that the next
start adopts. The files alone are enough: they carry their recipes, and a database that was lost or
damaged is built anew from them.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from studio.core import atomic
from studio.core.errors import GalleryError
from studio.core.events import Signal
from studio.core.picture import Picture
from studio.gallery import names
from studio.gallery.adoption import adoptable, picture_files, read_entry
from studio.gallery.codec import Codec
from studio.gallery.database import (
    DAMAGE_MARK,
    DamagedDatabaseError,
    Database,
    UnwritableDatabaseError,
)
from studio.gallery.entry import Entry
from studio.gallery.rows import entry_of, insert_entry
from studio.gallery.search import words_condition
from studio.gallery.thumbnails import Thumbnails
from studio.generation.recipe import Recipe

log = logging.getLogger(__name__)

DATABASE_NAME = "gallery.sqlite"

_ROOM = 2**20
"""What a picture takes on the disk, about, in bytes."""

_NEW_RECIPE = "UPDATE entries SET recipe = ? WHERE id = ?"


class Gallery:
    """The pictures in a folder; may be used from several threads and several processes at once.

    Attributes:
        folder: where everything lies; the person may look into it.
        thumbnails: small pictures of the entries.
        notes: sentences that the person should read, such as that the database was rebuilt, or
            that nothing can be written and the pictures can only be looked at.

    Events (emitted in the thread that made the change):
        added(Entry): a picture was stored.
        changed(Entry): it was starred, trashed or restored.

    Raises:
        GalleryError: if the folder or its database cannot be used, not even to look at it.
    """

    added = Signal(Entry)
    changed = Signal(Entry)

    def __init__(self, folder: Path, codec: Codec, thumbnails: Path | None = None) -> None:
        self.folder = folder
        self.thumbnails = Thumbnails(thumbnails or folder / "thumbnails")
        self.notes: tuple[str, ...] = ()
        self._codec = codec
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GalleryError(
                f"The gallery {folder} cannot be made because {atomic.reason(error)}: set "
                "SFUMATO_HOME to another folder."
            ) from error
        self._database = self._opened()
        try:
            self._reconcile()
        except DamagedDatabaseError:
            self._database.close()
            self._database = self._opened()
            self._reconcile()

    def demand_writing(self) -> None:
        """Makes sure that pictures can be stored, before work is done that would be lost.

        Raises:
            GalleryError: if nothing can be written.
        """
        with self._database.transaction(), self._refused():
            if trouble := atomic.room_trouble(self.folder, _ROOM):
                raise trouble

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()

    def add(self, picture: Picture, recipe: Recipe, inputs: Iterable[Picture] = ()) -> Entry:
        """Stores a picture, with those that it was made from, before it returns.

        Args:
            picture: what the person sees.
            recipe: how it was made.
            inputs: the pictures that it was made from. They are kept too, and those that are
                entries themselves become its parents, beside the ones that the recipe names.

        Raises:
            GalleryError: if it cannot be stored. Where the file could be written and only its row
                could not, the file stays and is adopted at the next start.
        """
        sources = list(inputs)
        for source in sources:
            self._store_input(source)
        parents = dict.fromkeys((*recipe.parents, *self._ids_of(sources)))
        entry = self._new_entry(picture, msgspec.structs.replace(recipe, parents=tuple(parents)))
        with self._refused():
            self._insert(entry, self._write(entry.path, self._codec.encode(picture, entry.recipe)))
        self.added.emit(entry)
        return entry

    def complete(self, job_id: str, model_digest: str) -> None:
        """Notes which weights made a job's pictures, which is known only when it has finished."""
        rows = self._database.rows("SELECT * FROM entries WHERE job_id = ?", (job_id,))
        if not (entries := self._entries_of(rows)):
            return
        with self._database.transaction() as connection:
            for entry in entries:
                known = msgspec.structs.replace(entry.recipe, model_digest=model_digest)
                connection.execute(_NEW_RECIPE, (msgspec.json.encode(known), entry.id))

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
            "SELECT * FROM entries WHERE trashed = ? AND missing = 0 AND starred >= ? "
            f"AND {words.sql} ORDER BY created DESC, number DESC LIMIT ? OFFSET ?",
            (trashed, starred, *words.values, limit, offset),
        )
        return self._entries_of(rows)

    def version(self) -> int:
        """A number that is another once another process has changed the gallery; quick."""
        return self._database.version()

    def count(self, query: str = "") -> int:
        """How many entries match that are not in the trash."""
        words = words_condition(query)
        rows = self._database.rows(
            f"SELECT count(*) FROM entries WHERE trashed = 0 AND missing = 0 AND {words.sql}",
            words.values,
        )
        return int(rows[0][0])

    def get(self, entry_id: str) -> Entry:
        """The entry of that id, also one in the trash.

        Raises:
            GalleryError: if there is none.
        """
        rows = self._database.rows("SELECT * FROM entries WHERE id = ?", (entry_id,))
        for entry in self._entries_of(rows):
            return entry
        raise GalleryError(f"The gallery has no picture {entry_id}.")

    def children(self, entry_id: str) -> list[Entry]:
        """The entries that were made from this one, oldest first."""
        rows = self._database.rows(
            "SELECT entries.* FROM parents JOIN entries ON id = child WHERE parent = ? "
            "AND trashed = 0 AND missing = 0 ORDER BY number",
            (entry_id,),
        )
        return self._entries_of(rows)

    def star(self, entry_id: str, starred: bool = True) -> Entry:
        """Marks an entry, or takes the mark away."""
        return self._set(entry_id, "starred", starred)

    def trash(self, entry_id: str) -> Entry:
        """Puts an entry into the trash; its file stays until the trash is emptied."""
        return self._set(entry_id, "trashed", True)

    def restore(self, entry_id: str) -> Entry:
        """Takes an entry out of the trash."""
        return self._set(entry_id, "trashed", False)

    def empty_trash(self) -> int:
        """Deletes what lies in the trash, files first, for ever; tells how many.

        Raises:
            GalleryError: if a file cannot be deleted; it and what follows stay in the trash.
        """
        doomed = self.entries(trashed=True, limit=-1)
        for entry in doomed:
            with self._refused():
                entry.path.unlink(missing_ok=True)
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM entries WHERE id = ?", (entry.id,))
        return len(doomed)

    def input_path(self, digest: str) -> Path:
        """Where the picture of that digest lies that others were made from."""
        return self.folder / names.input_path(digest)

    def _opened(self) -> Database:
        """The database; a damaged one is put aside, to be built anew from the files."""
        path = self.folder / DATABASE_NAME
        try:
            database = Database(path)
        except DamagedDatabaseError as error:
            log.warning("%s %s", error.message, error.details)
            with self._refused():
                kept = _put_aside(path)
            self.notes += (
                f"The gallery's database was damaged and has been built anew from the picture "
                f"files; stars and trash are lost, and the old one is kept as {kept.name}.",
            )
            return Database(path)
        if database.refusal is not None:
            why = database.refusal.message.removesuffix(".")
            self.notes += (f"{why}; until then its pictures can only be looked at.",)
        return database

    def _reconcile(self) -> None:
        """Adopts files that have no row, and hides rows that have no file."""
        if self._database.refusal is not None:
            return
        with self._refused():
            files = picture_files(self.folder)
        rows = self._database.rows("SELECT number, path, missing FROM entries")
        known = {str(row["path"]) for row in rows}
        changed = [
            (not row["missing"], row["number"])
            for row in rows
            if (row["path"] in files) == bool(row["missing"])
        ]
        orphans = list(adoptable(self.folder, files - known, self._codec))
        if not changed and not orphans:
            return
        with self._database.transaction() as connection:
            taken = {row["id"] for row in connection.execute("SELECT id FROM entries")}
            connection.executemany("UPDATE entries SET missing = ? WHERE number = ?", changed)
            for entry in orphans:
                if entry.id in taken:  # a copy of a file that is known under another name
                    entry = msgspec.structs.replace(entry, id=names.new_id())
                if insert_entry(connection, self.folder, entry):
                    taken.add(entry.id)
                    log.info("adopted %s", entry.path)

    def _entries_of(self, rows: Iterable[sqlite3.Row]) -> list[Entry]:
        """The entries of rows; of one that is damaged, what its file tells."""
        entries = []
        for row in rows:
            try:
                entries.append(entry_of(row, self.folder))
            except msgspec.MsgspecError as error:
                log.warning("the row of %s cannot be read: %s", row["path"], error)
                entries += self._mended(row)
        return entries

    def _mended(self, row: sqlite3.Row) -> Iterator[Entry]:
        """The entry of a row whose recipe is damaged, if its file has it.

        The row is put right where it can be.
        """
        found = read_entry(self.folder, self._codec, row["path"])
        if found is None:
            return
        with (
            contextlib.suppress(UnwritableDatabaseError),
            self._database.transaction() as connection,
        ):
            connection.execute(_NEW_RECIPE, (msgspec.json.encode(found.recipe), row["id"]))
        marks = {name: bool(row[name]) for name in ("starred", "trashed")}
        yield msgspec.structs.replace(found, id=row["id"], **marks)

    def _new_entry(self, picture: Picture, recipe: Recipe) -> Entry:
        entry_id = names.new_id()
        place = names.picture_path(recipe.created.astimezone(), recipe.request.prompt, entry_id)
        return Entry(
            id=entry_id,
            path=self.folder / place,
            width=picture.width,
            height=picture.height,
            digest=picture.digest,
            recipe=recipe,
        )

    def _insert(self, entry: Entry, temporary: Path) -> None:
        """Gives a picture's file its name, and the entry its row."""
        try:
            with self._database.transaction() as connection:
                atomic.publish(temporary, entry.path)
                insert_entry(connection, self.folder, entry)
        except GalleryError:
            if temporary.exists():  # no transaction has begun: the next start adopts the file
                atomic.publish(temporary, entry.path)
            raise

    def _ids_of(self, pictures: Iterable[Picture]) -> Iterator[str]:
        """Ids of the entries with exactly these pixels, the newest of each."""
        for picture in pictures:
            rows = self._database.rows(
                "SELECT id FROM entries WHERE digest = ? ORDER BY number DESC LIMIT 1",
                (picture.digest,),
            )
            yield from (str(row["id"]) for row in rows)

    def _set(self, entry_id: str, column: str, value: bool) -> Entry:
        with self._database.transaction() as connection:
            connection.execute(f"UPDATE entries SET {column} = ? WHERE id = ?", (value, entry_id))
        entry = self.get(entry_id)
        self.changed.emit(entry)
        return entry

    def _store_input(self, picture: Picture) -> None:
        path = self.input_path(picture.digest)
        if not path.exists():
            with self._refused():
                atomic.publish(self._write(path, self._codec.encode(picture, None)), path)

    def _write(self, path: Path, data: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return atomic.write_temporary(path.parent, data)

    @contextlib.contextmanager
    def _refused(self) -> Iterator[None]:
        """Turns the system's errors into sentences."""
        try:
            yield
        except OSError as error:
            raise GalleryError(
                f"The gallery {self.folder} cannot be written because {atomic.reason(error)}: "
                "mend that, or set SFUMATO_HOME to another folder."
            ) from error


def _put_aside(path: Path) -> Path:
    """Renames a damaged database and its logs; returns its new place."""
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    kept = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    for ending in ("-wal", "-shm", DAMAGE_MARK):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):  # another process was first
        path.replace(kept)
    return kept
