"""The options of the frame tool."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from studio.core.commands.canvas import SetFrame
from studio.core.geometry import Bounds, Extent
from studio.generation.request import MAX_SIDE, MIN_SIDE
from studio.gui.widgets.fields import SizeBox, field_row, rows, side_by_side
from studio.gui.workspace import Workspace

SIZES = (
    *(Extent(256, 256), Extent(512, 512), Extent(1024, 1024)),
    *(Extent(1792, 1024), Extent(1024, 1792), Extent(1536, 1024), Extent(1024, 1536)),
)
FARTHEST = 100_000
"""How far from the origin a frame may be put."""


class FrameOptions(QWidget):
    """Place and size of the generation frame, in numbers."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._numbers = {
            "x": SizeBox("Frame x", -FARTHEST, FARTHEST),
            "y": SizeBox("Frame y", -FARTHEST, FARTHEST),
            "width": SizeBox("Frame width", MIN_SIDE, MAX_SIDE),
            "height": SizeBox("Frame height", MIN_SIDE, MAX_SIDE),
        }
        self._preset = QComboBox()
        self._preset.addItem("Usual sizes", None)
        for size in SIZES:
            self._preset.addItem(f"{size.width} × {size.height}", size)
        self._release: Callable[[], None] = lambda: None
        layout = rows(self)
        layout.addWidget(field_row("Place", side_by_side(self._numbers["x"], self._numbers["y"])))
        size_boxes = side_by_side(self._numbers["width"], self._numbers["height"])
        layout.addWidget(field_row("Size", size_boxes))
        layout.addWidget(field_row("Preset", self._preset))
        for number in self._numbers.values():
            number.valueChanged.connect(self._on_number)
        self._preset.activated.connect(self._on_preset)
        workspace.document_replaced.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self._release()
        document = self._workspace.document
        document.frame_changed.connect(self._show_frame)
        self._release = lambda: document.frame_changed.disconnect(self._show_frame)
        self._show_frame(document.frame)

    def _show_frame(self, frame: Bounds) -> None:
        for name, value in frame._asdict().items():
            with QSignalBlocker(self._numbers[name]):
                self._numbers[name].setValue(value)

    def _on_number(self) -> None:
        self._set(Bounds(**{name: number.value() for name, number in self._numbers.items()}))

    def _on_preset(self, row: int) -> None:
        size: Extent | None = self._preset.itemData(row)
        if size is None:
            return
        old = self._workspace.document.frame
        x = old.x + (old.width - size.width) // 2
        y = old.y + (old.height - size.height) // 2
        self._set(Bounds(x, y, *size))
        self._preset.setCurrentIndex(0)

    def _set(self, frame: Bounds) -> None:
        if frame != self._workspace.document.frame:
            self._workspace.stack.push(SetFrame(frame))
            self._workspace.stack.seal()
