"""The list of what was imported: ``imported.toml`` in the folder of installed models.

The program writes it, and the person may too: what else stands there, comments included, is kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import tomlkit
from filelock import FileLock, Timeout
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from studio.core.atomic import reason, write_atomically
from studio.core.errors import ModelError
from studio.generation.catalog import IMPORTED_FILE

Table: TypeAlias = Mapping[str, object]
"""A ``[[model]]`` or ``[[adapter]]``, as `studio.generation.catalog_entries` reads it."""

TableName: TypeAlias = Literal["model", "adapter"]
NamedTable: TypeAlias = tuple[TableName, Table]

_NAMES: Final[tuple[TableName, ...]] = ("model", "adapter")
_WAIT_SECONDS: Final = 10
_HEAD: Final = "What was imported into Sfumato. Tables may be changed; their ids stay."


def add_tables(models: Path, tables: Sequence[NamedTable]) -> None:
    """Adds tables, each at the end of its kind.

    Args:
        models: folder of the installed models.
        tables: to be added; the list is left alone where there are none.

    Raises:
        ModelError: if the list cannot be read or written.
    """
    if not tables:
        return
    with _opened(models) as document:
        for name, table in tables:
            if name not in document:
                document.append(name, tomlkit.aot())
            present = document[name]
            if not isinstance(present, AoT):
                path = models / IMPORTED_FILE
                raise ModelError(f"{path}: write [[{name}]]; correct it and try again.")
            present.append(tomlkit.item(dict(table)))


def remove_table(models: Path, item_id: str) -> bool:
    """Forgets what was imported under an id; returns whether anything was.

    Raises:
        ModelError: if the list cannot be read or written.
    """
    if not (models / IMPORTED_FILE).is_file():
        return False
    with _opened(models) as document:
        for name in _NAMES:
            tables = document.get(name)
            if not isinstance(tables, AoT):
                continue
            for index, table in enumerate(tables):
                if table.get("id") == item_id:
                    del tables[index]
                    if not tables:
                        del document[name]
                    return True
    return False


@contextlib.contextmanager
def _opened(models: Path) -> Iterator[tomlkit.TOMLDocument]:
    """The list, to be changed by nobody else meanwhile, and written when the block ends well."""
    path = models / IMPORTED_FILE
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / f".{IMPORTED_FILE}.lock", timeout=_WAIT_SECONDS):
            document = _read(path)
            before = tomlkit.dumps(document)
            yield document
            after = tomlkit.dumps(document)
            if after != before:
                write_atomically(path, after.encode())
    except Timeout as error:
        raise ModelError(f"Another program is changing {path}: wait until that is done.") from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written because {reason(error)}: mend that and try again."
        ) from error


def _read(path: Path) -> tomlkit.TOMLDocument:
    if not path.is_file():
        document = tomlkit.document()
        document.add(tomlkit.comment(_HEAD))
        return document
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is damaged ({error}): correct it and try again.") from error
