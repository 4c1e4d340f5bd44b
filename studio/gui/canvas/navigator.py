"""Moves the viewport: zooming, panning, turning, fitting."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, QPointF, QSize, QSizeF, Signal

from studio.core.geometry import Bounds
from studio.gui.canvas.viewport import Viewport, next_stop

FIT_MARGIN = 36.0
"""Left around a fitted canvas, in view units: room for its handles."""
FOOT = 36.0
"""Left below besides: room for the staging bar."""


class Navigator(QObject):
    """Holds the viewport of a view of some size.

    Signals:
        moved(): `viewport` is another one.
        zoom_changed(float): the zoom as the person reads it: 1.0 shows each canvas pixel as one
            pixel of the screen.
    """

    moved = Signal()
    zoom_changed = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewport = Viewport()
        self._size = QSize(0, 0)
        self._ratio = 1.0
        self._wanted: Bounds | None = None

    @property
    def viewport(self) -> Viewport:
        """The map between canvas and view."""
        return self._viewport

    @property
    def size(self) -> QSizeF:
        """Of the view, in its units."""
        return QSizeF(self._size)

    @property
    def ratio(self) -> float:
        """Device pixels per view unit."""
        return self._ratio

    @property
    def zoom(self) -> float:
        """As the person reads it."""
        return self._viewport.zoom * self._ratio

    @property
    def centre(self) -> QPointF:
        """The middle of the view."""
        return QPointF(self._size.width() / 2, self._size.height() / 2)

    def set_size(self, size: QSize, ratio: float) -> None:
        """The view has another size, or is on another screen: its middle shows what it showed."""
        if self._size.isEmpty() and not size.isEmpty():
            self._size, self._ratio = size, ratio
            if self._wanted is not None:
                self.fit(self._wanted)
            return
        dx, dy = size.width() - self._size.width(), size.height() - self._size.height()
        self._size = size
        viewport = self._viewport.panned(dx / 2, dy / 2)
        zoom = self._viewport.zoom * self._ratio / ratio
        self._ratio = ratio
        self._show(viewport.zoomed(zoom, self.centre))

    def fit(self, bounds: Bounds) -> None:
        """Shows these canvas pixels whole; waits until the view has a size."""
        self._fit(bounds, self._viewport)

    def look_again(self, viewport: Viewport | None, bounds: Bounds) -> None:
        """Looks from where one looked before; who never did sees these pixels whole and upright."""
        if viewport is None:
            self._fit(bounds, replace(self._viewport, rotation=0.0, mirrored=False))
        else:
            self._show(viewport)

    def show_actual(self, anchor: QPointF | None = None) -> None:
        """Shows each canvas pixel as one pixel of the screen."""
        self.zoom_to(1.0, anchor)

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zooms as the person reads it; what lies under ``anchor`` (the middle) stays."""
        held = self.centre if anchor is None else anchor
        self._show(self._viewport.zoomed(zoom / self._ratio, held))

    def zoom_by(self, factor: float, anchor: QPointF) -> None:
        """Zooms so many times; what lies under ``anchor`` stays."""
        self.zoom_to(self.zoom * factor, anchor)

    def step(self, direction: int, anchor: QPointF | None = None) -> None:
        """Goes to the next zoom of the usual row, in (1) or out (-1), about ``anchor``."""
        self.zoom_to(next_stop(self.zoom, direction), anchor)

    def turn_by(self, degrees: float, anchor: QPointF | None = None) -> None:
        """Turns what is shown clockwise about ``anchor`` (the middle)."""
        self._show(self._viewport.turned(degrees, self.centre if anchor is None else anchor))

    def turn_to(self, degrees: float) -> None:
        """Turns what is shown about the middle to that angle; 0 is upright."""
        self._show(self._viewport.turned_to(degrees, self.centre))

    def mirror(self) -> None:
        """Swaps left and right of the view, or swaps them back."""
        self._show(self._viewport.flipped(self.centre))

    def look_at(self, point: QPointF) -> None:
        """Brings a point of the canvas into the middle of the view."""
        way = self.centre - self._viewport.to_widget(point)
        self.pan_by(way.x(), way.y())

    def pan_by(self, dx: float, dy: float) -> None:
        """Moves what is shown by view units."""
        self._show(self._viewport.panned(dx, dy))

    def _fit(self, bounds: Bounds, viewport: Viewport) -> None:
        """Shows these pixels whole, turned and mirrored as that viewport is."""
        self._wanted = bounds
        if not self._size.isEmpty():
            room = self.size - QSizeF(0.0, FOOT)
            self._show(viewport.fitted(bounds, room, FIT_MARGIN))

    def _show(self, viewport: Viewport) -> None:
        # Noise in the last digits would put the pointer on a neighbouring pixel.
        viewport = replace(
            viewport,
            x=round(viewport.x, 6),
            y=round(viewport.y, 6),
            rotation=round(viewport.rotation, 6) % 360.0,
        )
        if viewport == self._viewport:
            return
        zoomed = viewport.zoom != self._viewport.zoom
        self._viewport = viewport
        self.moved.emit()
        if zoomed:
            self.zoom_changed.emit(self.zoom)
