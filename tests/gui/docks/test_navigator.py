"""The navigator shows the whole canvas, and moves the view over it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.commands.layer import AddLayer
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.gui.canvas.view import CanvasView
from studio.gui.docks.navigator import NavigatorPanel, Thumbnail
from studio.gui.workspace import Workspace
from tests.helpers.documents import RED, solid

BLUE = Colour(0, 0, 255)


@pytest.fixture
def workspace(qtbot: QtBot) -> Workspace:
    """Red on the left half of a wide canvas."""
    workspace = Workspace()
    workspace.replace_document(Document(Bounds(0, 0, 2000, 1000)))
    workspace.stack.push(AddLayer(RasterLayer.from_picture("red", solid(1000, 1000, RED))))
    return workspace


@pytest.fixture
def view(workspace: Workspace, qtbot: QtBot) -> CanvasView:
    view = CanvasView(workspace)
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    view.show_actual()
    return view


@pytest.fixture
def panel(workspace: Workspace, view: CanvasView, qtbot: QtBot) -> NavigatorPanel:
    panel = NavigatorPanel(workspace, view)
    qtbot.addWidget(panel)
    panel.resize(240, 200)
    panel.show()
    return panel


def colour(thumbnail: Thumbnail, x: float, y: float) -> QColor:
    """What the thumbnail shows of a place of the canvas."""
    place = thumbnail.viewport.to_widget(QPointF(x, y)).toPoint()
    return QColor(thumbnail.grab().toImage().pixelColor(place))


def test_the_thumbnail_shows_the_picture_once_it_is_composed(
    panel: NavigatorPanel, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: panel.thumbnail.is_up_to_date)
    assert colour(panel.thumbnail, 200, 100) == QColor(*RED)
    assert colour(panel.thumbnail, 1800, 900).saturation() == 0


def test_an_edit_shows_in_the_thumbnail(
    panel: NavigatorPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: panel.thumbnail.is_up_to_date)
    layer = RasterLayer.from_picture("blue", solid(600, 600, BLUE), Point(1400, 400))
    workspace.stack.push(AddLayer(layer))
    qtbot.waitUntil(lambda: panel.thumbnail.is_up_to_date)
    assert colour(panel.thumbnail, 1800, 900) == QColor(*BLUE)


def test_a_press_brings_that_place_into_the_middle_of_the_view(
    panel: NavigatorPanel, view: CanvasView
) -> None:
    thumbnail = panel.thumbnail
    place = thumbnail.viewport.to_widget(QPointF(1500, 600)).toPoint()
    QTest.mouseClick(thumbnail, Qt.MouseButton.LeftButton, pos=place)
    middle = view.viewport.to_canvas(QPointF(200, 150))
    reach = 1.0 / thumbnail.viewport.zoom
    assert (middle.x(), middle.y()) == pytest.approx((1500, 600), abs=reach)


def test_the_thumbnail_turns_with_the_view(panel: NavigatorPanel, view: CanvasView) -> None:
    view.navigator.turn_to(90.0)
    shown = panel.thumbnail.viewport.rect_to_widget(Bounds(0, 0, 2000, 1000))
    assert shown.height() == pytest.approx(2 * shown.width())
    assert panel.thumbnail.rect().toRectF().contains(shown)


def test_the_slider_zooms_and_follows_the_zoom(panel: NavigatorPanel, view: CanvasView) -> None:
    slider = panel.findChild(QSlider)
    assert isinstance(slider, QSlider)
    view.navigator.zoom_to(64.0)
    assert slider.value() == slider.maximum()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert view.zoom == pytest.approx(0.01)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert 0.01 < view.zoom < 0.012


def test_another_document_takes_the_first_ones_place(
    panel: NavigatorPanel, workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.new_document(Document(Bounds(0, 0, 300, 300)))
    qtbot.waitUntil(lambda: panel.thumbnail.is_up_to_date)
    assert colour(panel.thumbnail, 20, 20).saturation() == 0
