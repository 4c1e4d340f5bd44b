"""The database's migrations are whole or not at all, and its errors are sentences."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.errors import GalleryError
from studio.gallery import database
from studio.gallery.database import DamagedDatabaseError, Database
from studio.gallery.migrations import MIGRATIONS, Migration

NEXT = Migration("a next step", ("CREATE TABLE extra (x TEXT)",))
BROKEN = Migration("broken", ("CREATE TABLE half (x TEXT)", "CREATE NONSENSE"))


def names(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT name FROM migrations ORDER BY rowid")]
    connection.close()
    return found


def test_a_new_migration_is_applied_to_an_old_database_once(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    Database(path).close()
    for _ in range(2):
        Database(path, (*MIGRATIONS, NEXT)).close()
    assert names(path) == [*(migration.name for migration in MIGRATIONS), NEXT.name]


def test_a_database_of_a_newer_program_is_refused_politely(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    Database(path, (*MIGRATIONS, NEXT)).close()
    with pytest.raises(GalleryError, match=r"newer version of Sfumato: update the program"):
        Database(path)
    Database(path, (*MIGRATIONS, NEXT)).close()


def test_a_migration_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    Database(path).close()
    with pytest.raises(GalleryError, match="cannot be used"):
        Database(path, (*MIGRATIONS, BROKEN))
    reopened = Database(path)
    assert reopened.rows("SELECT name FROM sqlite_master WHERE name = 'half'") == []
    reopened.close()


def test_a_transaction_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    opened = Database(tmp_path / "x.sqlite", (NEXT,))
    with pytest.raises(ValueError, match="stop"), opened.transaction() as connection:
        connection.execute("INSERT INTO extra VALUES ('x')")
        raise ValueError("stop")
    assert opened.rows("SELECT * FROM extra") == []
    opened.close()


def test_who_waits_too_long_for_another_writer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    first, second = (Database(tmp_path / "x.sqlite", (NEXT,)) for _ in range(2))
    refused = pytest.raises(GalleryError, match="another Sfumato")
    with first.transaction(), refused, second.transaction():
        raise AssertionError
    first.close()
    second.close()


def test_a_database_over_its_size_says_that_the_disk_is_full(tmp_path: Path) -> None:
    opened = Database(tmp_path / "x.sqlite", (NEXT,))
    pages = opened.rows("PRAGMA page_count")[0][0]
    opened.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(GalleryError, match="the disk is full"), opened.transaction() as connection:
        connection.execute("INSERT INTO extra VALUES (?)", ("x" * 100_000,))
    opened.rows("PRAGMA max_page_count = 100000")
    with opened.transaction() as connection:
        connection.execute("INSERT INTO extra VALUES ('small')")
    assert [row["x"] for row in opened.rows("SELECT * FROM extra")] == ["small"]
    opened.close()


def test_a_place_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").mkdir()
    with pytest.raises(GalleryError, match=r"cannot be written.*SFUMATO_HOME"):
        Database(tmp_path / "x.sqlite")


def test_a_damaged_file_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"something else entirely" * 99)
    with pytest.raises(DamagedDatabaseError):
        Database(tmp_path / "x.sqlite")


def test_several_processes_may_make_it_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from studio.gallery.database import Database;"
        "[Database(Path(sys.argv[1]) / f'{n}.sqlite').close() for n in range(60)]"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, tmp_path]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]


def test_a_limit_of_the_size_of_files_is_said_with_what_to_do(tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path;"
        "from studio.gallery.database import Database;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY));"
        "Database(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "x.sqlite")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "UnwritableDatabaseError" in done.stderr
    assert "larger than the disk or a limit (see ulimit -f) allows: mend that, or" in done.stderr
    assert not list(tmp_path.glob(".sfumato-*"))
