"""The gallery's database: its tables, and the steps that lead to them.

A migration has a name and is applied once, in a transaction of its own. New ones are added at the
end; those that were ever released are never changed.
"""

from __future__ import annotations

from typing import NamedTuple


class Migration(NamedTuple):
    """One step of the schema: a name for ever, and the statements that take it."""

    name: str
    statements: tuple[str, ...]


MIGRATIONS = (
    Migration(
        "entries",
        (
            """
            CREATE TABLE entries (
                number INTEGER PRIMARY KEY,      -- order of arrival, and the key of the full text
                id TEXT NOT NULL UNIQUE,
                path TEXT NOT NULL UNIQUE,       -- within the gallery's folder, with slashes
                created TEXT NOT NULL,           -- UTC, ISO 8601, so that text order is time order
                width INTEGER NOT NULL,
                height INTEGER NOT NULL,
                digest TEXT NOT NULL,            -- of the pixels
                recipe BLOB NOT NULL,            -- JSON, as it is in the file
                prompt TEXT NOT NULL,
                negative_prompt TEXT NOT NULL,
                model TEXT NOT NULL,
                job_id TEXT NOT NULL,
                starred INTEGER NOT NULL DEFAULT 0,
                trashed INTEGER NOT NULL DEFAULT 0,
                missing INTEGER NOT NULL DEFAULT 0   -- the file was not there at the last look
            ) STRICT
            """,
            "CREATE INDEX entries_by_time ON entries (trashed, missing, created DESC, number DESC)",
            "CREATE INDEX entries_by_digest ON entries (digest)",
            "CREATE INDEX entries_by_job ON entries (job_id)",
            """
            CREATE TABLE parents (
                child TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
                parent TEXT NOT NULL,            -- may be gone, or not be adopted yet
                PRIMARY KEY (child, parent)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX parents_by_parent ON parents (parent)",
        ),
    ),
    Migration(
        "full text of prompts",
        (
            """
            CREATE VIRTUAL TABLE words USING fts5 (
                prompt, negative_prompt, model,
                content = 'entries', content_rowid = 'number',
                tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
            )
            """,
            """
            CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
                INSERT INTO words (rowid, prompt, negative_prompt, model)
                VALUES (new.number, new.prompt, new.negative_prompt, new.model);
            END
            """,
            """
            CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
                INSERT INTO words (words, rowid, prompt, negative_prompt, model)
                VALUES ('delete', old.number, old.prompt, old.negative_prompt, old.model);
            END
            """,
        ),
    ),
)
