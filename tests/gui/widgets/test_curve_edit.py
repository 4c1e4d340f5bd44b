"""A curve is drawn by its points, with the pointer or the keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core.brush import LINEAR, Curve
from studio.gui.widgets.curve_edit import CurveEdit

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def edit(qtbot: QtBot) -> CurveEdit:
    edit = CurveEdit("Curve")
    qtbot.addWidget(edit)
    edit.resize(212, 112)  # 200 by 100 within its border
    edit.show()
    return edit


def spot(x: float, y: float) -> QPoint:
    return QPoint(round(6 + 200 * x), round(106 - 100 * y))


def test_a_point_is_dragged(edit: CurveEdit) -> None:
    QTest.mousePress(edit, LEFT, pos=spot(0, 0))
    QTest.mouseMove(edit, spot(0.3, 0.4))
    QTest.mouseRelease(edit, LEFT, pos=spot(0.3, 0.4))
    QTest.mouseMove(edit, spot(0.9, 0.9))
    (start, end) = edit.curve.points
    assert start[0] == 0.0
    assert start[1] == pytest.approx(0.4, abs=0.02)
    assert end == (1.0, 1.0)


def test_a_click_beside_the_line_makes_a_point_and_two_remove_it(edit: CurveEdit) -> None:
    told: list[Curve] = []
    edit.changed.connect(told.append)
    QTest.mouseClick(edit, LEFT, pos=spot(0.5, 0.9))
    assert told[-1].at(0.5) == pytest.approx(0.9, abs=0.02)
    QTest.mouseDClick(edit, LEFT, pos=spot(0.5, 0.9))
    assert told[-1] == LINEAR


def test_points_never_pass_each_other(edit: CurveEdit) -> None:
    QTest.mouseClick(edit, LEFT, pos=spot(0.5, 0.9))
    QTest.mousePress(edit, LEFT, pos=spot(0.5, 0.9))
    QTest.mouseMove(edit, spot(1.0, 0.2))
    middle = edit.curve.points[1]
    assert 0.9 < middle[0] < 1.0


def test_the_ends_stay(edit: CurveEdit) -> None:
    QTest.mouseDClick(edit, LEFT, pos=spot(0, 0))
    QTest.mouseDClick(edit, LEFT, pos=spot(1, 1))
    assert len(edit.curve.points) == 2


def test_the_keys_move_points_too(edit: CurveEdit) -> None:
    QTest.keyClick(edit, Qt.Key.Key_Up)
    QTest.keyClick(edit, Qt.Key.Key_Right)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    start, end = edit.curve.points
    assert start == (0.0, 0.05)
    assert end == pytest.approx((1.0, 0.9))


def test_showing_a_curve_tells_nobody(edit: CurveEdit) -> None:
    told: list[Curve] = []
    edit.changed.connect(told.append)
    close = Curve(((0.0, 0.2), (0.5, 0.3), (0.51, 0.4), (0.52, 0.5), (1.0, 0.9)))
    edit.set_curve(close)
    assert edit.curve == close
    assert not told
    QTest.mousePress(edit, LEFT, pos=spot(0.51, 0.4))
    QTest.mouseMove(edit, spot(0.9, 0.45))
    assert len(edit.curve.points) == 5
