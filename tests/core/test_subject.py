from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.commands.selection import SetSelection
from studio.core.commands.stack import CommandStack
from studio.core.commands.transform import transform
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer, GroupLayer, Locks, RasterLayer
from studio.core.projection import IDENTITY, Projection
from studio.core.selection import rectangle
from studio.core.subject import Subject, split
from studio.core.tiles import MaskSurface, TiledSurface
from tests.helpers.documents import BLUE, RED, document_with, fingerprint, rgba_noise, solid

PLACE = Bounds(0, 0, 40, 30)


@pytest.fixture
def document() -> Document:
    return document_with(solid(40, 30, RED))


def apply(document: Document, projection: Projection) -> CommandStack:
    subject = Subject.take(document, document.active)
    stack = CommandStack(document)
    stack.push(transform(subject, projection, subject.projected(projection)))
    return stack


def test_a_layer_is_scaled_as_one_step_that_can_be_undone(document: Document) -> None:
    document.active = document.layers[0]
    before = fingerprint(document)
    stack = apply(document, Projection.scaling(2, 0.5))
    assert document.layers[0].pixels.used_bounds() == Bounds(0, 0, 80, 15)
    assert [entry.name for entry in stack.entries] == ["Transform"]
    after = fingerprint(document)
    stack.undo()
    assert fingerprint(document) == before
    stack.redo()
    assert fingerprint(document) == after


def test_a_group_is_projected_with_all_that_it_holds() -> None:
    low = RasterLayer.from_picture("low", solid(40, 30, RED))
    high = RasterLayer.from_picture("high", solid(10, 10, BLUE))
    group = GroupLayer("group", [low, high])
    document = document_with()
    document.layers.insert(0, group)
    document.active = group
    apply(document, Projection.scaling(2, 2))
    assert low.pixels.used_bounds() == Bounds(0, 0, 80, 60)
    assert high.pixels.used_bounds() == Bounds(0, 0, 20, 20)


def test_the_mask_of_a_layer_moves_along(document: Document) -> None:
    mask = MaskSurface(fill=255)
    mask.write(Bounds(0, 0, 10, 30), np.zeros((30, 10), np.uint8))
    document.layers[0].mask = mask
    document.active = document.layers[0]
    stack = apply(document, Projection.scaling(2, 1))
    assert document.flatten(Bounds(0, 0, 20, 30)).array()[..., 3].max() == 0
    assert document.flatten(Bounds(20, 0, 60, 30)) == solid(60, 30, RED)
    stack.undo()
    assert document.flatten(Bounds(10, 0, 30, 30)) == solid(30, 30, RED)


def test_only_what_is_selected_moves_and_the_selection_with_it(document: Document) -> None:
    document.active = document.layers[0]
    CommandStack(document).push(SetSelection(rectangle(Bounds(0, 0, 10, 30))))
    before = fingerprint(document)
    stack = apply(document, Projection.moving(50, 0))
    assert document.selection.used_bounds() == Bounds(50, 0, 10, 30)
    assert document.flatten(Bounds(0, 0, 10, 30)).array()[..., 3].max() == 0
    assert document.flatten(Bounds(10, 0, 30, 30)) == solid(30, 30, RED)
    assert document.flatten(Bounds(50, 0, 10, 30)) == solid(10, 30, RED)
    stack.undo()
    assert fingerprint(document) == before
    assert document.selection.used_bounds() == Bounds(0, 0, 10, 30)


def test_a_generated_layer_keeps_its_recipe_and_its_area_moves_along() -> None:
    layer = GeneratedLayer("sea", recipe=b"{}", area=PLACE)
    layer.surface.write(PLACE, solid(40, 30, RED).rgba())
    document = document_with()
    document.layers.insert(0, layer)
    document.active = layer
    stack = apply(document, Projection.scaling(2, 2))
    assert (layer.recipe, layer.area) == (b"{}", Bounds(0, 0, 80, 60))
    stack.undo()
    assert layer.area == PLACE


def test_what_cannot_be_taken_is_refused_with_a_reason(document: Document) -> None:
    with pytest.raises(KnownError, match="no layer"):
        Subject.take(document, None)
    empty = RasterLayer("bare")
    with pytest.raises(KnownError, match="empty"):
        Subject.take(document, empty)
    document.layers[0].locks = Locks(position=True)
    with pytest.raises(KnownError, match="locked"):
        Subject.take(document, document.layers[0])
    document.layers[0].locks = Locks()
    CommandStack(document).push(SetSelection(rectangle(Bounds(60, 40, 10, 10))))
    with pytest.raises(KnownError, match="selected"):
        Subject.take(document, document.layers[0])


def test_a_preview_shows_where_it_will_be_and_letting_go_takes_it_away(
    document: Document,
) -> None:
    subject = Subject.take(document, document.layers[0])
    subject.show(Projection.moving(50, 0))
    assert document.flatten(PLACE).array()[..., 3].max() == 0
    assert document.flatten(PLACE.moved(50, 0)) == solid(40, 30, RED)
    subject.let_go()
    assert document.flatten(PLACE) == solid(40, 30, RED)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 99))
def test_what_is_selected_and_the_rest_make_the_whole(seed: int) -> None:
    surface, mask = TiledSurface(), MaskSurface()
    surface.write(PLACE, rgba_noise(PLACE, seed))
    mask.write(PLACE, rgba_noise(PLACE, seed + 1)[..., 0])
    moving, staying = split(surface.snapshot(), mask.snapshot())
    together = moving.read_stored(PLACE).astype(int) + staying.read_stored(PLACE)
    assert np.array_equal(together, surface.read_stored(PLACE))


def test_leaving_all_where_it_is_changes_no_pixel(document: Document) -> None:
    document.active = document.layers[0]
    before = fingerprint(document)
    apply(document, IDENTITY)
    assert fingerprint(document) == before


def test_a_mask_is_projected_alone_while_tools_paint_on_it(document: Document) -> None:
    layer = document.layers[0]
    document.active = layer
    layer.mask = MaskSurface()
    layer.mask.write(Bounds(10, 10, 4, 4), np.full((4, 4), 255, np.uint8))
    document.editing_mask = True
    before = fingerprint(document)
    subject = Subject.take(document, layer)
    assert subject.bounds == Bounds(10, 10, 4, 4)
    subject.show(Projection.moving(5, 0))
    assert layer.shown.used_bounds() == PLACE
    subject.let_go()
    stack = apply(document, Projection.moving(5, 0))
    assert layer.mask.used_bounds() == Bounds(15, 10, 4, 4)
    assert layer.pixels.used_bounds() == PLACE
    stack.undo()
    assert fingerprint(document) == before


def test_an_empty_mask_cannot_be_taken(document: Document) -> None:
    layer = document.layers[0]
    document.active = layer
    layer.mask = MaskSurface()
    document.editing_mask = True
    with pytest.raises(KnownError, match="mask"):
        Subject.take(document, layer)
