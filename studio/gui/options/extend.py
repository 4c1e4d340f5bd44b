"""The options of the extend tool."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from studio.core.geometry import Bounds
from studio.gui.widgets.fields import SizeBox, field_row, muted, rows
from studio.gui.workspace import Workspace

MOST = 8192
"""How far an edge may be extended at once."""


class ExtendOptions(QWidget):
    """Extends the canvas by numbers.

    Signals:
        extend_requested(Bounds): the canvas should become this.
    """

    extend_requested = Signal(object)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._sides = {
            side: SizeBox(f"Extend {side}", 0, MOST) for side in ("left", "right", "top", "bottom")
        }
        self._result = muted()
        self._apply = QPushButton("Extend")
        layout = rows(self)
        layout.addWidget(muted("Drag an edge of the canvas, or say by how many pixels."))
        for side, number in self._sides.items():
            number.setSuffix(" px")
            number.valueChanged.connect(self._show_result)
            layout.addWidget(field_row(side.capitalize(), number))
        layout.addWidget(self._result)
        layout.addWidget(self._apply)
        self._apply.clicked.connect(self._on_apply)
        self._release: Callable[[], None] = lambda: None
        workspace.document_replaced.connect(self._follow)
        workspace.tool_changed.connect(self._show_result)
        self._follow()

    def _follow(self) -> None:
        """Listens to the current document instead of the one before."""
        self._release()
        event = self._workspace.document.canvas_changed
        event.connect(self._on_canvas)
        self._release = lambda: event.disconnect(self._on_canvas)
        self._show_result()

    def _on_canvas(self, _: Bounds) -> None:
        self._show_result()

    def _wanted(self) -> Bounds:
        canvas = self._workspace.document.canvas
        by = {side: number.value() for side, number in self._sides.items()}
        return Bounds.from_edges(
            canvas.x - by["left"],
            canvas.y - by["top"],
            canvas.right + by["right"],
            canvas.bottom + by["bottom"],
        )

    def _show_result(self) -> None:
        for number in self._sides.values():
            number.setSingleStep(self._workspace.grid)
        wanted = self._wanted()
        self._result.setText(f"The canvas becomes {wanted.width} × {wanted.height}.")
        self._apply.setEnabled(wanted != self._workspace.document.canvas)

    def _on_apply(self) -> None:
        wanted = self._wanted()
        for number in self._sides.values():
            number.setValue(0)
        self.extend_requested.emit(wanted)
        self._show_result()
