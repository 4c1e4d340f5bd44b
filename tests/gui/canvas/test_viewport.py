"""The map between canvas and view, as laws that hold for every view."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from studio.core.geometry import Bounds
from studio.core.projection import Projection, bounds_around
from studio.gui.canvas.viewport import (
    MAX_ZOOM,
    MIN_ZOOM,
    ZOOM_STOPS,
    Viewport,
    next_stop,
    snapped_turn,
)

places = st.floats(-3000, 3000)
zooms = st.floats(MIN_ZOOM, MAX_ZOOM)
viewports = st.builds(
    Viewport,
    zoom=zooms,
    x=places,
    y=places,
    rotation=st.sampled_from([0.0, 15.0, 90.0, 217.0]),
    mirrored=st.booleans(),
)
points = st.builds(QPointF, places, places)
canvases = st.builds(
    Bounds,
    st.integers(-900, 900),
    st.integers(-900, 900),
    st.integers(1, 9000),
    st.integers(1, 900),
)
sizes = st.builds(QSizeF, st.floats(200, 2000), st.floats(200, 2000))


def near(a: QPointF, b: QPointF, tolerance: float = 1e-3) -> bool:
    return math.hypot(a.x() - b.x(), a.y() - b.y()) <= tolerance


@given(viewports, points)
def test_what_goes_to_the_view_comes_back_to_the_same_place(
    viewport: Viewport, point: QPointF
) -> None:
    assert near(viewport.to_canvas(viewport.to_widget(point)), point)


@given(viewports, zooms, points)
def test_zooming_keeps_the_point_under_the_cursor(
    viewport: Viewport, zoom: float, cursor: QPointF
) -> None:
    held = viewport.to_canvas(cursor)
    assert near(viewport.zoomed(zoom, cursor).to_widget(held), cursor, 1e-2)


@given(viewports, st.floats(-360, 360), points)
def test_turning_and_mirroring_keep_the_point_under_the_cursor(
    viewport: Viewport, degrees: float, cursor: QPointF
) -> None:
    held = viewport.to_canvas(cursor)
    assert near(viewport.turned(degrees, cursor).to_widget(held), cursor, 1e-2)
    assert near(viewport.flipped(cursor).to_widget(held), cursor, 1e-2)


@given(viewports, points, points)
def test_a_mirror_swaps_left_and_right_of_the_view(
    viewport: Viewport, cursor: QPointF, point: QPointF
) -> None:
    before, after = viewport.to_widget(point), viewport.flipped(cursor).to_widget(point)
    assert near(after, QPointF(2 * cursor.x() - before.x(), before.y()), 1e-2)
    assert near(viewport.flipped(cursor).flipped(cursor).to_widget(point), before, 1e-2)


@given(viewports, points, points)
def test_steps_go_to_the_view_and_back_wherever_they_begin(
    viewport: Viewport, start: QPointF, step: QPointF
) -> None:
    shown = viewport.vector_to_widget(step)
    assert near(viewport.to_widget(start) + shown, viewport.to_widget(start + step))
    assert near(viewport.vector_to_canvas(shown), step)


@given(viewports, canvases)
def test_an_outline_has_the_corners_of_the_rectangle(viewport: Viewport, canvas: Bounds) -> None:
    corners = [
        QPointF(canvas.x, canvas.y),
        QPointF(canvas.right, canvas.y),
        QPointF(canvas.right, canvas.bottom),
        QPointF(canvas.x, canvas.bottom),
    ]
    outline = viewport.outline(canvas)
    assert outline.isClosed()
    assert all(
        near(outline.at(i), viewport.to_widget(corner), 1e-2) for i, corner in enumerate(corners)
    )


@given(viewports, st.floats(-720, 720), points)
def test_a_view_is_turned_to_an_angle(viewport: Viewport, degrees: float, cursor: QPointF) -> None:
    turned = viewport.turned_to(degrees, cursor)
    assert math.isclose(math.cos(math.radians(turned.rotation - degrees)), 1.0, abs_tol=1e-9)


@given(st.floats(-720, 720))
def test_turns_by_hand_keep_to_steps(degrees: float) -> None:
    kept = snapped_turn(degrees)
    assert kept % 15.0 == 0.0 and 0.0 <= kept < 360.0
    assert math.cos(math.radians(kept - degrees)) >= math.cos(math.radians(7.6))


@given(viewports, places, places)
def test_panning_there_and_back_changes_nothing(viewport: Viewport, dx: float, dy: float) -> None:
    back = viewport.panned(dx, dy).panned(-dx, -dy)
    assert (back.x, back.y) == pytest.approx((viewport.x, viewport.y), abs=1e-6)


@given(viewports, canvases, sizes, st.floats(0, 60))
def test_a_fitted_canvas_lies_in_the_view_and_touches_its_margin(
    viewport: Viewport, canvas: Bounds, size: QSizeF, margin: float
) -> None:
    fitted = viewport.fitted(canvas, size, margin)
    shown = fitted.rect_to_widget(canvas)
    inner = QRectF(0, 0, size.width(), size.height()).adjusted(margin, margin, -margin, -margin)
    assert near(shown.center(), inner.center())
    if MIN_ZOOM < fitted.zoom < MAX_ZOOM:
        assert inner.adjusted(-0.01, -0.01, 0.01, 0.01).contains(shown)
        gap = min(inner.width() - shown.width(), inner.height() - shown.height())
        assert gap == pytest.approx(0, abs=0.01)


@given(viewports, sizes)
def test_every_point_of_the_view_shows_a_pixel_of_the_visible_area(
    viewport: Viewport, size: QSizeF
) -> None:
    visible = viewport.rect_to_canvas(QRectF(QPointF(), size))
    for x in (0.0, size.width() / 3, size.width()):
        for y in (0.0, size.height() / 2, size.height()):
            point = viewport.to_canvas(QPointF(x, y))
            assert visible.x - 1e-6 <= point.x() <= visible.right + 1e-6
            assert visible.y - 1e-6 <= point.y() <= visible.bottom + 1e-6


@given(st.floats(0.0, 1000.0), points)
def test_zoom_stays_within_its_limits(zoom: float, cursor: QPointF) -> None:
    assert MIN_ZOOM <= Viewport().zoomed(zoom, cursor).zoom <= MAX_ZOOM


@given(viewports, st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]), points)
def test_device_pixels_show_the_same_within_half_a_pixel(
    viewport: Viewport, ratio: float, point: QPointF
) -> None:
    device = viewport.in_device_pixels(ratio)
    assert (device.x, device.y) == (round(device.x), round(device.y))
    shown, exact = device.to_widget(point), viewport.to_widget(point) * ratio
    assert abs(shown.x() - exact.x()) <= 0.51
    assert abs(shown.y() - exact.y()) <= 0.51


@given(zooms)
def test_zoom_stops_lead_outwards_and_inwards(zoom: float) -> None:
    assert next_stop(zoom, 1) > zoom or next_stop(zoom, 1) == MAX_ZOOM
    assert next_stop(zoom, -1) < zoom or next_stop(zoom, -1) == MIN_ZOOM


def test_stepping_in_from_the_smallest_zoom_visits_every_stop() -> None:
    seen = [MIN_ZOOM]
    while seen[-1] < MAX_ZOOM:
        seen.append(next_stop(seen[-1], 1))
    assert tuple(seen) == ZOOM_STOPS


@given(viewports, canvases, st.sampled_from([0.5, 2.0, 4.0]))
def test_a_picture_that_is_scaled_is_shown_as_large_in_the_same_place(
    viewport: Viewport, canvas: Bounds, scale: float
) -> None:
    scaling = Projection.scaling(scale, scale, canvas.origin)
    after = viewport.projected(scaling, canvas)
    if not MIN_ZOOM < after.zoom < MAX_ZOOM:
        return
    for corner in (canvas.origin, (canvas.right, canvas.bottom)):
        before, now = QPointF(*corner), QPointF(*scaling.apply(corner))
        way = after.to_widget(now) - viewport.to_widget(before)
        assert abs(way.x()) + abs(way.y()) < 1e-3 * max(1.0, viewport.zoom)


@given(viewports, canvases)
def test_a_picture_that_is_turned_keeps_its_middle_and_its_zoom(
    viewport: Viewport, canvas: Bounds
) -> None:
    after = viewport.projected(Projection.turning(90.0, canvas.origin), canvas)
    assert math.isclose(after.zoom, viewport.zoom)
    back = after.projected(
        Projection.turning(-90.0, canvas.origin),
        bounds_around(Projection.turning(90.0, canvas.origin).quad(canvas), 0.5),
    )
    assert abs(back.x - viewport.x) + abs(back.y - viewport.y) < 1e-3 * max(1.0, viewport.zoom)
