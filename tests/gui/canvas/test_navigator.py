"""The view is moved by zooming, panning and fitting, on any screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QSize
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds
from studio.gui.canvas.navigator import Navigator

CANVAS = Bounds(0, 0, 400, 300)


@pytest.fixture
def navigator(qtbot: QtBot) -> Navigator:
    """Looks at a view of 800x600 on a usual screen."""
    navigator = Navigator()
    navigator.set_size(QSize(800, 600), 1.0)
    return navigator


def test_fitting_waits_until_the_view_has_a_size(qtbot: QtBot) -> None:
    navigator = Navigator()
    navigator.fit(CANVAS)
    assert navigator.zoom == 1.0
    navigator.set_size(QSize(800, 600), 1.0)
    assert navigator.zoom > 1.5
    assert navigator.viewport.rect_to_widget(CANVAS).center().x() == pytest.approx(400)


def test_below_a_fitted_canvas_there_is_room_for_the_staging_bar(navigator: Navigator) -> None:
    navigator.fit(Bounds(0, 0, 300, 900))
    shown = navigator.viewport.rect_to_widget(Bounds(0, 0, 300, 900))
    assert 600 - shown.bottom() > shown.top() > 20


def test_100_percent_is_one_pixel_of_the_screen_on_a_dense_one(qtbot: QtBot) -> None:
    navigator = Navigator()
    navigator.set_size(QSize(800, 600), 2.0)
    navigator.show_actual()
    assert navigator.zoom == 1.0
    assert navigator.viewport.zoom == 0.5


def test_moving_to_another_screen_keeps_the_zoom_as_it_is_read(navigator: Navigator) -> None:
    navigator.zoom_to(1.5)
    middle = navigator.viewport.to_canvas(navigator.centre)
    navigator.set_size(QSize(800, 600), 1.25)
    assert navigator.zoom == pytest.approx(1.5)
    now = navigator.viewport.to_canvas(navigator.centre)
    assert (now.x(), now.y()) == pytest.approx((middle.x(), middle.y()), abs=1e-3)


def test_moves_are_told_once_and_zooms_only_when_they_change(navigator: Navigator) -> None:
    moves: list[bool] = []
    zooms: list[float] = []
    navigator.moved.connect(lambda: moves.append(True))
    navigator.zoom_changed.connect(zooms.append)
    navigator.pan_by(5, 5)
    navigator.pan_by(0, 0)
    navigator.zoom_by(2.0, QPointF(10, 10))
    assert (len(moves), zooms) == (2, [2.0])


def test_a_point_is_brought_into_the_middle_of_a_turned_view(navigator: Navigator) -> None:
    navigator.turn_by(40.0)
    navigator.mirror()
    navigator.look_at(QPointF(120, 80))
    middle = navigator.viewport.to_widget(QPointF(120, 80))
    assert (middle.x(), middle.y()) == pytest.approx((400, 300), abs=1e-3)


def test_turning_left_of_upright_is_told_as_a_whole_turn_less(navigator: Navigator) -> None:
    navigator.turn_by(-15.0)
    assert navigator.viewport.rotation == 345.0
    navigator.turn_to(0.0)
    assert navigator.viewport.is_upright


def test_what_was_never_looked_at_is_shown_upright(navigator: Navigator) -> None:
    navigator.look_again(None, CANVAS)
    fresh = navigator.viewport
    navigator.turn_by(30)
    navigator.mirror()
    navigator.fit(CANVAS)
    assert navigator.viewport.mirrored
    navigator.look_again(None, CANVAS)
    assert navigator.viewport == fresh


def test_a_turned_canvas_is_fitted_as_it_lies(navigator: Navigator) -> None:
    navigator.fit(CANVAS)
    upright = navigator.zoom
    navigator.turn_to(90.0)
    navigator.fit(CANVAS)
    assert navigator.zoom < upright
    shown = navigator.viewport.rect_to_widget(CANVAS)
    assert shown.top() > 0 and shown.bottom() < 600
