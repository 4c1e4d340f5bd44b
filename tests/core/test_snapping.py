from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.core.geometry import Bounds
from studio.core.guides import Guide, Orientation
from studio.core.layers import RasterLayer
from studio.core.snapping import SnapLines, SnapSettings
from tests.helpers.documents import RED, document_with, solid

CANVAS = Bounds(0, 0, 200, 100)
ONLY_CANVAS = SnapSettings(guides=False, frame=False, layers=False)


def test_edges_and_middles_are_drawn_to_those_of_the_canvas() -> None:
    lines = SnapLines.of(document_with(canvas=CANVAS), ONLY_CANVAS)
    left = lines.snap((3, 40, 20, 7), 5)
    assert (left.dx, left.columns) == (-3, (0.0,))
    assert (left.dy, left.rows) == (0.0, ()) or left.rows == (50.0,)
    middle = lines.snap((88, 44, 20, 10), 5)
    assert (middle.dx, middle.dy) == (2, 1)
    assert middle.columns == (100.0,) and middle.rows == (50.0,)
    assert lines.snap((183, 20, 20, 10), 5).dx == -3


def test_what_is_far_from_all_lines_stays() -> None:
    lines = SnapLines.of(document_with(canvas=CANVAS), ONLY_CANVAS)
    assert lines.snap((30, 20, 20, 10), 5) == (0.0, 0.0, (), ())


def test_guides_frame_and_other_layers_draw_too() -> None:
    document = document_with(solid(20, 10, RED), canvas=CANVAS)
    own = RasterLayer.from_picture("own", solid(5, 5, RED))
    own.translate(150, 70)
    document.layers.insert(1, own)
    document.frame = Bounds(40, 13, 24, 40)
    document.guides = (Guide(Orientation.VERTICAL, 77), Guide(Orientation.HORIZONTAL, 91))
    lines = SnapLines.of(document, SnapSettings(canvas=False), without=[own])
    assert lines.columns == {77, 40, 52, 64, 0, 10, 20}
    assert lines.rows == {91, 13, 33, 53, 0, 5, 10}


def test_hidden_layers_draw_nothing_and_neither_does_anything_when_switched_off() -> None:
    document = document_with(solid(20, 10, RED), canvas=CANVAS)
    document.layers[0].visible = False
    only_layers = SnapSettings(canvas=False, frame=False)
    assert not SnapLines.of(document, only_layers).columns
    assert SnapLines.of(document, SnapSettings(enabled=False, grid=8)) == SnapLines()


@given(st.floats(-500, 500), st.floats(-500, 500), st.integers(2, 64))
def test_on_a_grid_every_place_is_within_half_a_step_of_a_line(
    x: float, y: float, step: int
) -> None:
    lines = SnapLines(grid=step, origin=(3.0, 0.0))
    snapped = lines.snap_spot(x, y, step)
    for moved, origin in ((x + snapped.dx, 3.0), (y + snapped.dy, 0.0)):
        assert abs((moved - origin) / step - round((moved - origin) / step)) < 1e-6
    assert max(abs(snapped.dx), abs(snapped.dy)) <= step / 2 + 1e-6
