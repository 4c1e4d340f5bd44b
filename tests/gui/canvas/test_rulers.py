"""Rulers read the canvas' own pixels, at every zoom and in every turn."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from studio.core.guides import Orientation
from studio.gui.canvas.aids import AidSettings
from studio.gui.canvas.page import CanvasPage
from studio.gui.canvas.rulers import MAJOR, MINOR, Scale, parted, spacing
from studio.gui.canvas.view import CanvasView
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace
from tests.gui.canvas.hand import Hand

viewports = st.builds(
    Viewport,
    zoom=st.floats(0.01, 64.0),
    x=st.floats(-900, 900),
    y=st.floats(-900, 900),
    rotation=st.floats(0, 359),
    mirrored=st.booleans(),
)


@given(viewports, st.booleans(), st.floats(0, 1000))
def test_a_mark_lies_where_its_row_or_column_meets_the_ruler(
    viewport: Viewport, down: bool, along: float
) -> None:
    scale = Scale.of(viewport, down=down)
    met = viewport.to_canvas(QPointF(0, along) if down else QPointF(along, 0))
    value = met.x() if scale.guide is Orientation.HORIZONTAL else met.y()
    assert math.isclose(scale.place(value), along, abs_tol=1e-3)


def test_the_rulers_of_an_upright_view_read_columns_and_rows() -> None:
    viewport = Viewport(zoom=2.0, x=100, y=50)
    top, side = Scale.of(viewport, down=False), Scale.of(viewport, down=True)
    assert (top.guide, top.place(10)) == (Orientation.HORIZONTAL, 120.0)
    assert (side.guide, side.place(10)) == (Orientation.VERTICAL, 70.0)


@given(st.floats(1 / 64, 100.0))
def test_numbers_are_round_and_never_crowded(step: float) -> None:
    apart = spacing(step, MAJOR)
    assert apart / step >= MAJOR * 0.999
    assert str(apart)[0] in "125" and not str(apart)[1:].strip("0")
    small = parted(apart, step)
    assert apart % small == 0
    assert small == apart or small / step >= MINOR


@given(viewports, st.integers(1, 500), st.integers(1, 400))
def test_all_marks_of_the_ruler_are_drawn(viewport: Viewport, apart: int, length: int) -> None:
    scale = Scale.of(viewport, down=False)
    marks = scale.marks(length, apart)
    ends = sorted((scale.start, scale.start + scale.step * length))
    first = math.ceil(ends[0] / apart) * apart
    assert first > ends[1] or first in marks
    assert all(value % apart == 0 for value in marks)


@pytest.fixture
def page(workspace: Workspace, view: CanvasView, qtbot: QtBot) -> CanvasPage:
    page = CanvasPage(workspace, view)
    qtbot.addWidget(page)
    page.resize(500, 400)
    page.show()
    return page


def test_rulers_are_shown_when_they_are_wanted(page: CanvasPage, workspace: Workspace) -> None:
    assert not any(ruler.isVisible() for ruler in page.rulers)
    workspace.tool_settings.change(AidSettings, rulers=True)
    assert all(ruler.isVisible() for ruler in page.rulers)


def test_a_ruler_follows_the_view_and_the_pointer(
    page: CanvasPage, workspace: Workspace, view: CanvasView
) -> None:
    workspace.tool_settings.change(AidSettings, rulers=True)
    for number, ruler in enumerate(page.rulers):
        first = ruler.grab().toImage()
        view.navigator.pan_by(13, 13)
        second = ruler.grab().toImage()
        Hand(view).move((90.0 + number, 90.0 + number))
        assert first != second != ruler.grab().toImage()
    view.navigator.turn_to(30.0)
    assert all(not ruler.grab().isNull() for ruler in page.rulers)
