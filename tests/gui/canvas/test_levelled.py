"""A turned view is an upright picture that is laid on the screen."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QSize

from studio.gui.canvas.levelled import Levelled
from studio.gui.canvas.viewport import Viewport

SCREEN = QSize(300, 200)
places = st.integers(-5000, 5000)
turned = st.builds(
    Viewport,
    zoom=st.floats(0.01, 64.0),
    x=places,
    y=places,
    rotation=st.floats(0.0, 359.0),
    mirrored=st.booleans(),
)
points = st.builds(QPointF, st.floats(0, 300), st.floats(0, 200))


@given(turned, points)
def test_by_way_of_the_picture_a_point_comes_to_the_same_place(
    viewport: Viewport, point: QPointF
) -> None:
    level = Levelled.of(viewport, SCREEN)
    shown = level.turn.map(level.viewport.to_widget(viewport.to_canvas(point)))
    assert math.dist(shown.toTuple(), point.toTuple()) < 1e-3


@given(turned, points)
def test_the_picture_holds_all_that_the_view_shows(viewport: Viewport, point: QPointF) -> None:
    level = Levelled.of(viewport, SCREEN)
    place = level.turn.inverted()[0].map(point)
    assert QRect(QPointF().toPoint(), level.size).toRectF().contains(place)
    assert level.seen.contains(place.toPoint())


@given(turned, st.sampled_from([0.0, 90.0, 180.0, 270.0]))
def test_quarter_turns_lay_pixels_on_pixels(viewport: Viewport, rotation: float) -> None:
    square = Viewport(viewport.zoom, viewport.x, viewport.y, rotation, viewport.mirrored)
    level = Levelled.of(square, SCREEN)
    assert level.is_square
    corner = level.turn.map(QPointF(7, 11))
    assert corner == QPointF(round(corner.x()), round(corner.y()))


def test_an_upright_view_is_its_own_picture() -> None:
    viewport = Viewport(2.0, 30, 40)
    level = Levelled.of(viewport, SCREEN)
    assert (level.viewport, level.size) == (viewport, SCREEN)
    assert level.turn.isIdentity()
