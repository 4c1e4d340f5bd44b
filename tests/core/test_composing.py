"""What layers look like together: clipped, masked, in groups, and hidden by each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.blend import BlendMode
from studio.core.colour import Colour
from studio.core.composing import CachedComposed, ComposedSnapshot
from studio.core.compositor import CompositeCache, compose
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.layers import GroupLayer, Layer, RasterLayer
from studio.core.picture import Pixels
from studio.core.raster import pixels_of
from studio.core.tiles import TILE, MaskSurface
from tests.helpers.documents import BLUE, GREEN, RED, SMALL, boxes, rgba_noise, solid

CANVAS = Bounds(-150, -100, 500, 400)
CLEAR = (0, 0, 0, 0)


def sheet(colour: Colour, bounds: Bounds = SMALL, alpha: int = 255, **look: Any) -> RasterLayer:
    picture = solid(bounds.width, bounds.height, colour, alpha)
    return RasterLayer.from_picture("sheet", picture, bounds.origin, **look)


def noisy(seed: int, bounds: Bounds = CANVAS, **look: Any) -> RasterLayer:
    layer = RasterLayer(f"noise {seed}", **look)
    layer.surface.write(bounds, rgba_noise(bounds, seed))
    return layer


def document_of(*layers: Layer, canvas: Bounds = SMALL) -> Document:
    document = Document(canvas)
    for layer in layers:
        document.layers.insert(len(document.layers), layer)
    return document


def seen(document: Document, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(value) for value in document.flatten(Bounds(x, y, 1, 1)).array()[0, 0])


def mask_over(bounds: Bounds, value: int = 255, fill: int = 0) -> MaskSurface:
    mask = MaskSurface(fill)
    mask.write(bounds, np.full((bounds.height, bounds.width), value, dtype=np.uint8))
    return mask


def test_a_mask_shows_a_layer_in_parts() -> None:
    document = document_of(sheet(RED, mask=mask_over(Bounds(0, 0, 10, 64))))
    assert seen(document, 9, 5) == (*RED, 255)
    assert seen(document, 10, 5) == CLEAR


def test_a_mask_that_shows_all_hides_where_it_is_painted() -> None:
    document = document_of(sheet(RED, mask=mask_over(Bounds(0, 0, 10, 64), 0, fill=255)))
    assert seen(document, 9, 5) == CLEAR
    assert seen(document, 10, 5) == (*RED, 255)


def test_a_mask_makes_translucent_by_its_value() -> None:
    document = document_of(sheet(RED, mask=mask_over(SMALL, 51)))
    assert seen(document, 3, 3) == (*RED, 51)


def test_a_mask_that_is_switched_off_hides_nothing() -> None:
    document = document_of(sheet(RED, mask=MaskSurface(), mask_enabled=False))
    assert seen(document, 3, 3) == (*RED, 255)


def test_a_clipped_layer_shows_only_on_the_one_below() -> None:
    base = sheet(RED, Bounds(0, 0, 20, 20))
    document = document_of(sheet(BLUE), base, sheet(GREEN, clipped=True))
    assert seen(document, 5, 5) == (*GREEN, 255)
    assert seen(document, 30, 30) == (*BLUE, 255)


def test_clipped_layers_in_a_row_share_what_clips_them() -> None:
    base = sheet(RED, Bounds(0, 0, 20, 20))
    half = sheet(GREEN, Bounds(0, 0, 10, 10), clipped=True)
    document = document_of(base, half, sheet(BLUE, Bounds(0, 0, 96, 5), clipped=True))
    assert seen(document, 15, 2) == (*BLUE, 255)
    assert seen(document, 5, 7) == (*GREEN, 255)
    assert seen(document, 30, 2) == CLEAR


def test_what_clips_is_mixed_with_its_own_mode_and_opacity() -> None:
    base = sheet(RED, opacity=0.5)
    document = document_of(base, sheet(GREEN, clipped=True))
    assert seen(document, 5, 5)[3] in (127, 128)
    assert seen(document, 5, 5)[:3] == GREEN


def test_a_clipped_layer_keeps_the_edge_of_the_one_below() -> None:
    document = document_of(sheet(RED, alpha=100), sheet(GREEN, alpha=128, clipped=True))
    red, green, blue, alpha = seen(document, 5, 5)
    assert alpha == 100
    assert (abs(red - 127) <= 3, abs(green - 128) <= 3, blue) == (True, True, 0)


def test_a_mask_on_what_clips_masks_what_is_clipped_too() -> None:
    base = sheet(RED, mask=mask_over(Bounds(0, 0, 10, 64)))
    document = document_of(base, sheet(GREEN, clipped=True))
    assert seen(document, 5, 5) == (*GREEN, 255)
    assert seen(document, 20, 5) == CLEAR


def test_what_is_clipped_is_hidden_with_what_clips_it() -> None:
    document = document_of(sheet(RED, visible=False), sheet(GREEN, clipped=True))
    assert seen(document, 5, 5) == CLEAR


def test_the_lowest_layer_shows_although_it_is_clipped() -> None:
    assert seen(document_of(sheet(RED, clipped=True)), 5, 5) == (*RED, 255)


def test_a_group_is_mixed_as_a_whole() -> None:
    group = GroupLayer("group", [sheet(RED), sheet(GREEN)], opacity=0.5)
    document = document_of(group)
    assert seen(document, 5, 5)[:3] == GREEN
    assert seen(document, 5, 5)[3] in (127, 128)


def test_modes_inside_a_group_do_not_reach_below_it() -> None:
    group = GroupLayer("group", [sheet(GREEN, blend_mode=BlendMode.MULTIPLY)])
    assert seen(document_of(sheet(RED), group), 5, 5) == (*GREEN, 255)
    group.layers[0].blend_mode, group.blend_mode = BlendMode.NORMAL, BlendMode.MULTIPLY
    assert seen(document_of(sheet(RED), group), 5, 5) == (0, 0, 0, 255)


def test_a_group_can_be_masked_and_can_clip() -> None:
    group = GroupLayer("group", [sheet(RED)], mask=mask_over(Bounds(0, 0, 10, 64)))
    document = document_of(group, sheet(GREEN, clipped=True))
    assert seen(document, 5, 5) == (*GREEN, 255)
    assert seen(document, 20, 5) == CLEAR


def test_a_hidden_group_hides_its_layers() -> None:
    assert seen(document_of(GroupLayer("group", [sheet(RED)], visible=False)), 5, 5) == CLEAR


@pytest.mark.parametrize("depth", [1, 3])
def test_normal_layers_look_the_same_in_a_group_of_their_own(depth: int) -> None:
    layers = [noisy(1), noisy(2, CANVAS.moved(13, 7))]
    group = GroupLayer("group", [noisy(1), noisy(2, CANVAS.moved(13, 7))])
    for number in range(depth):
        group = GroupLayer(f"group {number}", [group])
    plain = document_of(*layers, canvas=CANVAS)
    assert (compose(document_of(group, canvas=CANVAS), CANVAS) == compose(plain, CANVAS)).all()


def test_what_is_hidden_by_an_opaque_layer_makes_no_difference() -> None:
    document = document_of(noisy(1), sheet(BLUE, CANVAS.padded(300)), noisy(2), canvas=CANVAS)
    shown = compose(document, CANVAS)
    document.layers[0].visible = False
    assert (compose(document, CANVAS) == shown).all()
    cover = document.layers[1]
    assert isinstance(cover, RasterLayer)
    document.layers[0].visible = True
    cover.surface.clear(Bounds(0, 0, 5, 5))
    assert compose(document, Bounds(0, 0, 5, 5)).any()
    assert (compose(document, Bounds(0, 0, 5, 5)) != shown[100:105, 150:155]).any()


@pytest.mark.parametrize(
    "look",
    [
        {"opacity": 0.99},
        {"blend_mode": BlendMode.MULTIPLY},
        {"mask": MaskSurface()},
        {"visible": False},
    ],
)
def test_an_opaque_layer_that_is_not_drawn_as_it_is_hides_nothing(look: dict[str, Any]) -> None:
    document = document_of(sheet(RED), sheet(BLUE, **look))
    assert seen(document, 5, 5) != (*BLUE, 255)


def test_a_snapshot_of_a_group_shows_what_the_group_did() -> None:
    group = GroupLayer("group", [noisy(1), noisy(2)], opacity=0.7)
    document = document_of(group, canvas=CANVAS)
    snapshot, before = document.snapshot(), document.flatten()
    group.layers[1].visible = False
    group.layers.remove(group.layers[0])
    assert snapshot.flatten() == before
    assert (snapshot.layers[0].pixels.read(CANVAS)[..., 3] > 0).any()


def test_composed_tiles_are_read_like_others() -> None:
    layers = [noisy(1), noisy(2, CANVAS.moved(3, 4))]
    composed = ComposedSnapshot(layers)
    document = document_of(*layers, canvas=CANVAS)
    part = Bounds(-20, -30, 300, 290)
    assert (composed.read_stored(part) == compose(document, part)).all()
    assert (
        composed.moved(5, 6).read_stored(part.moved(5, 6)).tobytes()
        == compose(document, part).tobytes()
    )
    assert composed.used_bounds() == CANVAS.union(CANVAS.moved(3, 4))
    assert not composed.is_empty
    assert ComposedSnapshot([]).is_empty


def test_composed_tiles_that_are_kept_stay_within_their_limit() -> None:
    composed = CachedComposed([noisy(1)], limit_bytes=2 * TILE * TILE * 4)
    before = {place: tile.copy() for place, tile in composed.tiles_in(CANVAS)}
    assert len(before) > 2
    for place, tile in composed.tiles_in(CANVAS):
        assert (tile == before[place]).all()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["paint", "clear", "mask", "clip", "group", "show", "swap", "move", "mode", "take"]
        ),
        st.integers(0, 5),
        boxes(200, 150),
    ),
    min_size=1,
    max_size=8,
)


def change(document: Document, kind: str, number: int, bounds: Bounds) -> None:
    layers = list(document.walk())
    layer = layers[number % len(layers)]
    match kind, layer:
        case "paint", RasterLayer():
            layer.surface.write(bounds, rgba_noise(bounds, number))
            layer.touch(bounds)
        case "clear", RasterLayer():
            layer.surface.clear(bounds)
            layer.touch(bounds)
        case "mask", _ if layer.mask is not None:
            layer.mask.write(bounds, rgba_noise(bounds, number)[..., 0])
            layer.touch_mask(bounds)
        case "mask", _:
            layer.mask = mask_over(bounds, 200, fill=255 * (number % 2))
        case "clip", _:
            layer.clipped = not layer.clipped
        case "group", GroupLayer():
            layer.opacity = 1.5 - layer.opacity
        case "show", _:
            layer.visible = not layer.visible
        case "swap", _:
            document.stack_of(layer).move(layer, 0)
        case "move", _:
            layer.translate(bounds.x // 4, bounds.y // 4)
        case "mode", _:
            layer.blend_mode = list(BlendMode)[(number * 5 + bounds.x) % len(BlendMode)]
        case "take", _ if layer is not layers[-1]:
            document.stack_of(layer).remove(layer)
            document.layers.insert(number % (len(document.layers) + 1), layer)


def nested() -> Document:
    inner = GroupLayer("inner", [noisy(3, Bounds(0, 0, 300, 200)), noisy(4, clipped=True)])
    outer = GroupLayer("outer", [noisy(2, opacity=0.6), inner], opacity=0.75)
    return document_of(noisy(1), outer, noisy(5, Bounds(50, 50, 90, 90)), canvas=CANVAS)


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_caches_follow_whatever_happens_in_groups(steps: list[tuple[str, int, Bounds]]) -> None:
    document = nested()
    cache = CompositeCache(document)
    indices = cache.indices(CANVAS.padded(TILE), 0)
    for kind, number, bounds in steps:
        for index in indices[::2]:
            cache.image(index)
        change(document, kind, number, bounds)
    anew = document.snapshot()
    for index in indices:
        image = cache.image(index)
        kept: Pixels = np.zeros((TILE, TILE, 4), np.uint8) if image is None else pixels_of(image)
        assert (kept == compose(anew, index.bounds)).all()


def test_groups_move_with_their_masks() -> None:
    group = GroupLayer("group", [sheet(RED)], mask=mask_over(Bounds(0, 0, 10, 64)))
    document = document_of(group)
    group.translate(100, 0)
    assert seen(document, 105, 5) == (*RED, 255)
    assert seen(document, 115, 5) == CLEAR
    assert group.layers[0].bounds.origin == Point(100, 0)


def test_a_clipped_layer_inside_a_group_hides_nothing_below_the_group() -> None:
    base = sheet(RED, Bounds(0, 0, 20, 20))
    document = document_of(sheet(BLUE), GroupLayer("group", [base, sheet(GREEN, clipped=True)]))
    assert seen(document, 30, 30) == (*BLUE, 255)


def test_layers_that_lie_very_far_apart_cost_no_more_than_others() -> None:
    far = 2**30
    group = GroupLayer("group", [sheet(RED), sheet(GREEN, SMALL.moved(far, far))])
    document = document_of(group)
    cache = CompositeCache(document)
    for index in cache.indices(SMALL, 0):
        cache.image(index)
    group.opacity = 0.5
    assert len(group.pixels.tiles) == 2
    assert group.pixels.used_bounds() == SMALL.union(SMALL.moved(far, far))
    assert group.layers[0].pixels.has_tiles_in(group.bounds)
    assert [place.origin for place, _ in group.pixels.tiles_in(group.bounds)] == [
        Point(0, 0),
        Point(far, far),
    ]
