from __future__ import annotations

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.errors import BugError
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from tests.helpers.documents import BLUE, RED, SMALL, document_with, records, solid


def layer_at(bounds: Bounds, name: str = "layer") -> RasterLayer:
    return RasterLayer.from_picture(name, solid(*bounds.extent, RED), bounds.origin)


def test_an_empty_canvas_or_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        Document(Bounds(0, 0, 0, 10))
    document = Document(SMALL)
    with pytest.raises(ValueError, match="at least one pixel"):
        document.frame = Bounds(0, 0, 5, 0)
    assert document.frame == SMALL


def test_the_frame_is_the_canvas_at_first() -> None:
    assert Document(SMALL).frame == SMALL
    assert Document(SMALL, Bounds(1, 2, 3, 4)).frame == Bounds(1, 2, 3, 4)


def test_canvas_and_frame_tell_of_real_changes_only() -> None:
    document = Document(SMALL)
    canvases, frames = records(document.canvas_changed), records(document.frame_changed)
    larger = SMALL.padded(10)
    document.canvas = larger
    document.canvas = larger
    document.frame = larger
    document.frame = larger
    assert canvases == frames == [larger]


def test_a_layer_that_comes_or_goes_changes_structure_and_picture() -> None:
    document = Document(SMALL)
    structure, changed = records(document.structure_changed), records(document.changed)
    layer = layer_at(Bounds(300, 0, 4, 4))
    document.layers.insert(0, layer)
    assert len(structure) == 1
    assert changed == [layer.bounds]
    document.layers.remove(layer)
    assert len(structure) == 2
    assert changed == [layer.bounds, layer.bounds]


def test_a_layer_that_left_is_not_listened_to() -> None:
    document = document_with(solid(4, 4, RED))
    layer = document.layers[0]
    document.layers.remove(layer)
    changed, properties = records(document.changed), records(document.layer_changed)
    layer.opacity = 0.5
    layer.translate(1, 1)
    assert changed == properties == []


def test_properties_that_show_change_the_picture_and_others_do_not() -> None:
    document = document_with(solid(4, 4, RED))
    layer = document.layers[0]
    changed, properties = records(document.changed), records(document.layer_changed)
    layer.name = "sky"
    layer.locked = True
    assert changed == []
    layer.opacity = 0.5
    layer.visible = False
    assert changed == [layer.bounds, layer.bounds]
    assert properties == [(layer, name) for name in ("name", "locks", "opacity", "visible")]


def test_setting_what_is_already_so_tells_nothing() -> None:
    document = document_with(solid(4, 4, RED))
    layer = document.layers[0]
    properties = records(document.layer_changed)
    layer.name, layer.opacity, layer.visible = layer.name, layer.opacity, layer.visible
    layer.locked, layer.blend_mode = layer.locked, layer.blend_mode
    assert properties == []


def test_the_same_layer_cannot_be_inserted_twice() -> None:
    document = document_with(solid(4, 4, RED))
    with pytest.raises(BugError, match="already"):
        document.layers.insert(1, document.layers[0])


def test_a_new_layer_becomes_active_when_none_is() -> None:
    document = Document(SMALL)
    heard = records(document.active_changed)
    first, second = RasterLayer("first"), RasterLayer("second")
    document.layers.insert(0, first)
    document.layers.insert(1, second)
    assert document.active is first
    assert len(heard) == 1


def test_when_the_active_layer_leaves_another_one_takes_its_place() -> None:
    document = document_with(solid(4, 4, RED), solid(4, 4, BLUE))
    document.active = document.layers[0]
    document.layers.remove(document.layers[0])
    assert document.active is document.layers[0]
    document.layers.remove(document.layers[0])
    assert document.active is None


def test_layers_are_found_by_id_and_by_what_lies_above() -> None:
    document = document_with(solid(4, 4, RED), solid(4, 4, BLUE))
    lower, upper = document.layers
    assert document.layers.find(upper.id) is upper
    assert document.layers.find("no such id") is None
    assert document.layers.below(upper) is lower
    assert document.layers.below(lower) is None


def test_a_snapshot_keeps_everything_as_it_was() -> None:
    document = document_with(solid(8, 8, RED))
    document.mask.write(Bounds(0, 0, 2, 2), np.full((2, 2), 200, dtype=np.uint8))
    snapshot = document.snapshot()
    document.mask.clear_all()
    document.canvas = SMALL.padded(5)
    document.frame = Bounds(0, 0, 7, 7)
    document.layers[0].name = "other"
    document.layers.remove(document.layers[0])
    assert snapshot.canvas == snapshot.frame == SMALL
    assert snapshot.layers[0].name == "layer 0"
    assert snapshot.mask(Bounds(1, 1, 2, 2)).array().tolist() == [[200, 0], [0, 0]]
    assert snapshot.mask().extent == SMALL.extent
    assert tuple(snapshot.flatten(Bounds(7, 7, 1, 1)).data) == (*RED, 255)


def test_touching_the_mask_tells_where() -> None:
    document = Document(SMALL)
    heard = records(document.mask_changed)
    document.touch_mask(Bounds(0, 0, 0, 0))
    document.touch_mask(Bounds(1, 2, 3, 4))
    assert heard == [Bounds(1, 2, 3, 4)]
