"""A document in its tab, with everything that is its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from studio.core.brush import BrushSettings
from studio.core.commands.stack import CommandStack
from studio.core.document import Document, DocumentSnapshot
from studio.core.events import Signal, relay
from studio.core.layers import GeneratedLayer, Layer
from studio.core.projection import Projection, bounds_around
from studio.gui.canvas.viewport import Viewport
from studio.gui.plans import asked_again
from studio.tools import SettingsStore, Tool, ToolContext, make_tools

UNTITLED = "untitled"


class OpenDocument:
    """One open document: its history, its tools, its file, and what is seen of it.

    Args:
        document: that is edited.
        stack: its history.
        settings: what the tools go by; shared by all open documents.
        brush, grid: as of `ToolContext`.
        path: the file that saving writes to; None while there is none.
        origin: the file that it was read from where saving does not write there: a photograph.
        name: what it is called while it has no file at all.

    Attributes:
        id: unique among all that were ever opened.
        viewport: where one looks; None until somebody has looked.

    Events:
        title_changed(): the file's name or the unsaved mark may be another.
        chosen_changed(): other layers are chosen, or another one of them is the active one.
        remaking_changed(): another layer, or none, is to be made anew.
        projected(Projection): as of `Document`; `viewport` looks at the same part already.
    """

    title_changed = Signal()
    chosen_changed = Signal()
    remaking_changed = Signal()
    projected = Signal(Projection)

    def __init__(
        self,
        document: Document,
        stack: CommandStack,
        settings: SettingsStore,
        brush: BrushSettings,
        grid: int,
        *,
        path: Path | None = None,
        origin: Path | None = None,
        name: str = UNTITLED,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.document = document
        self.stack = stack
        self.context = ToolContext(document, stack, brush, grid, settings)
        self.context.chosen = lambda: self.chosen
        relay(self.chosen_changed, self.context.chosen_changed)
        self.tools: dict[str, Tool] = make_tools(self.context)
        self.viewport: Viewport | None = None
        self._path = path
        self._origin = origin
        self._name = name
        self._chosen: frozenset[Layer] = frozenset()
        self._remaking: GeneratedLayer | None = None
        relay(self.stack.changed, self.title_changed)
        relay(document.active_changed, self.chosen_changed)
        document.projected.connect(self._on_projected)

    @property
    def path(self) -> Path | None:
        """The file that saving writes to; None while there is none."""
        return self._path

    @property
    def origin(self) -> Path | None:
        """The file that it came from or is in; None where there is none."""
        return self._path or self._origin

    @property
    def name(self) -> str:
        """The file's name, or what it is called without one."""
        return self.origin.name if self.origin is not None else self._name

    @property
    def title(self) -> str:
        """Its name, with a star while there are unsaved changes."""
        return f"{self.name}*" if self.has_unsaved_changes else self.name

    @property
    def has_unsaved_changes(self) -> bool:
        """Whether closing it would lose something; the size of an empty canvas is nothing."""
        return not self.stack.is_clean and (self.origin is not None or bool(self.document.layers))

    @property
    def is_pristine(self) -> bool:
        """Whether there is no file and no layer yet, so that opening a file may replace it."""
        return self.origin is None and not self.document.layers and not self.stack.can_redo

    @property
    def chosen(self) -> tuple[Layer, ...]:
        """The layers that the person chose, from the bottom up; the active one is among them."""
        active = self.document.active
        if active not in self._chosen:
            return () if active is None else (active,)
        return tuple(layer for layer in self.document.walk() if layer in self._chosen)

    def choose(self, layers: Iterable[Layer], active: Layer | None) -> None:
        """Chooses layers, one of which is the active one; what its tools do is up to them."""
        self._chosen = frozenset(layers)
        self.document.active = active
        if active is None or active.mask is None:
            self.document.editing_mask = False
        self.chosen_changed.emit()

    @property
    def remaking(self) -> GeneratedLayer | None:
        """The layer that Generate makes anew; None where it makes another one."""
        return self._remaking if self._remaking in set(self.document.walk()) else None

    def remake(self, layer: GeneratedLayer | None) -> None:
        """From now on Generate makes that layer anew; None for another one each time."""
        self._remaking = layer
        self.remaking_changed.emit()

    def asked(self) -> DocumentSnapshot:
        """What Generate looks at: the document, or the one around the layer to be made anew.

        The layer is asked for with the painted mask, or where none is painted with its own.
        """
        snapshot, layer = self.document.snapshot(), self.remaking
        if layer is None:
            return snapshot
        painted = None if snapshot.mask_tiles.is_empty else snapshot.mask_tiles
        return asked_again(snapshot, layer.snapshot(), painted or layer.request_mask)

    def mark_saved(self, path: Path, *, whole: bool = True) -> None:
        """The document is in this file; not ``whole`` where it was changed while it was written."""
        self._path = path
        if whole:
            self.stack.mark_saved()
        self.title_changed.emit()

    def _on_projected(self, projection: Projection) -> None:
        if self.viewport is not None:
            before = bounds_around(projection.inverse().quad(self.document.canvas), 0.5)
            self.viewport = self.viewport.projected(projection, before)
        self.projected.emit(projection)
