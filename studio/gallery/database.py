"""The connection to the gallery's SQLite file: settings, transactions, migrations, errors."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from studio.core import atomic
from studio.core.errors import GalleryError
from studio.gallery.migrations import MIGRATIONS, Migration

BUSY_SECONDS = 30.0
"""How long a process waits for another one that is writing."""

RETRY_SECONDS = 0.01

DAMAGE_MARK = "-damaged"
"""Ends the name of an empty file beside a database that was found damaged while it was used."""

_GROWTH = 2**20
"""By how many bytes its files grow at a time, at most but for unusual prompts."""

_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


class DamagedDatabaseError(GalleryError):
    """The file is not a database, or not a whole one."""


class Database:
    """One connection, shared by the threads of this process and guarded by a lock.

    Other processes may use the same file: SQLite's write-ahead log lets them read while one
    writes, and who wants to write waits for `BUSY_SECONDS`.

    Raises:
        GalleryError: if the file cannot be opened or written, or a newer program made it.
        DamagedDatabaseError: if it is damaged.
    """

    def __init__(self, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.path = path
        self._mark = path.with_name(path.name + DAMAGE_MARK)
        self._lock = threading.RLock()
        with self._told():
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            with self._told():
                self._prepare()
                self._migrate(migrations)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Ends the connection; what was committed is kept."""
        with self._lock:
            self._connection.close()

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """The rows that a query finds."""
        with self._lock, self._told():
            return self._connection.execute(statement, values).fetchall()

    def version(self) -> int:
        """A number that is another once another process has changed something."""
        return int(self.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything done inside is kept, or nothing of it; no other process writes meanwhile."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself ends it when a disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        # Damaged text is no reason to refuse all the rest.
        self._connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._write_ahead()
        # A power failure may cost the last rows, never the files: those are adopted again.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        problem = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok" or self._mark.exists():
            raise _damaged(self.path, problem)

    def _write_ahead(self) -> None:
        """Turns the write-ahead log on.

        SQLite does not wait by itself for another process that is doing the same to a new file.
        """
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > deadline:
                    raise
            time.sleep(RETRY_SECONDS)

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        with self.transaction() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied TEXT) STRICT"
            )
            applied = {row[0] for row in connection.execute("SELECT name FROM migrations")}
            if applied - {migration.name for migration in migrations}:
                raise GalleryError(
                    f"The gallery {self.path.parent} was made by a newer version of Sfumato: "
                    "update the program to open it."
                )
            for migration in migrations:
                if migration.name not in applied:
                    _apply(connection, migration)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns SQLite's errors into sentences; damage is remembered."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            sentence = _sentence(error, self.path)
            if sentence is None:
                raise
            if isinstance(sentence, DamagedDatabaseError):
                self._remember()
            raise sentence from error
        except UnicodeDecodeError as error:  # a message that quotes what is damaged
            self._remember()
            raise _damaged(self.path, error) from error

    def _remember(self) -> None:
        """Marks the file as damaged: the check at the start, which has to be quick, misses some."""
        with suppress(OSError):
            self._mark.touch()


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in migration.statements:
        connection.execute(statement)
    connection.execute(
        "INSERT INTO migrations (name, applied) VALUES (?, datetime('now'))", (migration.name,)
    )


def _sentence(error: sqlite3.DatabaseError, path: Path) -> GalleryError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _CORRUPT:
        return _damaged(path, error)
    if code == sqlite3.SQLITE_FULL:
        return GalleryError(
            f"The gallery {path.parent} cannot be written because the disk is full: make room."
        )
    if code in _READ_ONLY:
        return GalleryError(
            f"The gallery {path.parent} cannot be written: allow writing there, or set "
            "SFUMATO_HOME to another folder."
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return GalleryError(
            f"The gallery {path.parent} is being written by another Sfumato: try again when it "
            "is done."
        )
    if code == sqlite3.SQLITE_IOERR:
        return GalleryError(
            f"The gallery {path.parent} cannot be read or written because {_io_reason(path)}: "
            "mend that, or set SFUMATO_HOME to another folder."
        )
    if isinstance(error, sqlite3.OperationalError):
        return GalleryError(f"The gallery {path.parent} cannot be used: {error}.")
    return None


def _damaged(path: Path, what: object) -> DamagedDatabaseError:
    return DamagedDatabaseError(
        f"The gallery's database {path} is damaged: start Sfumato again, which builds it anew from "
        "the picture files.",
        details=str(what),
    )


def _io_reason(path: Path) -> str:
    """What the system said, which SQLite keeps to itself: its files are tried to be made larger."""
    files = (path.with_name(f"{path.name}{ending}") for ending in ("", "-wal", "-shm"))
    largest = max((file.stat().st_size for file in files if file.is_file()), default=0)
    trouble = atomic.room_trouble(path.parent, largest + _GROWTH)
    return "the disk reports an error" if trouble is None else atomic.reason(trouble)
