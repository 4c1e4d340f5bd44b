"""What tools want drawn is drawn, and within the part of the view that is repainted for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from studio.core.geometry import Bounds
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.tool_overlay import extension_text, extent_of, paint_overlay
from studio.gui.canvas.viewport import Viewport
from studio.tools import Circle, FrameBox, Handle, Line, NewArea, Shape, Swatch

SIDE = 400
GROUND = QColor(90, 120, 90)

places = st.floats(-100, 500)
rects = st.builds(
    Bounds,
    st.integers(-100, 400),
    st.integers(-100, 400),
    st.integers(16, 500),
    st.integers(16, 500),
)
new_areas = st.tuples(rects, st.integers(0, 200), st.integers(0, 200)).map(
    lambda t: NewArea(Bounds(t[0].x - t[1], t[0].y, t[0].width + t[1], t[0].height + t[2]), t[0])
)
shapes = st.one_of(
    st.builds(
        Circle,
        places,
        places,
        st.floats(0.5, 300),
        st.floats(0, 1),
        st.floats(0.05, 1),
        st.floats(0, 360),
    ),
    st.builds(Line, places, places, places, places),
    st.builds(FrameBox, rects),
    new_areas,
    st.builds(Handle, places, places, st.booleans()),
    st.builds(Swatch, places, places, st.just("#ff0000")),
)


def painted_part(shape: Shape, viewport: Viewport) -> QRect:
    """The rectangle around all pixels of a view that the shape changes."""
    image = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
    image.fill(GROUND)
    painter = QPainter(image)
    paint_overlay(painter, (shape,), viewport, CanvasColours.of(QPalette(QColor("#2b2b2b"))))
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(SIDE, SIDE)
    rows, columns = np.nonzero(pixels != np.uint32(GROUND.rgb()))
    if not len(rows):
        return QRect()
    left, top = int(columns.min()), int(rows.min())
    return QRect(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)


@settings(max_examples=150, deadline=None)
@given(shapes, st.sampled_from([0.25, 1.0, 3.0]))
def test_nothing_is_drawn_beyond_what_is_repainted(qapp: object, shape: Shape, zoom: float) -> None:
    viewport = Viewport(zoom=zoom)
    extent = extent_of((shape,), viewport).toAlignedRect()
    part = painted_part(shape, viewport)
    assert part.isNull() or extent.contains(part)


@pytest.mark.parametrize(
    "shape",
    [
        Circle(200, 200, 50, 0.5),
        Circle(200, 200, 0.5),
        Line(100, 100, 300, 200),
        FrameBox(Bounds(100, 100, 128, 128)),
        NewArea(Bounds(100, 100, 200, 128), Bounds(100, 100, 128, 128)),
        Handle(200, 200),
        Swatch(200, 200, "#ff0000"),
    ],
)
def test_every_shape_is_seen(qtbot: QtBot, shape: Shape) -> None:
    part = painted_part(shape, Viewport())
    assert part.width() >= 8 and part.height() >= 8


def test_a_circle_is_drawn_at_its_true_size(qtbot: QtBot) -> None:
    part = painted_part(Circle(100, 100, 20), Viewport(zoom=2.0))
    assert part.center().x() == pytest.approx(200, abs=1)
    assert part.width() == pytest.approx(80, abs=4)


def test_an_extension_says_what_it_adds_and_what_comes_of_it() -> None:
    canvas = Bounds(0, 0, 1024, 768)
    wider = extension_text(Bounds(0, 0, 1280, 768), canvas)
    assert "+256 px" in wider and "1280 × 768" in wider
    both = extension_text(Bounds(-64, 0, 1088, 800), canvas)
    assert "+64 px" in both and "+32 px" in both


def test_a_flat_tip_is_shown_flat_and_turned(qapp: object) -> None:
    lying, standing = (
        painted_part(Circle(200, 200, 60, roundness=0.2, angle=angle), Viewport())
        for angle in (0.0, 90.0)
    )
    assert lying.width() > 3 * lying.height()
    assert standing.height() > 3 * standing.width()
