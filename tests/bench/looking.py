"""What a frame costs while the view is moved over a crowded document.

Part of ``python -m tests.bench.canvas``. A frame is what the wheel or the hand does to the view
and the repaint that follows, offscreen. The processor's time is shown beside the clock's, which
others on the machine lengthen.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from rich.table import Table

from studio.core.document import Document
from studio.core.geometry import Extent
from studio.gui.canvas.view import CanvasView
from studio.gui.canvas.viewport import WHEEL_STEP
from studio.gui.workspace import Workspace

FRAMES = 120
PAN_STEP = 23.0
NOTCHES = 16
_MIDDLE = QPointF(700, 420)

Move = Callable[[], object]


def looking_table(document: Document, size: Extent) -> Table:
    """Frames of panning, zooming and turning, on tiles that are composed and on none."""
    app = QApplication.instance() or _application()
    table = Table(
        *("", "p50 ms", "p95 ms", "max ms", "processor p95 ms"),
        title=f"A frame of the view at {size}, {document.canvas.extent}, 20 layers",
    )
    for title, zoom, degrees, moves in (
        ("pan at 100 %", 1.0, 0.0, _pan),
        ("pan at 25 %", 0.25, 0.0, _pan),
        ("pan at 67 %, turned by 30°", 0.67, 30.0, _pan),
        ("zoom from 10 % to 160 % and back", 0.1, 0.0, _zoom),
        ("turn at 50 %", 0.5, 0.0, _turn),
    ):
        for state in ("first look", "again"):
            if state == "first look":
                view = _view(document, size)
            view.navigator.zoom_to(zoom)
            view.navigator.turn_to(degrees)
            view.navigator.look_at(QPointF(1500, 1500))
            app.processEvents()
            table.add_row(f"{title}, {state}", *_figures(view, moves(view)))
        view.close()
    return table


def _application() -> QApplication:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication([])


def _view(document: Document, size: Extent) -> CanvasView:
    workspace = Workspace()
    workspace.replace_document(document)
    view = CanvasView(workspace)
    view.resize(*size)
    view.show()
    return view


def _figures(view: CanvasView, moves: Iterator[Move]) -> list[str]:
    taken, used = [], []
    for move in itertools.islice(moves, FRAMES):
        start, spent = time.perf_counter(), time.process_time()
        move()
        view.repaint()
        taken.append((time.perf_counter() - start) * 1000)
        used.append((time.process_time() - spent) * 1000)
    p50, p95 = np.quantile(taken, (0.5, 0.95))
    return [f"{value:.1f}" for value in (p50, p95, max(taken), np.quantile(used, 0.95))]


def _pan(view: CanvasView) -> Iterator[Move]:
    """There and back, a little each frame."""
    for number in itertools.count():
        way = PAN_STEP if number // 30 % 2 else -PAN_STEP
        yield partial(view.navigator.pan_by, way, way / 2)


def _zoom(view: CanvasView) -> Iterator[Move]:
    """One notch of the wheel each frame."""
    for number in itertools.count():
        factor = WHEEL_STEP if number // NOTCHES % 2 == 0 else 1 / WHEEL_STEP
        yield partial(view.navigator.zoom_by, factor, _MIDDLE)


def _turn(view: CanvasView) -> Iterator[Move]:
    """Three degrees each frame."""
    while True:
        yield partial(view.navigator.turn_by, 3.0)
