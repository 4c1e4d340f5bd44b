"""The window's model: what is open, which tool is in hand, and what is being asked for."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from studio import paths
from studio.core.brush import BrushSettings, Dynamic, Texture
from studio.core.colour import Colour
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds, Extent
from studio.files.brushes import BrushKind, BrushStore
from studio.gui.canvas.staging import StagingModel
from studio.gui.open_document import UNTITLED, OpenDocument
from studio.gui.settings import PromptSettings
from studio.tools import SettingsStore, Tool

DEFAULT_CANVAS = Extent(1024, 1024)
DEFAULT_GRID = 64


class ToolId(enum.StrEnum):
    """The tools by name; the last three are the view's own and have no `Tool`."""

    MOVE = "move"
    TRANSFORM = "transform"
    CROP = "crop"
    FRAME = "frame"
    EXTEND = "extend"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    LASSO = "lasso"
    POLYGON = "polygon"
    WAND = "wand"
    COLOUR_RANGE = "colour-range"
    BRUSH = "brush"
    ERASER = "eraser"
    MASK = "mask"
    MASK_ERASER = "mask-eraser"
    FILL = "fill"
    GRADIENT = "gradient"
    CLONE = "clone"
    SMUDGE = "smudge"
    TEXT = "text"
    PICKER = "picker"
    HAND = "hand"
    TURN = "turn"
    ZOOM = "zoom"


BRUSH_KINDS: Mapping[ToolId, BrushKind] = {
    ToolId.ERASER: BrushKind.ERASE,
    ToolId.MASK: BrushKind.MASK,
    ToolId.MASK_ERASER: BrushKind.MASK,
}
"""Which brush a tool has in hand, where it is not the one to paint with."""


class BrushChanges(TypedDict, total=False):
    """What of a `BrushSettings` is to change."""

    size: float
    hardness: float
    opacity: float
    flow: float
    spacing: float
    colour: Colour
    angle: float
    roundness: float
    smoothing: float
    texture: Texture
    grain: float
    dynamics: tuple[Dynamic, ...]


class Workspace(QObject):
    """What the window shows and acts on; panels read it, and change it through its methods.

    Several documents are open, in the order of their tabs, and one of them is current: `document`
    and `stack` are its. Panels keep no document of their own: they follow `document_replaced`.

    Signals:
        document_replaced(): another document is current; `document` and `stack` are other objects.
        opened(OpenDocument), closed(OpenDocument): a document came to the tabs, or left them.
        tabs_changed(): documents came, went or changed places, or one's title changed.
        title_changed(): the current document's name or its unsaved mark may be another.
        tool_changed(): another tool is in hand.
        brush_changed(): the brush in hand is another one, or its settings changed.
        colour_changed(): the painting colour changed.
        prompt_changed(): the settings of the next generation changed.

    Args:
        new_stack: makes the history of a document that is opened.
        brushes: that can be had; the program's own where they are left out.
    """

    document_replaced = Signal()
    opened = Signal(object)
    closed = Signal(object)
    tabs_changed = Signal()
    title_changed = Signal()
    tool_changed = Signal()
    brush_changed = Signal()
    colour_changed = Signal()
    prompt_changed = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        new_stack: Callable[[Document], CommandStack] = CommandStack,
        brushes: BrushStore | None = None,
    ) -> None:
        super().__init__(parent)
        self._new_stack = new_stack
        self.staging = StagingModel(self)
        self.tool_settings = SettingsStore()
        self.brushes = brushes or BrushStore(paths.resources() / "brushes")
        self._brushes = dict.fromkeys(BrushKind, BrushSettings())
        self._prompt = PromptSettings()
        self._tool_id = ToolId.BRUSH
        self._grid = DEFAULT_GRID
        self._tabs: list[OpenDocument] = []
        self._current = self._opened(Document(Bounds.of(DEFAULT_CANVAS)))
        self.staging.look_at(self._current.id)

    # The documents -------------------------------------------------------------------------------

    @property
    def tabs(self) -> tuple[OpenDocument, ...]:
        """The open documents, never none, in the order of their tabs."""
        return tuple(self._tabs)

    @property
    def current(self) -> OpenDocument:
        """The document that is looked at."""
        return self._current

    @property
    def document(self) -> Document:
        """The current document."""
        return self._current.document

    @property
    def stack(self) -> CommandStack:
        """The current document's commands; every change of the document goes through it."""
        return self._current.stack

    @property
    def path(self) -> Path | None:
        """The current document's file; None while it has none."""
        return self._current.path

    @property
    def title(self) -> str:
        """The current document's name, with a star while there are unsaved changes."""
        return self._current.title

    @property
    def has_unsaved_changes(self) -> bool:
        """Whether closing the current document would lose something."""
        return self._current.has_unsaved_changes

    @property
    def is_pristine(self) -> bool:
        """Whether the current document has no file and no layer yet: a file may replace it."""
        return self._current.is_pristine and not self.staging.is_active

    @property
    def unsaved(self) -> tuple[OpenDocument, ...]:
        """The documents that have unsaved changes."""
        return tuple(tab for tab in self._tabs if tab.has_unsaved_changes)

    def find(self, path: Path) -> OpenDocument | None:
        """The open document that is in that file, or came from it."""
        return next((tab for tab in self._tabs if _same_file(tab.origin, path)), None)

    def open_document(
        self, document: Document, path: Path | None = None, origin: Path | None = None
    ) -> OpenDocument:
        """Shows a document that was read, in the current tab where nothing is in it yet.

        Args:
            path, origin: as of `OpenDocument`.
        """
        if self.is_pristine:
            return self.replace_document(document, path, origin)
        return self.new_document(document, path, origin)

    def new_document(
        self, document: Document, path: Path | None = None, origin: Path | None = None
    ) -> OpenDocument:
        """Shows a document in a tab of its own, behind the others."""
        tab = self._opened(document, path, origin)
        self.switch_to(tab)
        return tab

    def replace_document(
        self, document: Document, path: Path | None = None, origin: Path | None = None
    ) -> OpenDocument:
        """Shows a document in place of the current one; asking to save is the caller's duty."""
        before = self._current
        index = self._tabs.index(before)
        tab = self._opened(document, path, origin, without=before)
        self.move(tab, index)
        self.switch_to(tab)
        self._forget(before)
        return tab

    def switch_to(self, tab: OpenDocument) -> None:
        """Looks at another open document; the tool finishes, or gives up, what it was doing."""
        if tab is self._current:
            return
        if self.tool is not None:
            self.tool.put_away()
        self._current = tab
        if self.tool is not None:
            self.tool.take_up()
        self.document_replaced.emit()
        self.tool_changed.emit()
        self.staging.look_at(tab.id)
        self.title_changed.emit()
        self.tabs_changed.emit()

    def cycle(self, step: int) -> None:
        """Looks at the next (1) or the previous (-1) document, going round at the ends."""
        index = self._tabs.index(self._current) + step
        self.switch_to(self._tabs[index % len(self._tabs)])

    def move(self, tab: OpenDocument, index: int) -> None:
        """Gives a document another place among the tabs."""
        self._tabs.remove(tab)
        self._tabs.insert(index, tab)
        self.tabs_changed.emit()

    def close_document(self, tab: OpenDocument) -> None:
        """Closes a document; an empty one takes the place of the last. Asking is up to callers."""
        if len(self._tabs) == 1:
            self.replace_document(Document(Bounds.of(tab.document.frame.extent)))
            return
        if tab is self._current:
            index = self._tabs.index(tab)
            self.switch_to(self._tabs[index + 1 if index + 1 < len(self._tabs) else index - 1])
        self._forget(tab)

    def mark_saved(self, path: Path, *, whole: bool = True) -> None:
        """As `OpenDocument.mark_saved`, of the current document."""
        self._current.mark_saved(path, whole=whole)

    # The tools -----------------------------------------------------------------------------------

    @property
    def tool_id(self) -> ToolId:
        """Which tool is in hand."""
        return self._tool_id

    @property
    def tool(self) -> Tool | None:
        """The tool in hand; None for those that only move the view."""
        return self._current.tools.get(self._tool_id)

    def set_tool(self, tool_id: ToolId) -> None:
        """Takes another tool in hand; the old one finishes, or gives up, what it was doing."""
        if tool_id is self._tool_id:
            return
        if self.tool is not None:
            self.tool.put_away()
        before, self._tool_id = self.brush, tool_id
        self._hand_out_brush()
        if self.tool is not None:
            self.tool.take_up()
        self.tool_changed.emit()
        if self.brush != before:
            self.brush_changed.emit()

    def tool_finish(self) -> None:
        """Finishes what the tool in hand is in the middle of, as far as it can be finished."""
        if self.tool is not None and self.tool.is_active:
            self.tool.put_away()
            self.tool.take_up()

    def tool_cancel(self) -> None:
        """Gives up what the tool in hand is in the middle of."""
        if self.tool is not None:
            self.tool.cancel()

    @property
    def brush(self) -> BrushSettings:
        """How the tool in hand paints; its colour is the painting colour."""
        return self._brushes[self._brush_kind]

    @property
    def brushes_in_use(self) -> Mapping[BrushKind, BrushSettings]:
        """The brush to paint with, the one to erase and the one to mask; of the same colour."""
        return dict(self._brushes)

    def set_brush(self, **changes: Unpack[BrushChanges]) -> None:
        """Changes settings of the brush in hand by name, such as ``size=40.0``."""
        self._paint_with(replace(self.brush, **changes), self._brush_kind)

    def use_brush(self, brush: BrushSettings, kind: BrushKind | None = None) -> None:
        """Paints as that brush does, in the present colour.

        Args:
            kind: of work that it is for; that of the tool in hand where it is left out.
        """
        self._paint_with(replace(brush, colour=self.brush.colour), kind or self._brush_kind)

    @property
    def _brush_kind(self) -> BrushKind:
        return BRUSH_KINDS.get(self._tool_id, BrushKind.PAINT)

    def _paint_with(self, brush: BrushSettings, kind: BrushKind) -> None:
        if brush == self._brushes[kind]:
            return
        recoloured = brush.colour != self.brush.colour
        self._brushes[kind] = brush
        for other, its in self._brushes.items():
            self._brushes[other] = replace(its, colour=brush.colour)
        self._hand_out_brush()
        self.brush_changed.emit()
        if recoloured:
            self.colour_changed.emit()

    def _hand_out_brush(self) -> None:
        for tab in self._tabs:
            tab.context.brush = self.brush

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
        for tab in self._tabs:
            tab.context.grid = grid

    def _opened(
        self,
        document: Document,
        path: Path | None = None,
        origin: Path | None = None,
        *,
        without: OpenDocument | None = None,
    ) -> OpenDocument:
        """A document in a new tab behind the others, its name another than theirs."""
        name = _free_name(tab.name for tab in self._tabs if tab is not without)
        tab = OpenDocument(
            document,
            self._new_stack(document),
            self.tool_settings,
            self.brush,
            self._grid,
            path=path,
            origin=origin,
            name=name,
        )
        tab.title_changed.connect(self._on_title)
        tab.projected.connect(partial(self.staging.project, tab.id))
        tab.context.colour_picked.connect(self.set_colour)
        self._tabs.append(tab)
        self.opened.emit(tab)
        self.tabs_changed.emit()
        return tab

    def _forget(self, tab: OpenDocument) -> None:
        self._tabs.remove(tab)
        self.staging.forget(tab.id)
        self.closed.emit(tab)
        tab.stack.close()
        self.tabs_changed.emit()

    def _on_title(self) -> None:
        self.title_changed.emit()
        self.tabs_changed.emit()


def _free_name(taken: Iterable[str]) -> str:
    """The word for it, or with the first number that makes it another than those."""
    others, name, number = set(taken), UNTITLED, 1
    while name in others:
        number += 1
        name = f"{UNTITLED} {number}"
    return name


def _same_file(mine: Path | None, other: Path) -> bool:
    return mine is not None and mine.absolute() == other.absolute()
