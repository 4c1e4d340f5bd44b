"""Edges and middles that things are drawn to while they are moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.guides import Orientation
from studio.core.layers import GroupLayer, Layer

REACH = 8.0
"""How near an edge must come to be drawn to a line, in screen pixels."""
_NOTHING = Bounds(0, 0, 0, 0)


class SnapSettings(msgspec.Struct, frozen=True):
    """What things are drawn to.

    Attributes:
        enabled: whether they are at all.
        canvas: to its edges and its middle.
        guides, frame: to these.
        layers: to the edges and middles of the other visible layers.
        grid: to the lines between so many pixels; None for no grid.
    """

    enabled: bool = True
    canvas: bool = True
    guides: bool = True
    frame: bool = True
    layers: bool = True
    grid: int | None = None


class Snapped(NamedTuple):
    """Where something is drawn to.

    Attributes:
        dx, dy: how far to move it further.
        columns, rows: the lines that it lies at then.
    """

    dx: float
    dy: float
    columns: tuple[float, ...] = ()
    rows: tuple[float, ...] = ()

    def along(self, *, across: bool) -> Snapped:
        """Only sideways, or only up and down."""
        return (
            Snapped(self.dx, 0.0, self.columns) if across else Snapped(0.0, self.dy, (), self.rows)
        )


class SnapLines(msgspec.Struct, frozen=True):
    """The lines that things may be drawn to.

    Attributes:
        columns: those that run down, by their x.
        rows: those that run across, by their y.
        grid: distance of the grid's lines from each other, counted from ``origin``; None for none.
        origin: the canvas' corner.
    """

    columns: frozenset[float] = frozenset()
    rows: frozenset[float] = frozenset()
    grid: int | None = None
    origin: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(
        cls, document: Document, settings: SnapSettings, without: Iterable[Layer] = ()
    ) -> SnapLines:
        """The lines of a document.

        Args:
            without: the layers that are moved themselves.
        """
        if not settings.enabled:
            return cls()
        boxes = []
        if settings.canvas:
            boxes.append(document.canvas)
        if settings.frame:
            boxes.append(document.frame)
        if settings.layers:
            boxes += _layer_boxes(document, frozenset(without))
        columns = {value for box in boxes for value in _thirds(box.x, box.width)}
        rows = {value for box in boxes for value in _thirds(box.y, box.height)}
        for guide in document.guides if settings.guides else ():
            across = guide.orientation is Orientation.HORIZONTAL
            (rows if across else columns).add(float(guide.position))
        return cls(frozenset(columns), frozenset(rows), settings.grid, document.canvas.origin)

    def snap(self, box: tuple[float, float, float, float], reach: float) -> Snapped:
        """Draws the edges and the middle of a box to the nearest lines.

        Args:
            box: x, y, width and height.
            reach: how far it may be drawn, in canvas pixels.

        >>> SnapLines(frozenset({100.0}), frozenset()).snap((72.0, 0.0, 30.0, 10.0), 5.0)
        Snapped(dx=-2.0, dy=0.0, columns=(100.0,), rows=())
        """
        x, y, width, height = box
        dx, columns = self._nearest(_thirds(x, width), self.columns, self.origin[0], reach)
        dy, rows = self._nearest(_thirds(y, height), self.rows, self.origin[1], reach)
        return Snapped(dx, dy, columns, rows)

    def snap_spot(self, x: float, y: float, reach: float) -> Snapped:
        """Draws a single place to the nearest lines."""
        return self.snap((x, y, 0.0, 0.0), reach)

    def _nearest(
        self, places: Iterable[float], lines: frozenset[float], origin: float, reach: float
    ) -> tuple[float, tuple[float, ...]]:
        """The shortest way to a line, and all lines that lie at a place then."""
        ways = [line - place for place in places for line in self._near(place, lines, origin)]
        way = min(ways, key=abs, default=None)
        if way is None or abs(way) > reach:
            return 0.0, ()
        met = {round(place + way, 6) for place in places} & {round(line, 6) for line in lines}
        return way, tuple(sorted(met))

    def _near(self, place: float, lines: frozenset[float], origin: float) -> Iterable[float]:
        if self.grid is None:
            return lines
        return {*lines, origin + round((place - origin) / self.grid) * self.grid}


def _thirds(start: float, size: float) -> tuple[float, ...]:
    """Both edges and the middle."""
    return (float(start), start + size / 2, float(start + size)) if size else (float(start),)


def _layer_boxes(document: Document, without: frozenset[Layer]) -> list[Bounds]:
    layers = (layer for layer in document.walk() if not isinstance(layer, GroupLayer))
    boxes = [
        layer.pixels.used_bounds() for layer in layers if layer.visible and layer not in without
    ]
    return [box for box in boxes if not box.is_empty]
