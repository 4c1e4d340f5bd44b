"""``sfumato gallery``: what was made."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

from cyclopts import Parameter

from studio import app
from studio.cli.output import entry_fields, print_columns, print_json
from studio.core.errors import RequestError
from studio.gallery.entry import Entry

_PROMPT_LENGTH = 50


def list_pictures(
    *words: str,
    limit: int = 100,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """List the pictures, the newest first.

    Parameters
    ----------
    words
        Only those in whose prompt all these words begin a word.
    limit
        How many at most; 0 for all.
    json
        Print one JSON object a line for each picture.
    """
    if limit < 0:
        raise RequestError("The limit is negative: choose 0 for all pictures, or a number.")
    with contextlib.closing(app.open_gallery()) as gallery:
        entries = gallery.entries(" ".join(words), limit=min(limit, sys.maxsize) or -1)
        for note in gallery.notes:
            print(note, file=sys.stderr)
    if json:
        for entry in entries:
            print_json(entry_fields(entry))
    else:
        print_columns(map(_columns, entries))


def _columns(entry: Entry) -> tuple[str, ...]:
    prompt = " ".join(entry.prompt.split())
    if len(prompt) > _PROMPT_LENGTH:
        prompt = prompt[: _PROMPT_LENGTH - 1] + "…"
    return (
        f"{entry.created.astimezone():%Y-%m-%d %H:%M}",
        str(entry.extent),
        str(entry.seed),
        prompt,
        str(entry.path),
    )
