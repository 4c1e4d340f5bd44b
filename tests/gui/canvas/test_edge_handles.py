"""The handles beside the canvas' edges are near when wanted, in sight, and in no stroke's way."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from studio.core.geometry import Bounds
from studio.gui.canvas.edge_handles import DISTANCE, LENGTH, REACH, edge_point, handle_near
from studio.gui.canvas.viewport import Viewport
from studio.tools.grips import GRIPS, Grip

VIEW = QSizeF(800, 600)
canvases = st.builds(
    Bounds,
    st.integers(-500, 500),
    st.integers(-500, 500),
    st.integers(64, 4000),
    st.integers(64, 4000),
)
viewports = st.builds(
    Viewport, zoom=st.floats(0.1, 8), x=st.floats(-900, 900), y=st.floats(-900, 900)
)
turned = st.builds(
    Viewport,
    zoom=st.floats(0.1, 8),
    x=st.floats(-900, 900),
    y=st.floats(-900, 900),
    rotation=st.floats(0, 359),
    mirrored=st.booleans(),
)
pointers = st.builds(QPointF, st.floats(0, 800), st.floats(0, 600))


@given(canvases, turned, pointers)
def test_a_handle_lies_in_sight(canvas: Bounds, viewport: Viewport, pointer: QPointF) -> None:
    found = handle_near(canvas, viewport, VIEW, pointer)
    assert found is None or QRectF(QPointF(), VIEW).contains(found.place)


@given(canvases, st.floats(40, 200), pointers)
def test_a_handle_lies_outside_the_canvas_where_there_is_room(
    canvas: Bounds, margin: float, pointer: QPointF
) -> None:
    viewport = Viewport().fitted(canvas, VIEW, margin)
    found = handle_near(canvas, viewport, VIEW, pointer)
    assert found is None or not found.place.intersects(viewport.rect_to_widget(canvas))


@given(canvases, viewports, pointers)
def test_no_handle_appears_far_from_every_edge(
    canvas: Bounds, viewport: Viewport, pointer: QPointF
) -> None:
    shown = viewport.rect_to_widget(canvas)
    inside = shown.adjusted(REACH, REACH, -REACH, -REACH)
    outside = shown.adjusted(-REACH, -REACH, REACH, REACH)
    assume(inside.contains(pointer) or not outside.contains(pointer))
    assume(min(shown.width(), shown.height()) > 2 * REACH)
    assert handle_near(canvas, viewport, VIEW, pointer) is None


def test_each_edge_and_corner_has_its_own() -> None:
    canvas, viewport = Bounds(0, 0, 400, 300), Viewport(x=200, y=150)
    for grip in GRIPS:
        pointer = viewport.to_widget(edge_point(canvas, grip))
        found = handle_near(canvas, viewport, VIEW, pointer)
        assert found is not None and found.grip == grip
        assert found.is_under(found.place.center())


def test_an_edge_out_of_sight_has_none() -> None:
    canvas, viewport = Bounds(0, 0, 4000, 300), Viewport(x=-100, y=150)
    assert handle_near(canvas, viewport, VIEW, QPointF(2, 300)) is None
    found = handle_near(canvas, viewport, VIEW, QPointF(300, 152))
    assert found is not None and found.grip == Grip.TOP


@given(st.floats(0, 359), st.booleans(), st.sampled_from(GRIPS))
def test_in_a_turned_view_handles_lie_beside_their_edges(
    rotation: float, mirrored: bool, grip: Grip
) -> None:
    canvas = Bounds(0, 0, 200, 160)
    viewport = Viewport(rotation=rotation, mirrored=mirrored)
    viewport = viewport.centred(canvas, VIEW, 1.0)
    found = handle_near(canvas, viewport, VIEW, viewport.to_widget(edge_point(canvas, grip)))
    assert found is not None and found.grip == grip
    here = viewport.to_canvas(found.centre)
    assert not QRectF(*canvas).contains(here)
    assert found.is_under(found.centre)
    along = edge_point(canvas, grip) - here
    away = viewport.to_widget(along) - viewport.to_widget(QPointF())
    assert abs(away.manhattanLength()) <= 4 * DISTANCE


def test_a_turned_handle_is_taken_hold_of_along_its_length() -> None:
    canvas = Bounds(0, 0, 200, 160)
    viewport = Viewport(rotation=90.0).centred(canvas, VIEW, 1.0)
    top = handle_near(canvas, viewport, VIEW, viewport.to_widget(QPointF(100, 0)))
    assert top is not None
    assert top.place.height() > top.place.width()
    assert top.is_under(top.centre + QPointF(0, LENGTH / 2))
    assert not top.is_under(top.centre + QPointF(LENGTH / 2, 0))
