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

_WRITING = "mode=rwc"
_LOOKING = ("mode=ro", "immutable=1")
"""How a database is opened that cannot be written. Reading one takes a file of the log beside it
too, unless SQLite is promised that nobody writes, which nobody can where no log can be made."""


class DamagedDatabaseError(GalleryError):
    """The file is not a database, or not a whole one."""


class UnwritableDatabaseError(GalleryError):
    """Nothing can be written, though there may be something to be read."""


class Database:
    """One connection, shared by the threads of this process and guarded by a lock.

    Other processes may use the same file: SQLite's write-ahead log lets them read while one
    writes, and who wants to write waits for `BUSY_SECONDS`. Where nothing can be written, as on a
    full or read-only disk, it is read all the same, and each transaction tries anew to write.

    Attributes:
        refusal: why nothing can be written; None where it can.

    Raises:
        GalleryError: if the file cannot be opened or read, or a newer program made it.
        DamagedDatabaseError: if it is damaged.
    """

    def __init__(self, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.path = path
        self._mark = path.with_name(path.name + DAMAGE_MARK)
        self._migrations = migrations
        self._lock = threading.RLock()
        self.refusal: UnwritableDatabaseError | None = None
        self._connection = self._opened()

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
        """Everything done inside is kept, or nothing of it; no other process writes meanwhile.

        Raises:
            UnwritableDatabaseError: if nothing can be written.
        """
        with self._lock, self._told():
            if self.refusal is not None:
                writing = self._connected(_WRITING)
                self._connection.close()
                self._connection, self.refusal = writing, None
            with _transacted(self._connection):
                yield self._connection

    def _opened(self) -> sqlite3.Connection:
        """A connection to read and write, or to read where nothing can be written."""
        try:
            return self._connected(_WRITING)
        except UnwritableDatabaseError as refusal:
            self.refusal = refusal
            for mode in _LOOKING:
                # What its log lacks may look like damage, of which nothing can be mended here.
                with suppress(UnwritableDatabaseError, DamagedDatabaseError):
                    return self._connected(mode)
            raise

    def _connected(self, mode: str) -> sqlite3.Connection:
        """A connection with everything set and checked; SQLite's words for how it is to be used."""
        with self._told():
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?{mode}",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._prepare(connection, is_written=mode == _WRITING)
            except BaseException:
                connection.close()
                raise
        return connection

    def _prepare(self, connection: sqlite3.Connection, *, is_written: bool) -> None:
        connection.row_factory = sqlite3.Row
        # Damaged text is no reason to refuse all the rest.
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        connection.execute("PRAGMA foreign_keys = ON")
        if is_written:
            _write_ahead(connection)
        # A power failure may cost the last rows, never the files: those are adopted again.
        connection.execute("PRAGMA synchronous = NORMAL")
        problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok" or self._mark.exists():
            raise _damaged(self.path, problem)
        if is_written:
            _try_writing(connection)
            self._migrate(connection)
        elif self._outstanding(connection):
            raise UnwritableDatabaseError(
                f"The gallery {self.path.parent} cannot be read before this version of Sfumato "
                "has written to it once: make room, and allow writing there."
            )

    def _migrate(self, connection: sqlite3.Connection) -> None:
        with _transacted(connection):
            for migration in self._outstanding(connection):
                _apply(connection, migration)

    def _outstanding(self, connection: sqlite3.Connection) -> list[Migration]:
        """The migrations that were not applied yet.

        Raises:
            GalleryError: if there were some that this program does not know.
        """
        applied = _applied(connection)
        if applied - {migration.name for migration in self._migrations}:
            raise GalleryError(
                f"The gallery {self.path.parent} was made by a newer version of Sfumato: "
                "update the program to open it."
            )
        return [migration for migration in self._migrations if migration.name not in applied]

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
        if self.refusal is None:
            with suppress(OSError):
                self._mark.touch()


@contextmanager
def _transacted(connection: sqlite3.Connection) -> Iterator[None]:
    """Keeps everything that is done inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself ends it when a disk is full
            connection.execute("ROLLBACK")
        raise


def _try_writing(connection: sqlite3.Connection) -> None:
    """Has SQLite say so where it may not write: until then it opens the file to read in silence."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA user_version = 0")
    connection.execute("ROLLBACK")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turns the write-ahead log on.

    SQLite does not wait by itself for another process that is doing the same to a new file.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
        time.sleep(RETRY_SECONDS)


def _applied(connection: sqlite3.Connection) -> set[str]:
    """Names of the migrations that were applied; none where the database is new."""
    if not connection.execute("PRAGMA table_info(migrations)").fetchall():
        return set()
    return {row[0] for row in connection.execute("SELECT name FROM migrations")}


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied TEXT) STRICT"
    )
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
        return UnwritableDatabaseError(
            f"The gallery {path.parent} cannot be written because the disk is full: make room."
        )
    if code in _READ_ONLY:
        return UnwritableDatabaseError(
            f"The gallery {path.parent} cannot be written: allow writing there, or set "
            "SFUMATO_HOME to another folder."
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return GalleryError(
            f"The gallery {path.parent} is being written by another Sfumato: try again when it "
            "is done."
        )
    if code == sqlite3.SQLITE_IOERR:
        return UnwritableDatabaseError(
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
