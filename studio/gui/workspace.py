"""The window's model: what is open, which tool is in hand, and what is being asked for."""

from __future__ import annotations

import enum
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from PySide6.QtCore import QObject, Signal

from studio.core.brush import BrushSettings
from studio.core.colour import Colour
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.gui.canvas.staging import StagingModel
from studio.gui.settings import PromptSettings
from studio.tools import SettingsStore, Tool, ToolContext, make_tools

DEFAULT_CANVAS = Extent(1024, 1024)
DEFAULT_GRID = 64
UNTITLED = "untitled"


class ToolId(enum.StrEnum):
    """The tools of the rail, in its order; `HAND` is the view's own and has no `Tool`."""

    MOVE = "move"
    FRAME = "frame"
    EXTEND = "extend"
    BRUSH = "brush"
    ERASER = "eraser"
    MASK = "mask"
    MASK_ERASER = "mask-eraser"
    PICKER = "picker"
    HAND = "hand"


class BrushChanges(TypedDict, total=False):
    """What of a `BrushSettings` is to change."""

    size: float
    hardness: float
    opacity: float
    flow: float
    spacing: float
    colour: Colour
    pressure_size: bool
    pressure_flow: bool


class Workspace(QObject):
    """What the window shows and acts on; panels read it, and change it through its methods.

    One document is open at a time. Panels keep no document of their own: they follow
    `document_replaced`, so that several may be open later with one of them current.

    Signals:
        document_replaced(): another document is open; `document` and `stack` are new objects.
        title_changed(): the file's name or the unsaved mark changed.
        tool_changed(): another tool is in hand.
        brush_changed(): the settings of the brush changed.
        colour_changed(): the painting colour changed.
        prompt_changed(): the settings of the next generation changed.
    """

    document_replaced = Signal()
    title_changed = Signal()
    tool_changed = Signal()
    brush_changed = Signal()
    colour_changed = Signal()
    prompt_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.staging = StagingModel(self)
        self.tool_settings = SettingsStore()
        self._brush = BrushSettings()
        self._prompt = PromptSettings()
        self._tool_id = ToolId.BRUSH
        self._grid = DEFAULT_GRID
        self._path: Path | None = None
        self._open(Document(Bounds.of(DEFAULT_CANVAS)))

    @property
    def document(self) -> Document:
        """The open document."""
        return self._document

    @property
    def stack(self) -> CommandStack:
        """The open document's commands; every change of the document goes through it."""
        return self._stack

    @property
    def path(self) -> Path | None:
        """The document's file; None while it has none."""
        return self._path

    @property
    def title(self) -> str:
        """The file's name, with a star while there are unsaved changes."""
        name = self._path.name if self._path else UNTITLED
        return f"{name}*" if self.has_unsaved_changes else name

    @property
    def has_unsaved_changes(self) -> bool:
        """Whether closing it would lose something; the size of an empty canvas is nothing."""
        return not self._stack.is_clean and (bool(self._path) or bool(self._document.layers))

    @property
    def is_pristine(self) -> bool:
        """Whether there is no file and no layer yet, so that opening a file may replace it."""
        return self._path is None and not self._document.layers

    def replace_document(self, document: Document, path: Path | None = None) -> None:
        """Opens a document in place of the present one; asking to save is the caller's duty."""
        self.tool_cancel()
        self._stack.changed.disconnect(self.title_changed.emit)
        self._path = path
        self._open(document)
        self.document_replaced.emit()
        self.tool_changed.emit()
        self.title_changed.emit()

    def mark_saved(self, path: Path, *, whole: bool = True) -> None:
        """The document is in this file; not ``whole`` where it was changed while it was written."""
        self._path = path
        if whole:
            self._stack.mark_saved()
        self.title_changed.emit()

    @property
    def tool_id(self) -> ToolId:
        """Which tool is in hand."""
        return self._tool_id

    @property
    def tool(self) -> Tool | None:
        """The tool in hand; None for the hand, which moves the view."""
        return self._tools.get(self._tool_id)

    def set_tool(self, tool_id: ToolId) -> None:
        """Takes another tool in hand; what the old one was doing is given up."""
        if tool_id is self._tool_id:
            return
        self.tool_cancel()
        self._tool_id = tool_id
        self.tool_changed.emit()

    def tool_cancel(self) -> None:
        """Gives up what the tool in hand is in the middle of."""
        if self.tool is not None:
            self.tool.cancel()

    @property
    def brush(self) -> BrushSettings:
        """How the painting tools paint; its colour is the painting colour."""
        return self._brush

    def set_brush(self, **changes: Unpack[BrushChanges]) -> None:
        """Changes settings of the brush by name, such as ``size=40.0``."""
        brush = replace(self._brush, **changes)
        if brush == self._brush:
            return
        recoloured = brush.colour != self._brush.colour
        self._brush = brush
        self._context.brush = brush
        self.brush_changed.emit()
        if recoloured:
            self.colour_changed.emit()

    @property
    def prompt(self) -> PromptSettings:
        """What the next generation asks for."""
        return self._prompt

    def set_prompt(self, prompt: PromptSettings) -> None:
        """Asks for something else."""
        if prompt != self._prompt:
            self._prompt = prompt
            self.prompt_changed.emit()

    def set_colour(self, colour: Colour) -> None:
        """Paints in that colour from now on."""
        self.set_brush(colour=colour)

    @property
    def grid(self) -> int:
        """What frames and extensions snap to, in pixels."""
        return self._grid

    def set_grid(self, grid: int) -> None:
        """Frames and extensions snap to multiples of this many pixels: the model's own."""
        self._grid = grid
        self._context.grid = grid

    def _open(self, document: Document) -> None:
        self._document = document
        self._stack = CommandStack(document)
        self._stack.changed.connect(self.title_changed.emit)
        self._context = ToolContext(
            document, self._stack, self._brush, self._grid, self.tool_settings
        )
        self._context.colour_picked.connect(self.set_colour)
        self._tools: dict[ToolId, Tool] = {
            ToolId(name): tool for name, tool in make_tools(self._context).items()
        }
