"""The options of the tool in hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from studio.gui.options.brush import BrushOptions
from studio.gui.options.clone import CloneOptions
from studio.gui.options.cropping import CropOptions
from studio.gui.options.extend import ExtendOptions
from studio.gui.options.filling import FillOptions
from studio.gui.options.frame import FrameOptions
from studio.gui.options.gradient import GradientOptions
from studio.gui.options.moving import MoveOptions
from studio.gui.options.picking import PickOptions
from studio.gui.options.selecting import SelectOptions
from studio.gui.options.smudge import SmudgeOptions
from studio.gui.options.text import TextOptions
from studio.gui.options.transforming import TransformOptions
from studio.gui.theme import UNIT
from studio.gui.toolbox import CARDS
from studio.gui.widgets.fields import Scrolled, muted, rows
from studio.gui.workspace import ToolId, Workspace

OPTIONS: Mapping[ToolId, Callable[[Workspace], QWidget]] = {
    ToolId.BRUSH: BrushOptions,
    ToolId.ERASER: BrushOptions,
    ToolId.MASK: BrushOptions,
    ToolId.MASK_ERASER: BrushOptions,
    ToolId.FILL: FillOptions,
    ToolId.GRADIENT: GradientOptions,
    ToolId.CLONE: CloneOptions,
    ToolId.SMUDGE: SmudgeOptions,
    ToolId.TEXT: TextOptions,
    ToolId.PICKER: PickOptions,
    ToolId.MOVE: MoveOptions,
    ToolId.TRANSFORM: TransformOptions,
    ToolId.CROP: CropOptions,
    ToolId.FRAME: FrameOptions,
    ToolId.EXTEND: ExtendOptions,
    ToolId.RECTANGLE: SelectOptions,
    ToolId.ELLIPSE: SelectOptions,
    ToolId.LASSO: SelectOptions,
    ToolId.POLYGON: SelectOptions,
    ToolId.WAND: SelectOptions,
    ToolId.COLOUR_RANGE: SelectOptions,
}
"""What makes the options of each tool that has any; tools of one maker share its widget."""


class ToolOptionsPanel(QWidget):
    """Shows what can be set about the tool in hand.

    Signals:
        mask_colour_chosen(QColor): the mask shall be shown in that colour.
        extend_requested(Bounds): the canvas should become this.
        refused(str): something cannot be done; the sentence says why.
    """

    mask_colour_chosen = Signal(QColor)
    extend_requested = Signal(object)
    refused = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._made: dict[Callable[[Workspace], QWidget], QWidget] = {}
        self.setAccessibleName("Tool options")
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._hint = muted()
        self._pages = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        for widget in (self._title, self._hint):
            layout.addWidget(widget)
        layout.addWidget(self._pages, 1)
        layout.addStretch()  # takes the room of a tool that has no page
        workspace.tool_changed.connect(self._show_tool)
        self._show_tool()

    def _show_tool(self) -> None:
        tool = self._workspace.tool_id
        card, make = CARDS[tool], OPTIONS.get(tool)
        self._title.setText(card.title)
        self._hint.setText(card.hint)
        self._hint.setVisible(bool(card.hint))
        self._pages.setVisible(make is not None)
        if make is not None:
            self._pages.setCurrentWidget(self._page(make))

    def _page(self, make: Callable[[Workspace], QWidget]) -> QWidget:
        """The options that ``make`` makes, at the top of a page of their own."""
        if make not in self._made:
            options = make(self._workspace)
            self._listen(options)
            page = QWidget()
            layout = rows(page)
            layout.addWidget(options)
            layout.addStretch(1)
            self._made[make] = Scrolled(page)
            self._pages.addWidget(self._made[make])
        return self._made[make]

    def _listen(self, options: QWidget) -> None:
        for part in (options, *options.findChildren(BrushOptions)):
            if isinstance(part, BrushOptions):
                part.mask_colour_chosen.connect(self.mask_colour_chosen)
                part.refused.connect(self.refused)
        if isinstance(options, ExtendOptions):
            options.extend_requested.connect(self.extend_requested)
