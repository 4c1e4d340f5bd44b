"""On dense screens each canvas pixel is as crisp as on others."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from studio.core.compositor import CompositeCache
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.gui.canvas.backing import Backing
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.mask_tiles import MaskTiles
from studio.gui.canvas.viewport import Viewport

SIZE = QSize(120, 80)
CANVAS = Bounds(0, 0, 400, 400)
ratios = pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])


@pytest.fixture
def pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Each pixel another colour than its neighbours."""
    noise = np.random.default_rng(3).integers(0, 256, (400, 400, 4), dtype=np.uint8)
    noise[..., 3] = 255
    return noise


@pytest.fixture
def backing(qtbot: QtBot, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Backing:
    document = Document(CANVAS)
    document.layers.insert(0, RasterLayer.from_picture("noise", Picture.from_array(pixels)))
    colours = CanvasColours.of(QPalette())
    backing = Backing(CompositeCache(document), MaskTiles(document), colours)
    backing.set_canvas(CANVAS)
    return backing


def screen(backing: Backing, viewport: Viewport, ratio: float) -> QImage:
    """All device pixels of the view."""
    backing.set_view(viewport, SIZE, ratio)
    while not backing.stale.isEmpty():
        backing.mend()
    image = QImage(SIZE * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    backing.draw(painter)
    painter.end()
    return image


def rgb(image: QImage) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows.reshape(image.height(), image.width(), 4)[..., 2::-1].copy()


@ratios
def test_at_100_percent_canvas_pixels_are_device_pixels(
    backing: Backing, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], ratio: float
) -> None:
    shown = screen(backing, Viewport(zoom=1.0 / ratio, x=-40 / ratio, y=-10 / ratio), ratio)
    height, width = shown.height(), shown.width()
    assert np.array_equal(rgb(shown), pixels[10 : 10 + height, 40 : 40 + width, :3])


@ratios
def test_a_quarter_turn_at_100_percent_is_as_crisp(
    backing: Backing, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], ratio: float
) -> None:
    viewport = Viewport(zoom=1.0 / ratio, x=-50 / ratio, y=-50 / ratio)
    viewport = viewport.turned(90.0, QPointF(60, 40))
    shown = screen(backing, viewport, ratio)
    for x in range(30, 90, 7):
        place = QPointF(x + 0.5, 50.5)
        here = viewport.in_device_pixels(ratio).to_canvas(place)
        expected = pixels[int(here.y()), int(here.x()), :3]
        assert shown.pixelColor(x, 50) == QColor(*(int(part) for part in expected))


@ratios
def test_at_800_percent_a_pixel_is_a_square_of_one_colour(
    backing: Backing, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], ratio: float
) -> None:
    shown = rgb(screen(backing, Viewport(zoom=8.0 / ratio), ratio))
    for row, column in ((0, 0), (3, 5), (7, 2)):
        square = shown[row * 8 + 1 : row * 8 + 8, column * 8 + 1 : column * 8 + 8]
        assert (square == pixels[row, column, :3]).all()


@ratios
def test_below_100_percent_pixels_are_averaged(backing: Backing, ratio: float) -> None:
    """Noise reduced to a quarter is nearly grey; picking single pixels would leave it as loud."""
    shown = rgb(screen(backing, Viewport(zoom=0.25 / ratio), ratio)).astype(float)
    assert shown[:70, :90].std() < 30
