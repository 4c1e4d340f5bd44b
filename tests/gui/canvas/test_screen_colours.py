"""Pictures are shown in the colours of the screen, where Qt knows them."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QColorSpace, QImage

from studio.gui.canvas.screen_colours import SRGB, ScreenColours, profile_of
from studio.gui.canvas.view import CanvasView
from studio.gui.workspace import Workspace
from tests.gui.canvas.looks import RED, shown

MADE_UP = QColorSpace(
    QPointF(0.3127, 0.3290),
    QPointF(0.70, 0.29),
    QPointF(0.17, 0.78),
    QPointF(0.13, 0.05),
    QColorSpace.TransferFunction.Gamma,
    2.2,
)
"""A screen of deeper colours than sRGB has."""


def image(colour: QColor) -> QImage:
    picture = QImage(4, 4, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(colour)
    return picture


def test_srgb_and_unknown_screens_change_nothing() -> None:
    picture = image(QColor(200, 40, 40))
    for colours in (ScreenColours(), ScreenColours(SRGB), ScreenColours(QColorSpace())):
        assert colours.changes_nothing
        assert colours.shown(picture) is picture


def test_on_a_wider_screen_colours_are_paler_numbers() -> None:
    shown = ScreenColours(MADE_UP).shown(image(QColor(200, 40, 40))).pixelColor(1, 1)
    assert shown.red() < 200 and shown.green() > 40


def test_greys_stay_grey_and_transparency_stays() -> None:
    colours = ScreenColours(MADE_UP)
    grey = colours.shown(image(QColor(128, 128, 128))).pixelColor(0, 0)
    channels = (grey.red(), grey.green(), grey.blue())
    assert max(channels) - min(channels) <= 1
    assert colours.shown(image(QColor(0, 0, 0, 0))).pixelColor(0, 0).alpha() == 0


def test_the_picture_that_was_given_stays_as_it_is() -> None:
    picture = image(QColor(200, 40, 40))
    ScreenColours(MADE_UP).shown(picture)
    assert picture.pixelColor(0, 0) == QColor(200, 40, 40)


def test_a_view_shows_the_picture_in_the_screens_colours(
    painted: Workspace, view: CanvasView
) -> None:
    assert profile_of(view) == SRGB
    view.set_profile(MADE_UP)
    paler = shown(view, 150, 150)
    assert paler.red() < RED.red() and paler.green() > RED.green()
    painted.new_document(painted.document)
    view.show_actual()
    middle = view.rect().center()
    assert shown(view, middle.x() - 150, middle.y() - 100) == paler
    view.set_profile(SRGB)
    assert shown(view, middle.x() - 150, middle.y() - 100) == RED
