from __future__ import annotations

import threading
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from studio.core.blend import BlendMode
from studio.core.commands.merging import FlattenGroup, FlattenImage, MergeDown, Rasterise
from studio.core.commands.stack import CommandStack
from studio.core.compositor import compose
from studio.core.document import Document
from studio.core.errors import KnownError
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer, GroupLayer, Layer, Locks, RasterLayer
from studio.core.picture import Pixels
from studio.core.tiles import TILE, MaskSurface
from tests.helpers.documents import SMALL, fingerprint, opaque_noise, rgba_noise


def noisy(seed: int, *, opaque: bool = False, **look: Any) -> RasterLayer:
    layer = RasterLayer(f"layer {seed}", **look)
    pixels = opaque_noise(SMALL, seed) if opaque else rgba_noise(SMALL, seed)
    layer.surface.write(SMALL, pixels)
    return layer


def noisy_mask(seed: int) -> MaskSurface:
    mask = MaskSurface()
    mask.write(SMALL, rgba_noise(SMALL, seed)[..., 0])
    return mask


def document_of(*layers: Layer) -> Document:
    document = Document(SMALL)
    for layer in layers:
        document.layers.insert(len(document.layers), layer)
    return document


def seen(document: Document) -> Pixels:
    """Premultiplied: straight colours of what is nearly transparent tell nothing."""
    return compose(document, SMALL)


def difference(document: Document, before: Pixels) -> int:
    return int(np.abs(seen(document).astype(int) - before).max())


LOWER: list[dict[str, Any]] = [
    {},
    {"opacity": 0.6, "mask": noisy_mask(7)},
    {"blend_mode": BlendMode.MULTIPLY, "opacity": 0.9},
]
UPPER: list[dict[str, Any]] = [
    {},
    {"opacity": 0.5, "mask": noisy_mask(8)},
    {"clipped": True, "blend_mode": BlendMode.SCREEN},
    {"mask": noisy_mask(8), "mask_enabled": False},
]


@pytest.mark.parametrize("mode", list(BlendMode))
def test_merging_onto_an_opaque_layer_looks_as_before_in_every_mode(mode: BlendMode) -> None:
    document = document_of(noisy(1, opaque=True), noisy(2, opacity=0.7, blend_mode=mode))
    before = document.flatten()
    CommandStack(document).push(MergeDown(document.layers[1]))
    assert len(document.layers) == 1
    assert document.flatten() == before


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize("upper", UPPER)
def test_merging_looks_as_before(lower: dict[str, Any], upper: dict[str, Any]) -> None:
    if lower and not upper.get("clipped"):
        lower = {**lower, "blend_mode": BlendMode.NORMAL}
    document = document_of(noisy(0, opaque=True), noisy(1, **lower), noisy(2, **upper))
    picture, before = seen(document), fingerprint(document)
    stack = CommandStack(document)
    stack.push(MergeDown(document.layers[2]))
    assert len(document.layers) == 2
    assert difference(document, picture) <= 3
    stack.undo()
    assert fingerprint(document) == before


def test_what_is_clipped_to_the_upper_layer_is_merged_with_it() -> None:
    document = document_of(noisy(1), noisy(2), noisy(3, clipped=True), noisy(4))
    before = seen(document)
    CommandStack(document).push(MergeDown(document.layers[1]))
    assert [layer.name for layer in document.layers] == ["layer 1", "layer 4"]
    assert difference(document, before) <= 3


def test_two_that_are_clipped_stay_so_as_one() -> None:
    base = noisy(1, mask=noisy_mask(7))
    document = document_of(base, noisy(2, clipped=True, opacity=0.5), noisy(3, clipped=True))
    before = seen(document)
    CommandStack(document).push(MergeDown(document.layers[2]))
    assert [layer.clipped for layer in document.layers] == [False, True]
    assert difference(document, before) <= 3


def test_a_layer_is_not_merged_into_one_that_is_clipped() -> None:
    document = document_of(noisy(1), noisy(2, clipped=True), noisy(3))
    with pytest.raises(KnownError, match="clipped"):
        CommandStack(document).push(MergeDown(document.layers[2]))


def test_a_layer_is_merged_into_a_group() -> None:
    document = document_of(GroupLayer("group", [noisy(1), noisy(2)], opacity=0.5), noisy(3))
    before = seen(document)
    CommandStack(document).push(MergeDown(document.layers[1]))
    assert isinstance(document.layers[0], RasterLayer)
    assert difference(document, before) <= 3


@pytest.mark.parametrize(
    ("look", "reason"),
    [({"visible": False}, "hidden"), ({"locks": Locks(pixels=True)}, "locked")],
)
def test_hidden_and_locked_layers_are_not_merged(look: dict[str, Any], reason: str) -> None:
    for layers in ([noisy(1, **look), noisy(2)], [noisy(1), noisy(2, **look)]):
        document = document_of(*layers)
        with pytest.raises(KnownError, match=reason):
            CommandStack(document).push(MergeDown(document.layers[1]))


@pytest.mark.parametrize("opacity", [1.0, 0.4])
def test_flattening_a_group_looks_as_before(opacity: float) -> None:
    group = GroupLayer(
        "group",
        [noisy(1), noisy(2, clipped=True), GroupLayer("inner", [noisy(3)], opacity=0.3)],
        opacity=opacity,
        mask=noisy_mask(4),
        blend_mode=BlendMode.HUE,
    )
    document = document_of(noisy(5, opaque=True), group)
    picture, before = document.flatten(), fingerprint(document)
    stack = CommandStack(document)
    stack.push(FlattenGroup(group))
    flat = document.layers[1]
    assert isinstance(flat, RasterLayer)
    assert (flat.name, flat.opacity, flat.blend_mode) == ("group", opacity, BlendMode.HUE)
    assert document.active is flat
    assert document.flatten() == picture
    stack.undo()
    assert fingerprint(document) == before


def test_a_generated_layer_forgets_its_recipe_when_it_is_rasterised() -> None:
    layer = GeneratedLayer("sky", recipe=b"{}", area=SMALL, opacity=0.5)
    layer.surface.write(SMALL, rgba_noise(SMALL, 1))
    document = document_of(layer)
    picture = document.flatten()
    stack = CommandStack(document)
    stack.push(Rasterise(layer))
    assert type(document.layers[0]) is RasterLayer
    assert document.flatten() == picture
    stack.undo()
    assert document.layers[0] is layer


def test_flattening_the_picture_leaves_out_what_is_hidden() -> None:
    document = document_of(noisy(1), noisy(2, visible=False), noisy(3, opacity=0.5))
    picture, before = document.flatten(), fingerprint(document)
    stack = CommandStack(document)
    stack.push(FlattenImage())
    assert len(document.layers) == 1
    assert document.flatten() == picture
    stack.undo()
    assert fingerprint(document) == before
    assert stack.cost == 0 or stack.can_redo


def large(seed: int) -> RasterLayer:
    layer = noisy(seed)
    layer.surface.write(SMALL.moved(9 * TILE, 9 * TILE), rgba_noise(SMALL, seed))
    return layer


def test_what_is_large_can_be_worked_out_on_another_thread() -> None:
    document = document_of(large(1), large(2))
    before, command = seen(document), FlattenImage()
    work = command.prepare(document)
    assert work is not None
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    with patch("studio.core.commands.merging.composed", side_effect=AssertionError):
        CommandStack(document).push(command)
    assert (seen(document) == before).all()


def test_what_was_worked_out_for_other_pixels_is_worked_out_anew() -> None:
    document = document_of(large(1), large(2))
    command = MergeDown(document.layers[1])
    work = command.prepare(document)
    assert work is not None
    work()
    document.layers[0].opacity = 0.25
    before = seen(document)
    CommandStack(document).push(command)
    assert difference(document, before) <= 3


def test_what_is_small_or_cannot_be_done_needs_no_other_thread() -> None:
    document = document_of(noisy(1), noisy(2))
    assert MergeDown(document.layers[1]).prepare(document) is None
    with pytest.raises(KnownError, match="no layer below"):
        MergeDown(document.layers[0]).prepare(document)


def test_nothing_cannot_be_flattened() -> None:
    with pytest.raises(KnownError, match="no layer"):
        CommandStack(Document(Bounds(0, 0, 5, 5))).push(FlattenImage())
