"""What is selected, as it is seen: by its edge, or as a coloured mask while it is painted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QRegion

from studio.core.commands.selection import Target
from studio.gui.canvas.marching_ants import MarchingAnts
from studio.gui.canvas.mask_tiles import MaskTiles
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace
from studio.tools import MovedSelection, Overlay, SelectSettings


class SelectionOverlay(QObject):
    """Follows the selection of the current document.

    Signals:
        moved(QRegion): the ants are to be drawn anew there, in the view.
        mask_changed(Bounds | None): the quick mask is another one there, on the canvas; None
            stands for everywhere.
    """

    moved = Signal(QRegion)
    mask_changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._ants = MarchingAnts(self)
        self._ants.moved.connect(self.moved)
        self._mask: MaskTiles | None = None
        self._release: Callable[[], None] = lambda: None
        workspace.tool_settings.changed.connect(self._on_settings)

    @property
    def quick_mask(self) -> MaskTiles | None:
        """The selection in colour while it is being painted, else None."""
        return self._mask

    def follow_document(self) -> None:
        """Shows the selection of the document that is current now."""
        self._release()
        document = self._workspace.document
        self._ants.follow(document)
        document.editing_selection_changed.connect(self._show_mask)
        document.selection_changed.connect(self._on_changed)

        def release() -> None:
            document.editing_selection_changed.disconnect(self._show_mask)
            document.selection_changed.disconnect(self._on_changed)
            self._drop_mask()

        self._release = release
        self._show_mask(document.editing_selection)

    def set_view(self, viewport: Viewport, size: QSize, ratio: float) -> None:
        """Looks from somewhere else; as `Backing.set_view`."""
        self._ants.set_view(viewport, size, ratio)

    def lead(self, overlay: Overlay) -> None:
        """Goes where the tool in hand moves the selection."""
        offsets = [(shape.dx, shape.dy) for shape in overlay if isinstance(shape, MovedSelection)]
        self._ants.shift(offsets[0] if offsets else (0, 0))

    def paint(self, painter: QPainter) -> None:
        """Draws the edge."""
        self._ants.paint(painter)

    def _show_mask(self, shown: bool) -> None:
        self._drop_mask()
        if shown:
            document = self._workspace.document
            colour = self._workspace.tool_settings[SelectSettings].quick_mask
            self._mask = MaskTiles(document, QColor(colour.hex), Target.SELECTION)
        self._ants.set_shown(not shown)
        self.mask_changed.emit(None)

    def _drop_mask(self) -> None:
        if self._mask is not None:
            self._mask.close()
            self._mask = None

    def _on_changed(self, dirty: object) -> None:
        if self._mask is not None:
            self.mask_changed.emit(dirty)

    def _on_settings(self, kind: type) -> None:
        if kind is SelectSettings and self._mask is not None:
            self._show_mask(True)
