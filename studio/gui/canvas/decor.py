"""Everything that the view draws over the picture, and where it has to be drawn anew."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from studio.core.geometry import Bounds
from studio.gui.canvas import overlays
from studio.gui.canvas.aids import AidSettings, paint_grid, paint_guides
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.navigator import Navigator
from studio.gui.canvas.pointer import Pointer
from studio.gui.canvas.selection_overlay import SelectionOverlay
from studio.gui.canvas.staged_pictures import StagedPictures
from studio.gui.canvas.tool_overlay import extent_of, paint_overlay
from studio.gui.workspace import Workspace
from studio.tools import FrameBox

FRAME_ROOM = 3.0
HANDLE_ROOM = 8.0


class Decor:
    """Grid, candidates, selection, guides, frame, and what the tool in hand wants to see.

    Args:
        workspace: whose document it belongs to.
        navigator: knows where it is shown.
        pointer, staged, selection: know what is to be drawn.
    """

    def __init__(
        self,
        workspace: Workspace,
        navigator: Navigator,
        pointer: Pointer,
        staged: StagedPictures,
        selection: SelectionOverlay,
    ) -> None:
        self._workspace = workspace
        self._navigator = navigator
        self._pointer = pointer
        self._staged = staged
        self._selection = selection
        self._overlay_rect = QRect()
        self._frame_rect = QRect()

    def paint(self, painter: QPainter, colours: CanvasColours) -> None:
        """Draws all of it, with a painter in the view's coordinates."""
        document, viewport = self._workspace.document, self._navigator.viewport
        aids = self._workspace.tool_settings[AidSettings]
        if aids.grid:
            paint_grid(painter, document.canvas, viewport, aids.spacing)
        self._staged.paint(painter, viewport, colours)
        self._selection.paint(painter)
        if aids.guides:
            paint_guides(painter, document.guides, viewport, self._navigator.size)
        self._paint_frame(painter, colours)
        paint_overlay(painter, self._pointer.overlay(), viewport, colours)
        handle = self._pointer.edge_handle
        if handle is not None:
            overlays.paint_edge_handle(painter, handle, colours, hot=self._pointer.is_over_edge)

    def pointer_moved(self) -> QRect:
        """Where the tool's overlay was and where it is."""
        extent = extent_of(self._pointer.overlay(), self._navigator.viewport)
        handle = self._pointer.edge_handle
        if handle is not None:
            room = HANDLE_ROOM
            extent = extent.united(handle.place.adjusted(-room, -room, room, room))
        before, self._overlay_rect = self._overlay_rect, extent.toAlignedRect()
        return before.united(self._overlay_rect)

    def frame_moved(self, frame: Bounds) -> QRect:
        """Where the frame was drawn last, and where it will be."""
        return self._frame_rect.united(self._around_frame(frame))

    def _paint_frame(self, painter: QPainter, colours: CanvasColours) -> None:
        if not any(isinstance(shape, FrameBox) for shape in self._pointer.overlay()):
            frame = self._workspace.document.frame
            self._frame_rect = self._around_frame(frame)
            overlays.paint_frame(painter, self._navigator.viewport.outline(frame), colours)

    def _around_frame(self, frame: Bounds) -> QRect:
        rect = self._navigator.viewport.rect_to_widget(frame)
        return rect.adjusted(-FRAME_ROOM, -FRAME_ROOM, FRAME_ROOM, FRAME_ROOM).toAlignedRect()
