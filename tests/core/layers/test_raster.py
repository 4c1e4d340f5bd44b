from __future__ import annotations

import pytest

from studio.core.blend import BlendMode
from studio.core.geometry import Bounds, Point
from studio.core.layers import GeneratedLayer, RasterLayer
from tests.helpers.documents import RED, opaque_noise, records, solid

AREA = Bounds(10, 20, 30, 40)


def test_an_opacity_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="opacity"):
        RasterLayer("layer", opacity=1.5)
    layer = RasterLayer("layer")
    with pytest.raises(ValueError, match="opacity"):
        layer.opacity = -0.1
    assert layer.opacity == 1.0


def test_a_picture_is_shown_at_its_place() -> None:
    layer = RasterLayer.from_picture("layer", solid(3, 2, RED), Point(-1, 7))
    assert layer.surface.used_bounds() == Bounds(-1, 7, 3, 2)


def test_a_duplicate_looks_the_same_and_is_independent() -> None:
    layer = RasterLayer("layer", opacity=0.5, blend_mode=BlendMode.SCREEN, visible=False)
    layer.surface.write(AREA, opaque_noise(AREA, 1))
    copy = layer.duplicate("copy")
    assert (copy.name, copy.opacity, copy.visible) == ("copy", 0.5, False)
    assert copy.blend_mode is BlendMode.SCREEN
    assert copy.id != layer.id
    copy.surface.write(AREA, opaque_noise(AREA, 2))
    assert (layer.surface.read(AREA) == opaque_noise(AREA, 1)).all()


def test_a_generated_layer_keeps_its_recipe_and_moves_its_area() -> None:
    layer = GeneratedLayer("sky", recipe=b'{"prompt": "sky"}', area=AREA)
    copy = layer.duplicate("sky copy")
    layer.translate(5, -5)
    assert layer.area == AREA.moved(5, -5)
    assert (copy.recipe, copy.area) == (b'{"prompt": "sky"}', AREA)
    assert layer.snapshot().recipe == b'{"prompt": "sky"}'
    assert layer.snapshot().area == layer.area


def test_moving_tells_where_it_was_and_where_it_is() -> None:
    layer = RasterLayer.from_picture("layer", solid(256, 256, RED))
    heard = records(layer.changed)
    layer.translate(1000, 0)
    assert heard == [Bounds(0, 0, 1256, 256)]


def test_the_revision_grows_with_the_pixels_alone() -> None:
    layer = RasterLayer("layer")
    layer.name, layer.opacity = "other", 0.5
    assert layer.revision == 0
    layer.touch(AREA)
    assert layer.revision == 1
