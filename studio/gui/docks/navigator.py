"""The whole canvas in small, and which part of it is seen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from studio.core.compositor import MAX_LEVEL, CompositeCache
from studio.core.geometry import Bounds
from studio.core.tiles import TileIndex
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.view import CanvasView
from studio.gui.canvas.viewport import MAX_ZOOM, MIN_ZOOM, Viewport
from studio.gui.theme import UNIT
from studio.gui.workspace import Workspace

BUDGET_SECONDS = 0.004
"""What composing for the thumbnail may take of the time between two frames."""
_REST_MILLISECONDS = 30
"""Between two such times."""
_MARGIN = 6.0
_SLIDER_STEPS = 200


class NavigatorPanel(QWidget):
    """A thumbnail to move the view by, and a slider to zoom with.

    Args:
        workspace: whose document is shown.
        view: that is moved.
    """

    def __init__(
        self, workspace: Workspace, view: CanvasView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view = view
        self.setAccessibleName("Navigator")
        self.thumbnail = Thumbnail(workspace, view)
        self._zoom = QSlider(Qt.Orientation.Horizontal)
        self._zoom.setRange(0, _SLIDER_STEPS)
        self._zoom.setAccessibleName("Zoom")
        self._percent = QLabel()
        self._percent.setObjectName("muted")
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("6400 %"))
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        row.addWidget(self._zoom, 1)
        row.addWidget(self._percent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addWidget(self.thumbnail, 1)
        layout.addLayout(row)
        self._zoom.sliderMoved.connect(self._choose)
        self._zoom.actionTriggered.connect(lambda _: self._choose(self._zoom.sliderPosition()))
        view.zoom_changed.connect(self._show_zoom)
        self._show_zoom(view.zoom)

    def _choose(self, step: int) -> None:
        share = step / _SLIDER_STEPS
        self._view.navigator.zoom_to(MIN_ZOOM * (MAX_ZOOM / MIN_ZOOM) ** share)

    def _show_zoom(self, zoom: float) -> None:
        share = math.log(zoom / MIN_ZOOM) / math.log(MAX_ZOOM / MIN_ZOOM)
        if not self._zoom.isSliderDown():
            self._zoom.setValue(round(share * _SLIDER_STEPS))
        self._percent.setText(f"{zoom * 100:.0f} %")


class Thumbnail(QWidget):
    """The canvas in small, as the view turns it; a press or drag moves the view there.

    What changed is composed in the idle time of the view, from the tiles that the view itself
    uses, so that it costs no frame and the view finds its coarser tiles ready.
    """

    def __init__(
        self, workspace: Workspace, view: CanvasView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view = view
        self._release: Callable[[], None] = lambda: None
        self._composing = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._composing.timeout.connect(self._compose)
        self.setAccessibleName("Thumbnail of the canvas")
        self.setMinimumSize(120, 90)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        view.navigator.moved.connect(self.update)
        workspace.document_replaced.connect(self._follow_document)
        self._follow_document()

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(220, 180)

    @property
    def is_up_to_date(self) -> bool:
        """Whether it shows the document as it is."""
        return all(self._tiles.is_ready(index, self._level) for index in self._indices)

    @property
    def viewport(self) -> Viewport:
        """The map between canvas and thumbnail: turned as the view is, and fitted."""
        turned = Viewport(
            rotation=self._view.viewport.rotation, mirrored=self._view.viewport.mirrored
        )
        return turned.fitted(self._canvas, self.size().toSizeF(), _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, as far as it is composed, and what the view shows of it."""
        viewport, colours = self.viewport, CanvasColours.of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.surround)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.save()
        painter.setTransform(viewport.transform, True)
        canvas = QRectF(*self._canvas)
        painter.fillRect(canvas, colours.checks[0])
        painter.setClipRect(canvas)
        for index in self._indices:
            if self._tiles.is_ready(index, self._level):
                image = self._tiles.image(index, self._level)
                if image is not None:
                    area = CompositeCache.area(index, self._level)
                    painter.drawImage(QRectF(*area), self._view.screen_colours.shown(image))
        painter.restore()
        self._paint_seen(painter, viewport, colours)
        painter.end()
        if not self.is_up_to_date:
            self._composing.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Moves the view there."""
        self._look(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Takes the view along."""
        self._look(event)

    def _look(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._view.navigator.look_at(self.viewport.to_canvas(event.position()))

    def _paint_seen(self, painter: QPainter, viewport: Viewport, colours: CanvasColours) -> None:
        """Outlines what the view shows."""
        to_small = self._view.viewport.transform.inverted()[0] * viewport.transform
        seen = to_small.map(QPolygonF(QRectF(QPointF(), self._view.navigator.size)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3.0))
        painter.drawPolyline(seen)
        painter.setPen(QPen(colours.accent, 1.5))
        painter.drawPolyline(seen)

    def _follow_document(self) -> None:
        self._release()
        document = self._workspace.document
        events = (document.changed, document.canvas_changed)
        for event in events:
            event.connect(self._on_changed)

        def release() -> None:
            for event in events:
                event.disconnect(self._on_changed)

        self._release = release
        self.update()

    def _on_changed(self, _: Bounds) -> None:
        self._composing.start()

    def _compose(self) -> None:
        """Composes what is missing, as far as the time goes; not while nobody looks."""
        if not self.isVisible():
            return
        deadline = time.perf_counter() + BUDGET_SECONDS
        for index in self._indices:
            while not self._tiles.advance(index, self._level):
                if time.perf_counter() > deadline:
                    self._composing.start()
                    return
        self.update()

    @property
    def _tiles(self) -> CompositeCache:
        return self._view.tiles

    @property
    def _canvas(self) -> Bounds:
        return self._workspace.document.canvas

    @property
    def _level(self) -> int:
        """The level whose pixels are at least as fine as the thumbnail's."""
        zoom = self.viewport.zoom * self.devicePixelRatioF()
        return 0 if zoom >= 1.0 else min(MAX_LEVEL, math.floor(-math.log2(zoom)))

    @property
    def _indices(self) -> list[TileIndex]:
        return CompositeCache.indices(self._canvas, self._level)
