from __future__ import annotations

import pytest

from studio.core.document import Document
from studio.core.errors import BugError
from studio.core.geometry import Bounds
from studio.core.layers import GroupLayer, Locks, RasterLayer
from studio.core.tiles import TILE
from tests.helpers.documents import RED, SMALL, records, solid


def sheet(name: str, x: int = 0) -> RasterLayer:
    layer = RasterLayer.from_picture(name, solid(8, 8, RED))
    layer.translate(x, 0)
    return layer


@pytest.fixture
def document() -> Document:
    """Sheet "a", and in a group in a group "b" and "c"."""
    made = Document(SMALL)
    inner = GroupLayer("inner", [sheet("b"), sheet("c", 1000)])
    for layer in (sheet("a"), GroupLayer("outer", [inner])):
        made.layers.insert(len(made.layers), layer)
    return made


def test_walking_goes_from_the_bottom_and_through_groups_before_them(document: Document) -> None:
    assert [layer.name for layer in document.walk()] == ["a", "b", "c", "inner", "outer"]


def test_layers_are_found_wherever_they_are(document: Document) -> None:
    a, b, c, inner, outer = document.walk()
    assert [document.find(layer.id) for layer in (a, c, inner)] == [a, c, inner]
    assert document.find("no such id") is None
    assert (document.parent_of(b), document.parent_of(inner)) == (inner, outer)
    assert document.parent_of(a) is None
    assert document.stack_of(a) is document.stack_of(outer) is document.layers
    assert isinstance(inner, GroupLayer)
    assert document.stack_of(c) is inner.layers


def test_a_layer_that_is_not_in_the_document_has_no_stack(document: Document) -> None:
    assert document.parent_of(sheet("other")) is None
    with pytest.raises(BugError, match="not in the document"):
        document.stack_of(sheet("other"))


def test_the_document_hears_what_happens_deep_inside(document: Document) -> None:
    _, b, c, inner, _ = document.walk()
    changed, properties = records(document.changed), records(document.layer_changed)
    structure = records(document.structure_changed)
    c.opacity = 0.5
    assert changed == [c.bounds]
    assert properties == [(c, "opacity")]
    assert isinstance(inner, GroupLayer)
    inner.layers.remove(b)
    assert len(structure) == 1
    assert changed == [c.bounds, b.bounds]
    b.opacity = 0.5
    assert len(properties) == 1


def test_a_group_reaches_as_far_as_its_layers(document: Document) -> None:
    *_, inner, outer = document.walk()
    assert inner.bounds == outer.bounds == Bounds(0, 0, 1000 + TILE, TILE)
    assert GroupLayer("empty").bounds.is_empty


def test_an_active_layer_inside_a_group_stays_so_while_others_come_and_go(
    document: Document,
) -> None:
    a, b, *_ = document.walk()
    document.active = b
    document.layers.remove(a)
    assert document.active is b
    document.layers.remove(document.layers[0])
    assert document.active is None


def test_its_thumbnail_gets_out_of_date_with_its_layers(document: Document) -> None:
    _, b, _, _, outer = document.walk()
    before = outer.revision
    b.touch(b.bounds)
    assert outer.revision > before


def test_folding_a_group_changes_no_pixels(document: Document) -> None:
    outer = document.layers[1]
    assert isinstance(outer, GroupLayer)
    changed, properties = records(document.changed), records(document.layer_changed)
    outer.collapsed = True
    assert (changed, properties) == ([], [(outer, "collapsed")])


def test_a_snapshot_holds_the_tree(document: Document) -> None:
    snapshot = document.snapshot()
    bottom, outer = snapshot.layers
    assert bottom.children is None
    assert outer.children is not None
    (inner,) = outer.children
    assert inner.children is not None
    assert [layer.name for layer in inner.children] == ["b", "c"]


def test_a_layer_whose_base_leaves_or_comes_looks_different() -> None:
    document = Document(SMALL)
    base, clipped = sheet("base"), sheet("clipped", 1000)
    clipped.clipped = True
    document.layers.insert(0, base)
    document.layers.insert(1, clipped)
    changed = records(document.changed)
    document.layers.remove(base)
    document.layers.insert(0, base)
    document.layers.move(clipped, 0)
    base.clipped = True
    assert all(dirty.contains(clipped.bounds) for dirty in changed[:3])


def test_what_is_clipped_above_looks_different_when_its_base_is_clipped_too() -> None:
    document = Document(SMALL)
    for number, layer in enumerate((sheet("a"), sheet("b"), sheet("c", 1000))):
        document.layers.insert(number, layer)
    document.layers[2].clipped = True
    changed = records(document.changed)
    document.layers[1].clipped = True
    assert document.layers[2].bounds in changed


def test_locked_means_pixels_and_position() -> None:
    layer = RasterLayer("layer", locks=Locks(alpha=True))
    layer.locked = True
    assert layer.locks == Locks(pixels=True, position=True, alpha=True)
    layer.locks = Locks(pixels=True)
    assert not layer.locked
    layer.locked = False
    assert layer.locks == Locks()


def test_a_mask_tells_of_itself_and_of_what_it_changes() -> None:
    document = Document(SMALL)
    layer = sheet("layer")
    document.layers.insert(0, layer)
    changed, properties = records(document.changed), records(document.layer_changed)
    revision = layer.mask_revision
    layer.touch_mask(Bounds(1, 2, 3, 4))
    layer.touch_mask(Bounds(0, 0, 0, 0))
    assert (changed, properties) == ([Bounds(1, 2, 3, 4)], [])
    assert layer.mask_revision == revision + 1
    layer.mask_enabled = False
    assert properties == [(layer, "mask_enabled")]
