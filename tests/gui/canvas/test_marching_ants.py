from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from studio.core.commands.selection import ClearMask, SetSelection, Target
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.selection import rectangle
from studio.gui.canvas.marching_ants import ANT, MarchingAnts
from studio.gui.canvas.viewport import Viewport
from tests.helpers.documents import records

GREY = QColor(128, 128, 128)
BOX = Bounds(20, 10, 60, 40)


class Nest:
    """Ants around a box, and what they look like."""

    def __init__(self) -> None:
        self.document = Document(Bounds(0, 0, 400, 300))
        self.stack = CommandStack(self.document)
        self.ants = MarchingAnts()
        self.ants.follow(self.document)
        self.look(Viewport())

    def select(self, box: Bounds = BOX) -> None:
        self.stack.push(SetSelection(rectangle(box)))

    def look(self, viewport: Viewport, ratio: float = 1.0) -> None:
        self.ants.set_view(viewport, QSize(200, 150), ratio)

    def picture(self, ratio: float = 1.0) -> QImage:
        image = QImage(QSize(200, 150) * ratio, QImage.Format.Format_RGB32)
        image.fill(GREY)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        self.ants.paint(painter)
        painter.end()
        return image


@pytest.fixture
def nest(qtbot: QtBot) -> Nest:
    return Nest()


def marked(image: QImage) -> set[tuple[int, int]]:
    """Where ants are."""
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {(x, y) for x, y in places if image.pixelColor(x, y) != GREY}


def test_ants_go_round_what_is_selected(nest: Nest) -> None:
    nest.select()
    there = marked(nest.picture())
    assert (BOX.x, BOX.y) in there and (BOX.right - 1, BOX.bottom - 1) in there
    assert len(there) == 2 * (BOX.width + BOX.height) - 4


def test_they_are_light_and_dark_in_turn(nest: Nest) -> None:
    nest.select()
    image = nest.picture()
    row = [image.pixelColor(BOX.x + x, BOX.y).lightness() for x in range(4 * ANT)]
    assert set(row) == {0, 255}
    assert row[: 2 * ANT] == row[2 * ANT :]


def test_at_each_step_they_go_on_within_their_region(nest: Nest) -> None:
    nest.select()
    heard = records(nest.ants.moved)
    before = nest.picture()
    nest.ants.step()
    after = nest.picture()
    assert before != after
    assert marked(before) == marked(after)
    assert all(heard[0].contains(QPoint(x, y)) for x, y in marked(after))


def test_nothing_moves_where_nothing_is_selected(nest: Nest) -> None:
    nest.picture()
    assert not nest.ants.is_marching
    nest.select()
    nest.picture()
    assert nest.ants.is_marching
    nest.stack.push(ClearMask(Target.SELECTION))
    nest.picture()
    assert not nest.ants.is_marching
    assert nest.ants.region.isEmpty()


def test_nor_where_the_edge_is_out_of_sight(nest: Nest) -> None:
    nest.select()
    nest.look(Viewport(1.0, -1000.0, 0.0))
    nest.picture()
    assert not nest.ants.is_marching


def test_a_change_is_told_of_where_the_ants_were_and_where_they_are(nest: Nest) -> None:
    nest.select()
    nest.picture()
    heard = records(nest.ants.moved)
    nest.select(Bounds(120, 90, 20, 20))
    assert heard[-1].contains(QPoint(BOX.x, BOX.y))
    assert heard[-1].contains(QPoint(120, 90))


def test_they_go_along_with_a_selection_that_is_moved(nest: Nest) -> None:
    nest.select()
    nest.look(Viewport(2.0))
    nest.ants.shift((10, 5))
    assert (2 * BOX.x + 20, 2 * BOX.y + 10) in marked(nest.picture())
    nest.ants.shift((0, 0))
    assert (2 * BOX.x, 2 * BOX.y) in marked(nest.picture())


def test_on_a_dense_screen_they_are_one_of_its_pixels_wide(nest: Nest) -> None:
    nest.select()
    nest.look(Viewport(), ratio=2.0)
    there = marked(nest.picture(2.0))
    assert (2 * BOX.x, 2 * BOX.y) in there
    assert len(there) == 2 * (2 * BOX.width + 2 * BOX.height) - 4


def test_hidden_they_are_nowhere(nest: Nest) -> None:
    nest.select()
    nest.ants.set_shown(False)
    assert not marked(nest.picture())
    nest.ants.close()
