"""How the canvas is looked at: the map between canvas pixels and the view's own coordinates."""

from __future__ import annotations

import math

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPolygonF, QTransform

from studio.core.geometry import Bounds
from studio.core.projection import Projection

MIN_ZOOM = 0.01
MAX_ZOOM = 64.0
TURN_STEP = 15.0
"""Degrees that the view is turned by at once, and that a turn by hand keeps to."""
WHEEL_STEP = 2.0**0.25
"""What one notch of the wheel multiplies the zoom by: four notches double it."""
ZOOM_STOPS = (
    *(0.01, 0.02, 0.03, 0.05, 0.067, 0.1, 0.125, 0.167, 0.25, 0.333, 0.5, 0.667),
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0),
)
"""The zooms that "zoom in" and "zoom out" stop at."""


class Viewport(msgspec.Struct, frozen=True):
    """A zoom, a rotation and a place, as one immutable value.

    Attributes:
        zoom: view units per canvas pixel, 0.01 to 64 (on a screen with a device pixel ratio the
            view divides what the person reads as 100 % by that ratio).
        x, y: where the canvas' origin lies in the view.
        rotation: degrees clockwise.
        mirrored: whether left and right are swapped, before the rotation.
    """

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    rotation: float = 0.0
    mirrored: bool = False

    @property
    def transform(self) -> QTransform:
        """Takes canvas coordinates to the view's."""
        return (
            QTransform()
            .translate(self.x, self.y)
            .rotate(self.rotation)
            .scale(-self.zoom if self.mirrored else self.zoom, self.zoom)
        )

    @property
    def is_upright(self) -> bool:
        """Whether canvas rows and columns run along the view's, unmirrored."""
        return self.rotation == 0.0 and not self.mirrored

    @property
    def is_square(self) -> bool:
        """Whether canvas rows and columns run along the view's, whichever way round."""
        return self.rotation % 90.0 == 0.0

    def to_widget(self, point: QPointF) -> QPointF:
        """A canvas point in the view."""
        return self.transform.map(point)

    def to_canvas(self, point: QPointF) -> QPointF:
        """A point of the view on the canvas."""
        return self.transform.inverted()[0].map(point)

    def vector_to_widget(self, vector: QPointF) -> QPointF:
        """Where a step on the canvas leads to in the view, and how far."""
        return self.transform.map(vector) - QPointF(self.x, self.y)

    def vector_to_canvas(self, vector: QPointF) -> QPointF:
        """Where a step in the view leads to on the canvas, and how far."""
        return self.to_canvas(vector + QPointF(self.x, self.y))

    def outline(self, bounds: Bounds) -> QPolygonF:
        """The rectangle of these canvas pixels as it lies in the view, closed, from its origin."""
        return self.transform.map(QPolygonF(QRectF(*bounds)))

    def rect_to_widget(self, bounds: Bounds) -> QRectF:
        """The upright rectangle of the view that holds these canvas pixels."""
        return self.transform.mapRect(QRectF(*bounds))

    def rect_to_canvas(self, rect: QRectF) -> Bounds:
        """The canvas pixels that a rectangle of the view shows, those shown in part included."""
        mapped = self.transform.inverted()[0].mapRect(rect)
        return Bounds.from_edges(
            math.floor(mapped.left()),
            math.floor(mapped.top()),
            math.ceil(mapped.right()),
            math.ceil(mapped.bottom()),
        )

    def panned(self, dx: float, dy: float) -> Viewport:
        """Moved by view units."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, zoom: float, anchor: QPointF) -> Viewport:
        """At another zoom, held within its limits; the canvas point under ``anchor`` stays."""
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        ratio = zoom / self.zoom
        return replace(
            self,
            zoom=zoom,
            x=anchor.x() + (self.x - anchor.x()) * ratio,
            y=anchor.y() + (self.y - anchor.y()) * ratio,
        )

    def turned(self, degrees: float, anchor: QPointF) -> Viewport:
        """Rotated further; the canvas point under ``anchor`` stays."""
        held = self.to_canvas(anchor)
        turned = replace(self, rotation=(self.rotation + degrees) % 360.0)
        return turned._carrying(held, anchor)

    def turned_to(self, degrees: float, anchor: QPointF) -> Viewport:
        """Rotated to that angle; the canvas point under ``anchor`` stays."""
        return self.turned(degrees - self.rotation, anchor)

    def flipped(self, anchor: QPointF) -> Viewport:
        """As a mirror shows it, left and right of the view swapped; ``anchor``'s point stays."""
        held = self.to_canvas(anchor)
        flipped = replace(self, mirrored=not self.mirrored, rotation=-self.rotation % 360.0)
        return flipped._carrying(held, anchor)

    def centred(self, bounds: Bounds, size: QSizeF, zoom: float) -> Viewport:
        """With the middle of these pixels in the middle of a view of that size."""
        middle = QPointF(bounds.x + bounds.width / 2, bounds.y + bounds.height / 2)
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        target = QPointF(size.width() / 2, size.height() / 2)
        return replace(self, zoom=zoom)._carrying(middle, target)

    def projected(self, projection: Projection, canvas: Bounds) -> Viewport:
        """Shows a picture that was scaled, turned or mirrored as large, and in the same place.

        Args:
            projection: of the whole picture.
            canvas: as it was before.
        """
        middle = (canvas.x + canvas.width / 2, canvas.y + canvas.height / 2)
        look = projection.look(middle)
        scale = math.sqrt(abs(look.scale_x * look.scale_y))
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.zoom / scale))
        held = self.to_widget(QPointF(*middle))
        return replace(self, zoom=zoom)._carrying(QPointF(*projection.apply(middle)), held)

    def fitted(self, bounds: Bounds, size: QSizeF, margin: float = 0.0) -> Viewport:
        """As large as these pixels may be shown whole, leaving a margin in view units."""
        shown = replace(self, zoom=1.0).transform.mapRect(QRectF(*bounds))
        zoom = min(
            max(1.0, size.width() - 2 * margin) / max(1.0, shown.width()),
            max(1.0, size.height() - 2 * margin) / max(1.0, shown.height()),
        )
        return self.centred(bounds, size, zoom)

    def in_device_pixels(self, ratio: float) -> Viewport:
        """The same on a screen of that device pixel ratio, with the canvas' origin on a pixel.

        So whole zooms are drawn crisply, and panning shifts the picture by whole pixels.
        """
        return replace(
            self, zoom=self.zoom * ratio, x=round(self.x * ratio), y=round(self.y * ratio)
        )

    def _carrying(self, held: QPointF, anchor: QPointF) -> Viewport:
        now = self.to_widget(held)
        return self.panned(anchor.x() - now.x(), anchor.y() - now.y())


def transform_of(projection: Projection) -> QTransform:
    """A projection of the canvas as Qt knows it, whose matrices act on rows."""
    a, b, c, d, e, f, g, h, i = projection.values
    return QTransform(a, d, g, b, e, h, c, f, i)


def next_stop(zoom: float, direction: int) -> float:
    """The stop above (1) or below (-1) a zoom; the last one where there is none beyond.

    >>> next_stop(1.0, 1), next_stop(1.2, -1), next_stop(64.0, 1)
    (1.5, 1.0, 64.0)
    """
    if direction > 0:
        return next((stop for stop in ZOOM_STOPS if stop > zoom * 1.001), MAX_ZOOM)
    return next((stop for stop in reversed(ZOOM_STOPS) if stop < zoom * 0.999), MIN_ZOOM)


def snapped_turn(degrees: float) -> float:
    """The nearest multiple of the step, from 0 up to 360.

    >>> snapped_turn(52.0), snapped_turn(-10.0), snapped_turn(359.0)
    (45.0, 345.0, 0.0)
    """
    return round(degrees / TURN_STEP) * TURN_STEP % 360.0
