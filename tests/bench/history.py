"""What undo, redo and the journal cost, in tables.

Run with ``python -m tests.bench.history``; it needs no display. Undo is to grow with the touched
tiles and not with the canvas: the same strokes are undone on a canvas sixteen times as large.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from studio.core.brush import BrushSettings
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.spool import Spool
from studio.journal import About, Journal
from studio.journal.recovery import read_journal
from studio.tools import BrushTool, PointerEvent, ToolContext
from tests.bench.painting import crowded_document
from tests.bench.timing import milliseconds

SIZES = (10, 100, 1000)
ROUNDS = 15
STROKE = 800
"""Length in pixels."""


def main() -> None:
    """Prints all tables."""
    console = Console()
    document = crowded_document()
    console.print(undo_table({"4096 px": document, "16384 px": wide_document(document)}))
    console.print(spilled_table(document))
    console.print(journal_table(document))


def wide_document(crowded: Document) -> Document:
    """The same layers on a canvas four times as wide and high, with as many layers beside them."""
    document = Document(Bounds(0, 0, 16384, 16384))
    for layer in crowded.layers:
        copy = layer.duplicate(layer.name)
        document.layers.insert(len(document.layers), copy)
    document.active = document.layers[len(document.layers) // 2]
    return document


def stroke(document: Document, stack: CommandStack, size: int) -> None:
    """A soft stroke across the middle of the first 4096 pixels."""
    settings = replace(BrushSettings(), size=float(size), hardness=0.0)
    tool = BrushTool(ToolContext(document, stack, settings))
    tool.press(PointerEvent(1000, 1500))
    for x in range(8, STROKE, 8):
        tool.move(PointerEvent(1000 + x, 1500 + x / 3))
    tool.release(PointerEvent(1000 + STROKE, 1500 + STROKE / 3))


def undo_table(documents: dict[str, Document]) -> Table:
    """Undo and redo of one stroke."""
    columns = ("canvas", "brush px", "tiles", "undo ms", "redo ms")
    table = Table(*columns, title=f"A stroke of {STROKE} px, 20 layers, median of {ROUNDS}")
    for name, document in documents.items():
        for size in SIZES:
            stack = CommandStack(document)
            stroke(document, stack, size)
            tiles = stack.cost // (256 * 256 * 4)
            undo, redo = _in_turns(stack.undo, stack.redo)
            stack.undo()
            table.add_row(name, str(size), str(tiles), f"{undo:.2f}", f"{redo:.2f}")
    return table


def spilled_table(document: Document) -> Table:
    """The same where the stroke's pixels wait on the disk."""
    table = Table("brush px", "tiles", "on disk MB", "undo ms", title="Undo of a step on the disk")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as writer:
        for size in SIZES:
            stack = CommandStack(document, 1, Spool(lambda: Path(folder), writer))
            stroke(document, stack, size)
            tiles = stack.cost // (256 * 256 * 4)
            stroke(document, stack, size)
            writer.submit(lambda: None).result()
            stored = sum(holding.stored for holding in stack.entries[0].holdings) / 2**20
            stack.undo()
            writer.submit(lambda: None).result()
            undo = milliseconds(stack.undo)
            table.add_row(str(size), str(tiles), f"{stored:.1f}", f"{undo:.2f}")
            stack.close()
    return table


def journal_table(document: Document) -> Table:
    """What the window's thread and the journal's own spend on a state."""
    columns = ("what", "snapshot ms", "record ms", "written MB")
    table = Table(*columns, title="Journal, 4096 px, 20 layers half full")
    about = About(name="bench")
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.start(Path(folder))

        def add(what: str, prepare: Callable[[], object]) -> None:
            prepare()
            before = journal.size
            snapshots: list[float] = [milliseconds(document.snapshot)]
            snapshot = document.snapshot()
            taken = milliseconds(lambda: journal.record(snapshot, about))
            written = (journal.size - before) / 2**20
            table.add_row(what, f"{snapshots[0]:.2f}", f"{taken:.1f}", f"{written:.2f}")

        stack = CommandStack(document)
        add("the whole document", lambda: None)
        for size in SIZES:
            add(f"a stroke of {size} px", lambda size=size: stroke(document, stack, size))  # type: ignore[misc]
        add("an opacity", lambda: setattr(document.layers[0], "opacity", 0.5))
        add("nothing", lambda: None)
        reading = milliseconds(lambda: read_journal(journal.folder))
        table.caption = f"read back in {reading:.0f} ms"
        journal.discard()
    return table


def _in_turns(undo: Callable[[], None], redo: Callable[[], None]) -> tuple[float, float]:
    times = np.array([(milliseconds(undo), milliseconds(redo)) for _ in range(ROUNDS)])
    return statistics.median(times[:, 0]), statistics.median(times[:, 1])


if __name__ == "__main__":
    main()
