"""The current document as the view shows it, kept up to date."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QSize, Signal
from PySide6.QtGui import QColor, QPainter

from studio.core.compositor import CompositeCache
from studio.core.geometry import Bounds
from studio.gui.canvas.backing import Backing
from studio.gui.canvas.colours import MASK_COLOUR, CanvasColours
from studio.gui.canvas.mask_tiles import MaskTiles
from studio.gui.canvas.screen_colours import ScreenColours
from studio.gui.canvas.selection_overlay import SelectionOverlay
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace


class LivePicture(QObject):
    """Picture, mask and quick mask of the workspace's document, whichever that is.

    Args:
        selection: knows the quick mask.

    Signals:
        changed(QRect): it looks different there, in view units.
    """

    changed = Signal(QRect)

    def __init__(
        self,
        workspace: Workspace,
        selection: SelectionOverlay,
        colours: CanvasColours,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._colours = colours
        self._mask_colour = MASK_COLOUR
        self._shows_mask = True
        self._screen = ScreenColours()
        self._view = Viewport(), QSize(0, 0), 1.0
        self._release: Callable[[], None] = lambda: None
        self._open()
        selection.mask_changed.connect(self._on_quick_mask)

    @property
    def tiles(self) -> CompositeCache:
        """The composed picture at every scale."""
        return self._tiles

    @property
    def screen(self) -> ScreenColours:
        """What takes pictures to the screen's colours."""
        return self._screen

    @property
    def stale(self) -> QRect:
        """As `Backing.stale`."""
        return self._backing.stale

    def follow_document(self) -> None:
        """Shows the document that is current now."""
        self._release()
        self._open()

    def look(self, viewport: Viewport, size: QSize, ratio: float) -> None:
        """Looks from somewhere else; as `Backing.set_view`."""
        self._view = viewport, size, ratio
        self._backing.set_view(*self._view)

    def draw(self, painter: QPainter) -> None:
        """Mends the picture as far as a frame's time goes, and draws it."""
        self._backing.mend()
        self._backing.draw(painter)

    def set_colours(self, colours: CanvasColours) -> None:
        """Draws the surround and the ground in these."""
        self._colours = colours
        self._backing.set_colours(colours)

    def set_screen(self, screen: ScreenColours) -> None:
        """Shows the picture as that screen needs it."""
        self._screen = screen
        self._backing.set_screen(screen)
        self._tell_all()

    def set_mask_colour(self, colour: QColor) -> None:
        """Shows the mask in another colour."""
        self._mask_colour = colour
        self._mask.set_colour(colour)
        self._show_again()

    def set_mask_shown(self, shown: bool) -> None:
        """Shows or hides the mask; it acts all the same."""
        self._shows_mask = self._backing.shows_mask = shown
        self._show_again()

    def _open(self) -> None:
        document = self._workspace.document
        self._tiles = tiles = CompositeCache(document)
        self._mask = mask = MaskTiles(document, self._mask_colour)
        self._backing = Backing(tiles, mask, self._colours)
        self._backing.shows_mask = self._shows_mask
        self._backing.quick_mask = self._selection.quick_mask
        self._backing.set_screen(self._screen)
        self._backing.set_canvas(document.canvas)
        self._backing.set_view(*self._view)
        links = (
            (document.changed, self._on_changed),
            (document.mask_changed, self._on_changed),
            (document.canvas_changed, self._on_canvas),
        )
        for event, slot in links:
            event.connect(slot)

        def release() -> None:
            for event, slot in links:
                event.disconnect(slot)
            tiles.close()
            mask.close()

        self._release = release
        self._tell_all()

    def _on_changed(self, dirty: Bounds) -> None:
        self.changed.emit(self._backing.invalidate(dirty))

    def _on_canvas(self, canvas: Bounds) -> None:
        self._backing.set_canvas(canvas)
        self._tell_all()

    def _on_quick_mask(self, dirty: Bounds | None) -> None:
        self._backing.quick_mask = self._selection.quick_mask
        if dirty is None:
            self._show_again()
        else:
            self._on_changed(dirty)

    def _show_again(self) -> None:
        self._backing.invalidate_all()
        self._tell_all()

    def _tell_all(self) -> None:
        _, size, _ = self._view
        self.changed.emit(QRect(0, 0, size.width(), size.height()))
