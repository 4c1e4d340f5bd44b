"""Candidates are shown in place, and chosen by keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.core.colour import Colour
from studio.core.commands.image import ImageChange, ImageSubject, change_image
from studio.core.geometry import Bounds, Extent
from studio.core.picture import Picture
from studio.engine.protocol import Candidate
from studio.gui.canvas.staged_pictures import laid_over
from studio.gui.canvas.staging import StagedRun
from studio.gui.canvas.staging_bar import StagingBar
from studio.gui.canvas.view import CanvasView
from studio.gui.engine_thread import StoredCandidate
from studio.gui.images import to_image
from studio.gui.workspace import Workspace
from tests.gui.canvas.looks import RED, look, pixel, plain, shown
from tests.gui.canvas.pictures import AREA, image, run, stored

BLUE = Colour(0, 0, 255)
ROUNDING = 1
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def staged(painted: Workspace, view: CanvasView) -> Workspace:
    """Three candidates for the left part: green, blue, yellow."""
    painted.staging.begin(run("a", Bounds(0, 0, 64, 64), count=3))
    colours = ((0, 200, 0, 255), (0, 0, 200, 255), (200, 200, 0, 255))
    for index, colour in enumerate(colours):
        painted.staging.add(stored("a", index, colour=colour))
    painted.staging.finish("a")
    return painted


def test_a_candidate_fades_in_where_it_belongs(
    staged: Workspace, view: CanvasView, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: shown(view, 130, 130) == QColor(0, 200, 0))
    assert shown(view, 280, 130) == RED
    assert pixel(staged, 30, 30) == (200, 40, 40, 255)


def test_arrows_flick_and_numbers_jump(staged: Workspace, view: CanvasView) -> None:
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert shown(view, 130, 130) == QColor(0, 0, 200)
    QTest.keyClick(view, Qt.Key.Key_3)
    assert shown(view, 130, 130) == QColor(200, 200, 0)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert staged.staging.index == 0
    QTest.keyClick(view, Qt.Key.Key_9)
    assert staged.staging.index == 0


@pytest.mark.parametrize(
    ("key", "signal"),
    [
        (Qt.Key.Key_Return, "keep_requested"),
        (Qt.Key.Key_V, "vary_requested"),
        (Qt.Key.Key_Escape, "discard_requested"),
    ],
)
def test_keys_ask_for_what_is_to_become_of_them(
    staged: Workspace, view: CanvasView, qtbot: QtBot, key: Qt.Key, signal: str
) -> None:
    with qtbot.waitSignal(getattr(view, signal)):
        QTest.keyClick(view, key)


def test_without_candidates_the_staging_keys_mean_nothing(
    painted: Workspace, view: CanvasView
) -> None:
    asked: list[str] = []
    view.keep_requested.connect(lambda: asked.append("keep"))
    view.discard_requested.connect(lambda: asked.append("discard"))
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not asked


def test_the_bar_follows_the_view_and_goes_with_the_candidates(
    staged: Workspace, view: CanvasView
) -> None:
    bar = view.findChild(StagingBar)
    assert isinstance(bar, StagingBar)
    assert bar.isVisible()
    before = bar.pos()
    view.navigator.pan_by(60, 25)
    assert bar.pos() != before
    assert view.rect().contains(bar.geometry())
    staged.staging.dismiss()
    assert not bar.isVisible()
    assert shown(view, 190, 155) == RED


def test_a_preview_shows_only_where_its_run_paints(painted: Workspace, view: CanvasView) -> None:
    shape = QImage(64, 64, QImage.Format.Format_Grayscale8)
    shape.fill(Qt.GlobalColor.black)
    for x in range(32):
        for y in range(64):
            shape.setPixelColor(x, y, QColor("white"))
    painted.staging.begin(StagedRun("a", Bounds(0, 0, 64, 64), 1, "a fox", b"{}", shape))
    painted.staging.show_progress("a", 0.5, plain(QColor(0, 200, 0)))
    assert shown(view, 110, 130) == QColor(0, 200, 0)
    assert shown(view, 155, 130) == RED


@pytest.mark.parametrize("zoom", [1.6, 1.98, 3.3])
def test_a_patch_that_continues_the_picture_shows_no_seam_at_any_zoom(
    painted: Workspace, view: CanvasView, qtbot: QtBot, zoom: float
) -> None:
    area = Bounds(168, 100, 64, 64)  # the red square ends at 200
    pixels = np.full((64, 64, 4), (200, 40, 40, 255), np.uint8)
    pixels[:, :32] = 0
    patch = Picture.from_array(pixels)
    candidate = Candidate(job_id="a", index=0, seed=1, picture=patch)
    painted.staging.begin(run("a", area))
    painted.staging.add(StoredCandidate("a", candidate, None, to_image(patch)))
    painted.staging.finish("a")
    view.navigator.zoom_to(zoom)
    left, right = (view.viewport.to_widget(QPointF(x, 132)) for x in (190, 225))

    def strangest() -> int:
        """How far the colour of a pixel between the two is from red, at most."""
        image = look(view)
        row = (image.pixelColor(x, round(left.y())) for x in range(int(left.x()), int(right.x())))
        return max(abs(pixel.green() - RED.green()) for pixel in row)

    qtbot.waitUntil(lambda: strangest() <= ROUNDING)


def test_a_patch_takes_a_rim_of_what_lies_below_with_it() -> None:
    patch = image(4, (0, 0, 0, 0))
    patch.setPixelColor(0, 0, QColor(1, 2, 3))
    below = laid_over(image(4, (9, 9, 9, 255)), patch)
    assert below.pixelColor(0, 0) == QColor(1, 2, 3)
    assert below.pixelColor(2, 2) == QColor(9, 9, 9)
    assert below.pixelColor(3, 3).alpha() == 0


def test_the_first_candidate_brings_the_keyboard_unless_one_is_writing(
    painted: Workspace, view: CanvasView, qtbot: QtBot
) -> None:
    prompt, button = QLineEdit(view), QPushButton(view)
    prompt.show()
    button.show()
    with qtbot.waitActive(view):
        view.activateWindow()
    for widget, is_taken in ((button, True), (prompt, False)):
        widget.setFocus()
        painted.staging.begin(run("a", AREA))
        painted.staging.add(stored("a", 0))
        assert view.hasFocus() is is_taken
        painted.staging.dismiss()


def test_a_candidate_stays_on_its_part_of_a_picture_that_is_scaled(
    staged: Workspace, view: CanvasView, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: shown(view, 130, 130) == QColor(0, 200, 0))
    document, zoom = staged.document, view.zoom
    change = ImageChange.scaled(document.canvas, Extent(800, 600))
    subject = ImageSubject.take(document)
    outcome = subject.projected(change.projection)
    staged.stack.push(change_image(document, subject, change, outcome))
    for _ in range(2):
        assert shown(view, 130, 130) == QColor(0, 200, 0)
        assert shown(view, 155, 155) == QColor(0, 200, 0)
        assert shown(view, 175, 155) == RED
        view.repaint()
    assert view.zoom == zoom / 2
    staged.stack.undo()
    assert view.zoom == zoom
    assert shown(view, 130, 130) == QColor(0, 200, 0) and shown(view, 175, 155) == RED
