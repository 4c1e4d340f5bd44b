"""What selecting costs, in tables.

Run with ``python -m tests.bench.selecting``; it needs no display. What is quick is done on the
window's thread, the rest on others.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from studio.core.commands.selection import InvertMask, SetSelection, Target
from studio.core.commands.stack import CommandStack
from studio.core.compositor import compose
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.picture import Pixels
from studio.core.selection import (
    bordered,
    colour_range,
    ellipse,
    feathered,
    flooded,
    grown,
    rectangle,
    shrunk,
    smoothed,
)
from studio.core.selection.reducing import ReducedMask
from studio.gui.canvas.marching_ants import MarchingAnts
from studio.gui.canvas.viewport import Viewport
from tests.bench.painting import SIDE, VIEW, crowded_document
from tests.bench.timing import milliseconds

LARGEST = 16384
ROUNDS = 5


def main() -> None:
    """Prints all tables."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    console = Console()
    for table in (whole_table(), refining_table(), colour_table(), ants_table()):
        console.print(table)
    app.quit()


def whole_table() -> Table:
    """Changes of everything on a very large canvas, with the command and its events."""
    document = Document(Bounds(0, 0, LARGEST, LARGEST))
    stack = CommandStack(document)
    circle = ellipse((0, 0), (LARGEST, LARGEST), document.canvas)
    steps: dict[str, Callable[[], object]] = {
        "select all": lambda: stack.push(SetSelection(rectangle(document.canvas))),
        "invert all": lambda: stack.push(InvertMask(Target.SELECTION)),
        "select an ellipse": lambda: stack.push(SetSelection(circle)),
        "invert it": lambda: stack.push(InvertMask(Target.SELECTION)),
        "undo that": stack.undo,
        "see it at 1.6 %": lambda: ReducedMask(document.selection).read(document.canvas, 6),
    }
    rounds = [{name: milliseconds(step) for name, step in steps.items()} for _ in range(ROUNDS)]
    table = Table("step", "least ms", title=f"Whole canvas, {LARGEST} px a side")
    for name in steps:
        table.add_row(name, f"{min(times[name] for times in rounds):.1f}")
    table.add_row("MB held", f"{document.selection.size / 1e6:.1f}")
    return table


def refining_table() -> Table:
    """Refinements of an ellipse, by their radius."""
    canvas = Bounds(0, 0, SIDE, SIDE)
    mask = ellipse((0, 0), (SIDE, SIDE), canvas)
    table = Table("ms by radius", "4 px", "20 px", "100 px", title=f"Ellipse, {SIDE} px a side")
    for refine in (grown, shrunk, feathered, bordered, smoothed):
        times = [milliseconds(lambda: refine(mask, radius, canvas)) for radius in (4, 20, 100)]  # noqa: B023
        table.add_row(refine.__name__, *(f"{taken:.0f}" for taken in times))
    return table


def colour_table() -> Table:
    """Selecting by colour in a crowded document."""
    document = crowded_document()
    snapshot, middle = document.snapshot(), Point(SIDE // 4, SIDE // 4)

    def read(part: Bounds) -> Pixels:
        return compose(snapshot, part)

    table = Table("click", "ms", title=f"20 layers, {SIDE} px a side")
    small = milliseconds(lambda: flooded(read, middle, document.canvas, 2))
    large = milliseconds(lambda: flooded(read, middle, document.canvas, 255))
    everywhere = milliseconds(lambda: colour_range(read, middle, document.canvas, 60))
    table.add_row("wand, a small region", f"{small:.1f}")
    table.add_row("wand, everything", f"{large:.0f}")
    table.add_row("colour range", f"{everywhere:.0f}")
    return table


def ants_table() -> Table:
    """Finding the edge in a view after it moved, and one step of the ants."""
    document = Document(Bounds(0, 0, SIDE, SIDE))
    circle = ellipse((0, 0), (SIDE, SIDE), document.canvas)
    CommandStack(document).push(SetSelection(circle))
    ants = MarchingAnts()
    ants.follow(document)
    size = QSize(VIEW.width, VIEW.height)
    image = QImage(size, QImage.Format.Format_RGB32)
    table = Table("zoom", "moved ms", "step ms", title=f"Ants in {VIEW.width} x {VIEW.height} px")
    for zoom in (0.1, 0.25, 1.0, 8.0):
        moved, stepped = [], []
        for shift in range(ROUNDS):
            place = Viewport(zoom, VIEW.width / 2 - SIDE * zoom / 2 + shift, 20.0 + shift)
            ants.set_view(place, size, 1.0)
            moved.append(milliseconds(lambda: paint(ants, image)))
            stepped.append(milliseconds(lambda: paint(ants, image)))
        table.add_row(f"{zoom:.0%}", f"{min(moved):.2f}", f"{min(stepped):.2f}")
    ants.close()
    return table


def paint(ants: MarchingAnts, image: QImage) -> None:
    """Draws the ants where they are."""
    painter = QPainter(image)
    painter.setClipRegion(ants.region)
    ants.paint(painter)
    painter.end()


if __name__ == "__main__":
    main()
