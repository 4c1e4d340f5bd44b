from __future__ import annotations

from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Preview, RasterLayer
from studio.core.tiles import TiledSurface
from tests.helpers.documents import BLUE, GREEN, RED, document_with, records, solid

PLACE = Bounds(0, 0, 20, 10)


def blue() -> TiledSurface:
    surface = TiledSurface()
    surface.write(Bounds(300, 0, 20, 10), solid(20, 10, BLUE).rgba())
    return surface


def test_a_preview_is_drawn_in_the_place_of_the_layer_and_changes_nothing() -> None:
    document = document_with(solid(20, 10, GREEN), solid(20, 10, RED))
    layer = document.layers[1]
    revision = layer.revision
    heard = records(document.changed)
    layer.show_preview(Preview(blue(), None))
    assert heard == [Bounds(0, 0, 512, 256)]
    assert document.flatten(PLACE) == solid(20, 10, GREEN)
    assert document.flatten(Bounds(300, 0, 20, 10)) == solid(20, 10, BLUE)
    assert document.snapshot().flatten(PLACE) == solid(20, 10, RED)
    assert layer.revision == revision
    layer.show_preview(None)
    assert document.flatten(PLACE) == solid(20, 10, RED)
    assert len(heard) == 2


def test_taking_no_preview_away_says_nothing() -> None:
    document = document_with(solid(20, 10, GREEN))
    heard = records(document.changed)
    document.layers[0].show_preview(None)
    assert not heard


def test_a_preview_in_a_group_shows_through_it() -> None:
    child = RasterLayer.from_picture("child", solid(20, 10, RED))
    document = document_with()
    document.layers.insert(0, GroupLayer("group", [child]))
    assert document.flatten(PLACE) == solid(20, 10, RED)
    child.show_preview(Preview(blue(), None))
    assert not document.flatten(PLACE).array().any()
    assert document.flatten(Bounds(300, 0, 20, 10)) == solid(20, 10, BLUE)
