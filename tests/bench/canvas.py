"""What painting, compositing and undoing cost, in tables.

Run with ``python -m tests.bench.canvas``; it needs no display. What is compared is measured in
turns within one run, so that a busy machine slows both.
"""

from __future__ import annotations

from rich.console import Console

from tests.bench.compositing import drawing_table, kinds_table, memory_table
from tests.bench.looking import looking_table
from tests.bench.painting import (
    VIEW,
    alone_table,
    crowded_document,
    laying_table,
    painting_table,
)


def main() -> None:
    """Prints all tables."""
    console = Console()
    for table in (memory_table(), drawing_table(), kinds_table()):
        console.print(table)
    document = crowded_document()
    for table in (painting_table(document), alone_table(), laying_table(document)):
        console.print(table)
    console.print(looking_table(document, VIEW))


if __name__ == "__main__":
    main()
