"""What the commands print: paths for people, one JSON object a line for scripts.

A command that fails prints a last one, as `studio.cli.errors.Failure` says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from studio.gallery.entry import Entry


def entry_fields(entry: Entry, path: Path | None = None) -> dict[str, Any]:
    """What ``--json`` says of a picture.

    Args:
        entry: its place in the gallery.
        path: of the file that it was written to besides, if any.
    """
    return {
        "path": str(path or entry.path),
        "seed": entry.seed,
        "model": entry.model,
        "width": entry.width,
        "height": entry.height,
        "score": entry.score,
        "seconds": round(entry.seconds, 3),
        "id": entry.id,
        "gallery_path": str(entry.path),
        "prompt": entry.prompt,
        "created": entry.created.isoformat(),
    }


def print_json(fields: dict[str, Any]) -> None:
    """One line of JSON on standard output, at once."""
    print(json.dumps(fields), flush=True)


def print_columns(rows: Iterable[Sequence[str]]) -> None:
    """Rows of text on standard output, their columns in line."""
    lines = [list(row) for row in rows]
    if not lines:
        return
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())
