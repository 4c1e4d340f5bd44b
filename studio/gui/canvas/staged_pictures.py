"""Shows candidates and previews where they belong on the canvas."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import QObject, QPoint, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QImage, QPainter

from studio.core.compositor import render
from studio.core.geometry import Bounds
from studio.core.projection import IDENTITY, bounds_around
from studio.core.raster import image_of, pixels_of
from studio.gui.canvas import overlays
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.staging import StagedCandidate, StagedPreview
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace

FADE_MILLISECONDS = 180
LINE_ROOM = 4
RIM = 5
"""Side of the square by which a patch is widened, so that its rim is scaled with what is below."""


class StagedPictures(QObject):
    """Draws what the staging model holds; a result fades in over its preview.

    Signals:
        changed(Bounds): it looks different there, in canvas coordinates.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._staging = staging = workspace.staging
        self._shown: StagedCandidate | None = None
        self._laid: QImage | None = None
        self._preview: QImage | None = None
        self._area: Bounds | None = None
        self._projection = IDENTITY
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
            overlays.paint_picture(
                painter, self._preview, self._area, viewport, projection=self._projection
            )
        if current is not None:
            opacity = float(self._fade.currentValue()) if self._is_fading else 1.0
            picture = self._laid_over(current)
            run = current.run
            overlays.paint_picture(painter, picture, run.area, viewport, opacity, run.projection)
        if preview is not None:
            self._paint_progress(painter, preview, viewport, colours)

    def forget_below(self) -> None:
        """The document looks different, and so does a patch laid over it."""
        self._laid = None

    def _laid_over(self, candidate: StagedCandidate) -> QImage:
        """What is drawn of a candidate: a patch with a rim of what lies below it."""
        if not candidate.image.hasAlphaChannel() or not candidate.run.projection.is_identity:
            return candidate.image
        if self._laid is None:
            below = render(self._workspace.document, candidate.area)
            self._laid = laid_over(below, candidate.image)
        return self._laid

    @property
    def _place(self) -> Bounds | None:
        """Where the preview is, or was last."""
        return bounds_around(self._projection.quad(self._area), 0.5) if self._area else None

    @property
    def _is_fading(self) -> bool:
        return self._fade.state() is QVariantAnimation.State.Running

    def _paint_progress(
        self, painter: QPainter, preview: StagedPreview, viewport: Viewport, colours: CanvasColours
    ) -> None:
        place = viewport.rect_to_widget(preview.run.place)
        if self._preview is None and self._shown is None:
            overlays.paint_ring(painter, place.center(), preview.fraction, colours)
        overlays.paint_progress(painter, place, preview.fraction, colours)

    def _on_candidates(self) -> None:
        before, self._shown = self._shown, self._staging.current
        if self._shown is before:
            return
        self._laid = None
        appeared = before is None and self._shown is not None
        self._fade.stop()
        if appeared:
            self._fade.start()
        else:
            self._preview = None
        self._tell(before.area if before is not None else None)

    def _on_preview(self) -> None:
        before = self._place
        preview = self._staging.preview
        if preview is not None:
            self._area, self._projection = preview.run.area, preview.run.projection
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
        areas = [self._place, self._shown.area if self._shown is not None else None]
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


def laid_over(below: QImage, patch: QImage) -> QImage:
    """A patch over what lies below it, and a little beyond its rim; transparent elsewhere.

    Scaled by itself, the rim of a patch would half cover a place where the picture below, scaled
    by itself, ends as well: the ground would show through as a line. So the two are put together
    first.

    Args:
        below: what the patch is laid over, of its size.
        patch: premultiplied, transparent where the picture stays as it is.
    """
    whole = below.copy()
    painter = QPainter(whole)
    painter.drawImage(QPoint(0, 0), patch)
    painter.end()
    covered = (pixels_of(patch)[..., 3] > 0).astype(np.uint8)
    widened = cv2.dilate(covered, np.ones((RIM, RIM), np.uint8))
    return image_of(pixels_of(whole) * widened[..., np.newaxis]).copy()


def _masked(image: QImage, shape: QImage | None) -> QImage:
    """The preview, only where its run changes the picture."""
    if shape is None:
        return image
    size, ignore = image.size(), Qt.AspectRatioMode.IgnoreAspectRatio
    fitted = shape.scaled(size, ignore, Qt.TransformationMode.SmoothTransformation)
    result = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    result.setAlphaChannel(fitted.convertToFormat(QImage.Format.Format_Grayscale8))
    return result
