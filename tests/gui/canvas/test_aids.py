"""Grid and guides are drawn where they lie, in every view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from studio.core.commands.canvas import SetGuides
from studio.core.guides import Guide, Orientation
from studio.gui.canvas.aids import AidSettings, guide_at, place_of, runs_down
from studio.gui.canvas.view import CanvasView
from studio.gui.canvas.viewport import Viewport
from studio.gui.workspace import Workspace
from tests.gui.canvas.looks import look, shown

ACROSS, DOWN = Orientation.HORIZONTAL, Orientation.VERTICAL
GUIDES = (Guide(ACROSS, 40), Guide(DOWN, 120))
viewports = st.builds(
    Viewport,
    zoom=st.floats(0.05, 32.0),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
    rotation=st.floats(0, 359),
    mirrored=st.booleans(),
)


@given(viewports, st.floats(-300, 300))
def test_a_guide_is_under_every_place_on_it(viewport: Viewport, along: float) -> None:
    for guide, point in zip(GUIDES, (QPointF(along, 40), QPointF(120, along)), strict=True):
        assert guide_at((guide,), viewport, viewport.to_widget(point)) == guide


@given(viewports)
def test_no_guide_is_under_a_place_far_from_all(viewport: Viewport) -> None:
    far = viewport.to_widget(QPointF(120, 40)) + QPointF(200, 200)
    off = viewport.to_canvas(far)
    clear = min(abs(off.y() - 40), abs(off.x() - 120)) * viewport.zoom > 5
    assert not clear or guide_at(GUIDES, viewport, far) is None


def test_a_guide_lies_between_two_pixels() -> None:
    assert place_of(ACROSS, QPointF(3.2, 7.6)) == 8
    assert place_of(DOWN, QPointF(3.2, 7.6)) == 3


@pytest.mark.parametrize(("rotation", "down"), [(0.0, False), (30.0, False), (90.0, True)])
def test_guides_run_as_the_view_is_turned(rotation: float, down: bool) -> None:
    assert runs_down(ACROSS, Viewport(rotation=rotation)) is down
    assert runs_down(DOWN, Viewport(rotation=rotation)) is not down


def test_guides_are_drawn_across_the_whole_view_and_can_be_hidden(
    painted: Workspace, view: CanvasView
) -> None:
    plain = look(view)
    painted.stack.push(SetGuides(GUIDES))
    for x in (20, 250, 580):
        assert shown(view, x, 140).blue() > 180
    for y in (20, 300):
        assert shown(view, 220, y).blue() > 180
    painted.tool_settings.change(AidSettings, guides=False)
    assert look(view) == plain


def test_the_grid_is_drawn_over_the_canvas_alone(painted: Workspace, view: CanvasView) -> None:
    before = look(view)
    painted.tool_settings.change(AidSettings, grid=True, spacing=50)
    after = look(view)
    assert after.pixelColor(150, 130) != before.pixelColor(150, 130)
    assert after.pixelColor(175, 130) == before.pixelColor(175, 130)
    assert after.pixelColor(50, 130) == before.pixelColor(50, 130)


def test_a_grid_too_fine_to_see_is_thinned(painted: Workspace, view: CanvasView) -> None:
    view.navigator.zoom_to(0.05)
    before = look(view)
    painted.tool_settings.change(AidSettings, grid=True, spacing=2)
    after = look(view)
    row = round(view.viewport.to_widget(QPointF(0, 150)).y())
    left, right = (round(view.viewport.to_widget(QPointF(x, 0)).x()) for x in (20, 380))
    changed = [
        x for x in range(left, right) if after.pixelColor(x, row) != before.pixelColor(x, row)
    ]
    assert 0 < len(changed) < (right - left) / 2
