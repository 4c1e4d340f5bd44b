"""Shows candidates and previews where they belong on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QImage, QPainter

from studio.core.geometry import Bounds
from studio.gui.canvas import overlays
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.staging import StagedCandidate, StagedPreview, StagingModel
from studio.gui.canvas.viewport import Viewport

FADE_MILLISECONDS = 180
LINE_ROOM = 4


class StagedPictures(QObject):
    """Draws what the staging model holds; a result fades in over its preview.

    Signals:
        changed(Bounds): it looks different there, in canvas coordinates.
    """

    changed = Signal(object)

    def __init__(self, staging: StagingModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._staging = staging
        self._shown: StagedCandidate | None = None
        self._preview: QImage | None = None
        self._preview_run = ""
        self._area: Bounds | None = None
        self._fade = QVariantAnimation(
            self, startValue=0.0, endValue=1.0, duration=FADE_MILLISECONDS
        )
        self._fade.valueChanged.connect(self._tell)
        self._fade.finished.connect(self._forget_preview)
        staging.changed.connect(self._on_candidates)
        staging.preview_changed.connect(self._on_preview)

    def paint(self, painter: QPainter, viewport: Viewport, colours: CanvasColours) -> None:
        """Draws preview, candidate and progress, with a painter in the view's coordinates."""
        preview, current = self._staging.preview, self._shown
        if self._preview is not None and self._area is not None:
            place = viewport.rect_to_widget(self._area)
            overlays.paint_picture(painter, self._preview, place)
        if current is not None:
            opacity = float(self._fade.currentValue()) if self._is_fading else 1.0
            place = viewport.rect_to_widget(current.area)
            overlays.paint_picture(painter, current.image, place, opacity)
        if preview is not None:
            self._paint_progress(painter, preview, viewport, colours)

    @property
    def _is_fading(self) -> bool:
        return self._fade.state() is QVariantAnimation.State.Running

    def _paint_progress(
        self, painter: QPainter, preview: StagedPreview, viewport: Viewport, colours: CanvasColours
    ) -> None:
        place = viewport.rect_to_widget(preview.run.area)
        if self._preview is None and self._shown is None:
            overlays.paint_ring(painter, place.center(), preview.fraction, colours)
        overlays.paint_progress(painter, place, preview.fraction, colours)

    def _on_candidates(self) -> None:
        before, self._shown = self._shown, self._staging.current
        if self._shown is before:
            return
        appeared = before is None and self._shown is not None
        self._fade.stop()
        if appeared:
            self._fade.start()
        else:
            self._preview = None
        self._tell(before.area if before is not None else None)

    def _on_preview(self) -> None:
        before = self._area
        preview = self._staging.preview
        if preview is not None:
            self._area = preview.run.area
            if preview.image is not None and self._shown is None:
                self._preview = _masked(preview.image, preview.run.shape)
        elif not self._is_fading:
            self._preview = None
        self._tell(before)

    def _forget_preview(self) -> None:
        self._preview = None
        self._tell()

    def _tell(self, also: object = None) -> None:
        """Says where it looks different: where things are, and where they were."""
        areas = [self._area, self._shown.area if self._shown is not None else None]
        areas += [also] if isinstance(also, Bounds) else []
        dirty = Bounds(0, 0, 0, 0)
        for area in areas:
            dirty = dirty.union(area) if area is not None else dirty
        if not dirty.is_empty:
            self.changed.emit(dirty)


def extent_of(dirty: Bounds, viewport: Viewport) -> QRectF:
    """The part of the view in which something staged there is drawn."""
    place = viewport.rect_to_widget(dirty).adjusted(-LINE_ROOM, -LINE_ROOM, LINE_ROOM, LINE_ROOM)
    ring = QRectF(0.0, 0.0, overlays.RING_ROOM, overlays.RING_ROOM)
    ring.moveCenter(place.center())
    return place.united(ring)


def _masked(image: QImage, shape: QImage | None) -> QImage:
    """The preview, only where its run changes the picture."""
    if shape is None:
        return image
    size, ignore = image.size(), Qt.AspectRatioMode.IgnoreAspectRatio
    fitted = shape.scaled(size, ignore, Qt.TransformationMode.SmoothTransformation)
    result = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    result.setAlphaChannel(fitted.convertToFormat(QImage.Format.Format_Grayscale8))
    return result
