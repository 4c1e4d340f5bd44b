"""The kept picture is mended where it changed, a frame's worth at a time."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QColorSpace, QImage, QPainter, QPalette, QTransform
from pytestqt.qtbot import QtBot

from studio.core.compositor import CompositeCache
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.gui.canvas.backing import Backing
from studio.gui.canvas.colours import CanvasColours
from studio.gui.canvas.mask_tiles import MaskTiles
from studio.gui.canvas.screen_colours import ScreenColours
from studio.gui.canvas.viewport import Viewport

SIZE = QSize(300, 200)
CANVAS = Bounds(-20, -30, 700, 600)


def clouds(width: int, height: int) -> Picture:
    """Soft noise: a pixel out of place shows in it, the last bits of resampling do not."""
    coarse = np.random.default_rng(7).integers(0, 256, (height // 5, width // 5, 4), dtype=np.uint8)
    return Picture.from_array(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))


@pytest.fixture(scope="module")
def document() -> Document:
    """Clouds all over the canvas, on several tiles, partly masked."""
    document = Document(CANVAS)
    document.layers.insert(0, RasterLayer.from_picture("clouds", clouds(750, 650), Point(-50, -60)))
    document.mask.write(Bounds(100, 100, 300, 50), np.full((50, 300), 200, np.uint8))
    return document


@pytest.fixture(scope="module")
def parts(qapp: object, document: Document) -> Iterator[tuple[CompositeCache, MaskTiles]]:
    tiles, mask = CompositeCache(document), MaskTiles(document)
    yield tiles, mask
    tiles.close()
    mask.close()


def make(parts: tuple[CompositeCache, MaskTiles]) -> Backing:
    backing = Backing(*parts, CanvasColours.of(QPalette(QColor("#2b2b2b"))))
    backing.set_canvas(CANVAS)
    return backing


def picture(backing: Backing, ratio: float = 1.0) -> QImage:
    while not backing.stale.isEmpty():
        backing.mend()
    image = QImage(SIZE * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    backing.draw(painter)
    painter.end()
    return image


def difference(one: QImage, other: QImage) -> int:
    """The largest of all channels and pixels."""
    arrays = [np.frombuffer(image.constBits(), np.uint8).astype(int) for image in (one, other)]
    return int(np.abs(arrays[0] - arrays[1]).max())


def test_a_large_change_takes_several_frames_and_ends(
    parts: tuple[CompositeCache, MaskTiles],
) -> None:
    backing = make(parts)
    backing.set_view(Viewport(zoom=0.4), SIZE, 1.0)
    whole = picture(backing)
    backing.invalidate_all()
    frames = 0
    while not backing.stale.isEmpty():
        backing.mend(seconds=0.0)
        frames += 1
    assert frames > 1
    assert picture(backing) == whole


def test_what_is_not_yet_drawn_shows_what_was_there(
    parts: tuple[CompositeCache, MaskTiles],
) -> None:
    backing = make(parts)
    backing.set_view(Viewport(), SIZE, 1.0)
    before = picture(backing)
    backing.invalidate_all()
    backing.mend(seconds=0.0)
    assert not backing.stale.isEmpty()
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    backing.draw(painter)
    painter.end()
    assert image == before


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    moves=st.lists(
        st.tuples(st.integers(-150, 150), st.integers(-150, 150), st.booleans()), max_size=5
    ),
    zoom=st.sampled_from([0.3, 0.5, 1.0, 2.0, 5.0, 8.0]),
    ratio=st.sampled_from([1.0, 1.5, 2.0]),
)
def test_however_it_was_reached_a_view_shows_the_same(
    parts: tuple[CompositeCache, MaskTiles],
    moves: list[tuple[int, int, bool]],
    zoom: float,
    ratio: float,
) -> None:
    wandering, viewport = make(parts), Viewport()
    wandering.set_view(viewport, SIZE, ratio)
    for dx, dy, mends in moves:
        viewport = viewport.panned(dx, dy)
        wandering.set_view(viewport, SIZE, ratio)
        if mends:
            wandering.mend()
    viewport = viewport.zoomed(zoom, QPointF(150, 100)).panned(3, -8)
    wandering.set_view(viewport, SIZE, ratio)
    wandering.mend(seconds=0.0)
    viewport = viewport.panned(-31, 17)
    wandering.set_view(viewport, SIZE, ratio)
    fresh = make(parts)
    fresh.set_view(viewport, SIZE, ratio)
    # Resampling within different clips differs in the last bits.
    assert difference(picture(wandering, ratio), picture(fresh, ratio)) <= 8


turns = st.tuples(st.sampled_from([0.0, 15.0, 90.0, 133.0, 270.0]), st.booleans())


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    turns=st.lists(turns, min_size=1, max_size=3),
    move=st.tuples(st.integers(-90, 90), st.integers(-90, 90)),
    ratio=st.sampled_from([1.0, 1.5, 2.0]),
)
def test_however_it_was_turned_a_view_shows_the_same(
    parts: tuple[CompositeCache, MaskTiles],
    turns: list[tuple[float, bool]],
    move: tuple[int, int],
    ratio: float,
) -> None:
    wandering, viewport, middle = make(parts), Viewport(), QPointF(150, 100)
    for rotation, mirrored in turns:
        wandering.set_view(viewport, SIZE, ratio)
        wandering.mend(seconds=0.0)
        viewport = viewport.turned(rotation, middle)
        viewport = (viewport.flipped(middle) if mirrored else viewport).panned(*move)
    wandering.set_view(viewport, SIZE, ratio)
    fresh = make(parts)
    fresh.set_view(viewport, SIZE, ratio)
    assert difference(picture(wandering, ratio), picture(fresh, ratio)) <= 8


def test_a_quarter_turn_shows_the_same_pixels(parts: tuple[CompositeCache, MaskTiles]) -> None:
    upright, turned = make(parts), make(parts)
    view, square = Viewport(), QSize(200, 200)
    upright.set_view(view, square, 1.0)
    turned.set_view(view.turned(90.0, QPointF(100, 100)), square, 1.0)
    area = QRect(0, 0, 200, 200)
    expected = picture(upright).copy(area).transformed(QTransform().rotate(90.0))
    assert difference(picture(turned).copy(area), expected) == 0


def test_a_mirrored_view_shows_the_same_pixels_the_other_way_round(
    parts: tuple[CompositeCache, MaskTiles],
) -> None:
    plain, mirrored = make(parts), make(parts)
    plain.set_view(Viewport(), SIZE, 1.0)
    mirrored.set_view(Viewport().flipped(QPointF(150, 100)), SIZE, 1.0)
    flipped = picture(plain).flipped(Qt.Orientation.Horizontal)
    assert difference(picture(mirrored), flipped) == 0


def test_what_comes_into_view_is_shown_coarsely_until_there_is_time(
    document: Document, parts: tuple[CompositeCache, MaskTiles]
) -> None:
    """Nothing of it is left undrawn, and what is ready at another scale is used."""
    tiles, mask = CompositeCache(document), parts[1]
    for index in CompositeCache.indices(CANVAS, 2):
        tiles.image(index, 2)
    document.changed.emit(Bounds(-20, -30, 1, 1))
    backing = make((tiles, mask))
    backing.shows_mask = False
    backing.set_view(Viewport(zoom=0.4), SIZE, 1.0)
    backing.mend(seconds=0.0)
    image = QImage(SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    backing.draw(painter)
    painter.end()
    assert not backing.stale.isEmpty()
    exact = picture(backing)
    arrays = [np.frombuffer(each.constBits(), np.uint8).astype(int) for each in (image, exact)]
    assert np.abs(arrays[0] - arrays[1]).mean() < 12
    tiles.close()


def test_a_screen_of_other_colours_gets_the_picture_in_its_own(
    parts: tuple[CompositeCache, MaskTiles],
) -> None:
    backing = make(parts)
    backing.set_view(Viewport(), SIZE, 1.0)
    plain = picture(backing)
    wide = ScreenColours(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb))
    backing.set_screen(wide)
    assert difference(picture(backing), plain) > 20
    backing.set_screen(ScreenColours())
    assert difference(picture(backing), plain) == 0


def test_what_changes_beyond_the_canvas_is_nobodys_business(
    parts: tuple[CompositeCache, MaskTiles], qtbot: QtBot
) -> None:
    backing = make(parts)
    backing.set_view(Viewport(), SIZE, 1.0)
    picture(backing)
    assert backing.invalidate(Bounds(CANVAS.right, 0, 50, 50)).isEmpty()
    assert backing.stale.isEmpty()
