"""Parts of the picture, as the clipboard takes them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.excerpt import layer_excerpt, merged_excerpt
from studio.core.geometry import Bounds, Point
from studio.core.layers import RasterLayer
from studio.core.picture import Picture
from studio.core.selection import NOTHING, mask_from, rectangle
from tests.helpers.documents import BLUE, RED, document_with, opaque_noise, solid


def layer_at(place: Bounds, seed: int = 1) -> RasterLayer:
    picture = Picture.from_array(opaque_noise(place, seed))
    return RasterLayer.from_picture("sky", picture, place.origin)


def test_a_layer_is_copied_whole_where_nothing_is_selected() -> None:
    layer = layer_at(Bounds(-30, 40, 50, 20))
    excerpt = layer_excerpt(layer.snapshot(), NOTHING)
    assert excerpt.place == Bounds(-30, 40, 50, 20)
    assert np.array_equal(excerpt.picture.rgba(), opaque_noise(excerpt.place, 1))


def test_opacity_and_mode_stay_behind() -> None:
    layer = RasterLayer.from_picture("sky", solid(4, 4, RED))
    layer.opacity = 0.25
    layer.visible = False
    excerpt = layer_excerpt(layer.snapshot(), NOTHING)
    assert tuple(excerpt.picture.rgba()[0, 0]) == (*RED, 255)


@settings(max_examples=25, deadline=None)
@given(st.integers(-40, 40), st.integers(-40, 40), st.integers(1, 90), st.integers(1, 90))
def test_of_a_selection_only_what_lies_in_it_is_copied(x: int, y: int, w: int, h: int) -> None:
    place = Bounds(0, 0, 60, 60)
    layer, wanted = layer_at(place), Bounds(x, y, w, h)
    selection = rectangle(wanted)
    common = place.intersection(wanted)
    if common.is_empty:
        with pytest.raises(KnownError):
            layer_excerpt(layer.snapshot(), selection)
        return
    excerpt = layer_excerpt(layer.snapshot(), selection)
    assert excerpt.place == common
    assert np.array_equal(excerpt.picture.rgba(), layer.surface.read(common))


def test_what_is_half_selected_is_half_transparent() -> None:
    layer = RasterLayer.from_picture("sky", solid(2, 1, RED))
    values = np.array([[128, 255]], dtype=np.uint8)
    excerpt = layer_excerpt(layer.snapshot(), mask_from(values, Bounds(0, 0, 2, 1)))
    assert [tuple(pixel) for pixel in excerpt.picture.rgba()[0]] == [(*RED, 128), (*RED, 255)]


def test_all_layers_together_are_copied_as_they_look() -> None:
    document = document_with(solid(8, 8, RED), solid(3, 3, BLUE), canvas=Bounds(0, 0, 8, 8))
    excerpt = merged_excerpt(document.snapshot(), NOTHING)
    assert excerpt.origin == Point(0, 0)
    assert excerpt.picture == document.flatten()


def test_an_empty_layer_and_an_empty_picture_are_refused() -> None:
    with pytest.raises(KnownError):
        layer_excerpt(RasterLayer("empty").snapshot(), NOTHING)
    with pytest.raises(KnownError):
        merged_excerpt(Document(Bounds(0, 0, 9, 9)).snapshot(), NOTHING)


def test_too_large_a_part_is_refused_before_memory_is_taken_for_it() -> None:
    document = Document(Bounds(0, 0, 60_000, 60_000))
    with pytest.raises(KnownError, match="select a part"):
        merged_excerpt(document.snapshot(), NOTHING)
