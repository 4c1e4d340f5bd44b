from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.blend import BlendMode
from studio.core.colour import Colour
from studio.core.composing import compose_part
from studio.core.compositor import MAX_LEVEL, CompositeCache, compose, render
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.picture import Pixels
from studio.core.raster import Image, pixels_of
from studio.core.tiles import TILE, TileIndex
from tests.helpers.documents import RED, boxes, document_with, opaque_noise, rgba_noise, solid

CANVAS = Bounds(-300, -200, 800, 700)
WHITE = Colour(255, 255, 255)


def noisy_document(layers: int = 3) -> Document:
    document = Document(CANVAS)
    for number in range(layers):
        layer = RasterLayer(f"layer {number}", opacity=1 - 0.2 * number)
        layer.surface.write(CANVAS, rgba_noise(CANVAS, number))
        document.layers.insert(number, layer)
    return document


def shown(image: Image | None) -> Pixels:
    return np.zeros((TILE, TILE, 4), dtype=np.uint8) if image is None else pixels_of(image)


@given(boxes(), st.integers(0, 100))
def test_one_opaque_layer_flattens_to_the_very_bytes(bounds: Bounds, seed: int) -> None:
    document = Document(bounds)
    layer = RasterLayer("only")
    layer.surface.write(bounds, opaque_noise(bounds, seed))
    document.layers.insert(0, layer)
    assert (document.flatten().array() == opaque_noise(bounds, seed)).all()


def test_opacity_mixes_with_what_lies_below() -> None:
    document = document_with(solid(96, 64, RED), solid(96, 64, RED._replace(red=0)))
    document.layers[1].opacity = 0.5
    assert tuple(document.flatten().array()[0, 0]) in {(127, 0, 0, 255), (128, 0, 0, 255)}


def test_hidden_layers_and_those_without_opacity_are_not_drawn() -> None:
    document = document_with(solid(96, 64, RED), solid(96, 64, RED._replace(red=0)))
    document.layers[1].visible = False
    assert tuple(document.flatten().array()[0, 0]) == (255, 0, 0, 255)
    document.layers[0].opacity = 0.0
    assert not document.flatten().array().any()


def test_where_nothing_lies_the_result_is_transparent() -> None:
    document = document_with(solid(96, 64, RED))
    beyond = document.flatten(Bounds(90, 0, 20, 4)).array()
    assert (beyond[:, :6, 3] == 255).all()
    assert not beyond[:, 6:].any()


def test_a_snapshot_flattens_as_the_document_did() -> None:
    document = noisy_document()
    snapshot, before = document.snapshot(), document.flatten()
    document.layers[2].opacity = 0.1
    document.layers[1].translate(50, 50)
    assert snapshot.flatten() == before
    assert document.flatten() != before


def test_composing_in_parts_gives_the_same_as_at_once() -> None:
    document = noisy_document()
    whole = compose(document, CANVAS)
    for x in range(0, 800, 200):
        part = Bounds(CANVAS.x + x, CANVAS.y + 13, 200, 600)
        assert (compose(document, part) == whole[13:613, x : x + 200]).all()


@pytest.mark.parametrize("scale", [0.01, 0.1, 0.3, 0.5, 0.77, 1.0, 2.0, 3.5])
def test_rendering_gives_the_size_asked_for(scale: float) -> None:
    image = render(noisy_document(1), Bounds(-100, -50, 300, 200), scale)
    assert (image.width(), image.height()) == (max(1, round(300 * scale)), round(200 * scale))


@pytest.mark.parametrize("scale", [0.07, 0.25, 0.4, 0.9])
def test_reducing_keeps_things_in_their_place(scale: float) -> None:
    document = Document(Bounds(0, 0, 1000, 1000))
    layer = RasterLayer("square")
    square = Bounds(400, 300, 200, 100)
    layer.surface.write(square, opaque_noise(square, 1))
    document.layers.insert(0, layer)
    alpha = pixels_of(render(document, document.canvas, scale))[..., 3].astype(float)
    rows, columns = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]]
    centre_x = ((columns + 0.5) * alpha).sum() / alpha.sum() / scale
    centre_y = ((rows + 0.5) * alpha).sum() / alpha.sum() / scale
    assert abs(centre_x - 500) < 0.6 / scale
    assert abs(centre_y - 350) < 0.6 / scale
    assert alpha.sum() / 255 == pytest.approx(square.area * scale * scale, rel=0.12)


def test_reducing_one_colour_gives_that_colour() -> None:
    document = document_with(solid(96, 64, RED))
    assert (pixels_of(render(document, document.canvas, 0.21)) == (0, 0, 255, 255)).all()


def test_nothing_can_be_rendered_without_pixels_or_scale() -> None:
    document = noisy_document(1)
    with pytest.raises(ValueError, match="rendered"):
        render(document, Bounds(0, 0, 0, 5))
    with pytest.raises(ValueError, match="rendered"):
        render(document, CANVAS, 0.0)


@pytest.mark.parametrize("level", [0, 1, 3, MAX_LEVEL])
def test_a_cached_tile_covers_its_area(level: int) -> None:
    area = CompositeCache.area(TileIndex(-1, 2), level)
    assert area.width == TILE << level
    assert CompositeCache.indices(area, level) == [TileIndex(-1, 2)]


def test_the_cache_shows_what_composing_shows() -> None:
    document = noisy_document()
    cache = CompositeCache(document)
    for index in cache.indices(CANVAS, 0):
        assert (shown(cache.image(index)) == compose(document, index.bounds)).all()


def test_smaller_levels_average_the_larger_ones() -> None:
    document = noisy_document()
    cache = CompositeCache(document)
    fine = compose(document, CompositeCache.area(TileIndex(0, 0), 2)).astype(float)
    averaged = fine.reshape(TILE, 4, TILE, 4, 4).mean(axis=(1, 3))
    assert np.abs(shown(cache.image(TileIndex(0, 0), 2)) - averaged).max() <= 1.5


def test_where_nothing_lies_the_cache_has_nothing_and_keeps_nothing() -> None:
    cache = CompositeCache(noisy_document())
    assert cache.image(TileIndex(50, 50)) is None
    assert cache.image(TileIndex(50, 50), 3) is None
    assert cache.size == 0


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), boxes(400, 120)),
        st.tuples(st.just("clear"), boxes(400, 120)),
        st.tuples(st.just("opacity"), st.sampled_from([0.0, 0.3, 1.0])),
        st.tuples(st.just("visible"), st.booleans()),
        st.tuples(st.just("mode"), st.sampled_from(list(BlendMode))),
        st.tuples(st.just("move"), st.tuples(st.integers(-99, 99), st.integers(-99, 99))),
        st.tuples(st.just("swap"), st.none()),
    ),
    min_size=1,
    max_size=6,
)


def make(document: Document, kind: str, value: object) -> None:
    layer = document.layers[1]
    assert isinstance(layer, RasterLayer)
    match kind, value:
        case "write", Bounds() as bounds:
            layer.surface.write(bounds, rgba_noise(bounds, 9))
            layer.touch(bounds)
        case "clear", Bounds() as bounds:
            layer.surface.clear(bounds)
            layer.touch(bounds)
        case "opacity", float() as opacity:
            layer.opacity = opacity
        case "visible", bool() as visible:
            layer.visible = visible
        case "mode", BlendMode() as mode:
            layer.blend_mode = mode
        case "move", (int() as dx, int() as dy):
            layer.translate(dx, dy)
        case _:
            document.layers.move(layer, 0)


@settings(max_examples=25, deadline=None)
@given(CHANGES)
def test_after_any_change_the_cache_shows_what_a_new_one_would(
    changes: list[tuple[str, object]],
) -> None:
    document = noisy_document()
    cache = CompositeCache(document)
    wanted = [
        (index, level) for level in (0, 1, 2) for index in cache.indices(CANVAS.padded(256), level)
    ]
    for kind, value in changes:
        for index, level in wanted[::3]:
            cache.image(index, level)
        make(document, kind, value)
    fresh = CompositeCache(document)
    for index, level in wanted:
        assert (shown(cache.image(index, level)) == shown(fresh.image(index, level))).all()


def test_the_cache_stays_within_its_limit() -> None:
    document = noisy_document(1)
    cache = CompositeCache(document, limit_bytes=3 * TILE * TILE * 4)
    for index in cache.indices(CANVAS, 0):
        cache.image(index)
        assert cache.size <= 3 * TILE * TILE * 4
    assert cache.size > 0


def test_a_closed_cache_hears_nothing_more() -> None:
    document = noisy_document(1)
    cache = CompositeCache(document)
    cache.image(TileIndex(0, 0))
    cache.close()
    assert cache.size == 0
    document.layers[0].opacity = 0.5


def test_a_small_picture_is_made_step_by_step() -> None:
    document = document_with(solid(600, 500, RED), canvas=Bounds(0, 0, 600, 500))
    cache, whole = CompositeCache(document), TileIndex(0, 0)
    steps = 1
    while not cache.advance(whole, 2):
        assert not cache.is_ready(whole, 2)
        steps += 1
    assert cache.is_ready(whole, 2)
    assert steps > 6
    assert cache.advance(whole, 2)
    at_once = CompositeCache(document)
    assert cache.image(whole, 2) == at_once.image(whole, 2)
    cache.close()
    at_once.close()


def test_what_changed_is_not_ready_until_it_is_composed() -> None:
    document = document_with(solid(600, 500, RED), canvas=Bounds(0, 0, 600, 500))
    cache, whole = CompositeCache(document), TileIndex(0, 0)
    cache.image(whole, 1)
    assert cache.is_ready(whole, 1)
    document.changed.emit(Bounds(5, 5, 10, 10))
    assert not cache.is_ready(whole, 1)
    assert not cache.advance(whole, 1)
    assert cache.advance(whole, 1)
    cache.close()


def test_a_small_picture_outlives_the_tiles_that_it_was_made_of() -> None:
    document = noisy_document(1)
    cache = CompositeCache(document, limit_bytes=6 * TILE * TILE * 4)
    wanted = cache.indices(CANVAS, 2)
    for index in wanted:
        cache.image(index, 2)
    assert all(cache.is_ready(index, 2) for index in wanted)
    assert not all(cache.is_ready(index) for index in cache.indices(CANVAS, 0))


def test_a_plain_tile_that_is_painted_on_leaves_the_others_plain() -> None:
    document = Document(Bounds(0, 0, 2 * TILE, TILE))
    layer = RasterLayer.from_picture("white", solid(2 * TILE, TILE, WHITE))
    document.layers.insert(0, layer)
    cache = CompositeCache(document)
    before = [shown(cache.image(index)) for index in cache.indices(document.canvas, 0)]
    dab = Bounds(5, 5, 20, 20)
    layer.surface.write(dab, rgba_noise(dab, 1))
    layer.touch(dab)
    left, right = (shown(cache.image(index)) for index in cache.indices(document.canvas, 0))
    assert (left != before[0]).any()
    assert (right == before[1]).all()


def test_making_a_small_picture_of_much_holds_little_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = 8 * TILE * TILE * 4
    document = noisy_document(1)
    cache = CompositeCache(document, limit)
    sizes: list[int] = []

    def watched(*arguments: Any) -> bool:
        sizes.append(cache.size)
        return compose_part(*arguments)

    monkeypatch.setattr("studio.core.compositor.compose_part", watched)
    cache.image(TileIndex(0, 0), 3)
    cache.image(TileIndex(-1, -1), 3)
    assert len(sizes) > 12
    assert max(sizes) <= limit
