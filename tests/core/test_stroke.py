from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.brush import BrushSettings, Dab
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.stroke import LayerStroke, MaskStroke
from tests.helpers.documents import (
    BLUE,
    RED,
    SMALL,
    around,
    document_with,
    opaque_noise,
    records,
    solid,
)

HARD = BrushSettings(size=20, hardness=1.0, colour=RED)
DABS = st.lists(
    st.builds(Dab, st.floats(-60, 160), st.floats(-60, 130), st.floats(0, 1)), max_size=8
)


def layer_of(document: Document) -> RasterLayer:
    layer = document.layers[0]
    assert isinstance(layer, RasterLayer)
    return layer


def painted(brush: BrushSettings, *dabs: Dab, erase: bool = False) -> Document:
    document = document_with(solid(96, 64, BLUE))
    stroke = LayerStroke(layer_of(document), brush, SMALL, erase=erase)
    stroke.paint(dabs)
    return document


def pixel(document: Document, x: int, y: int) -> tuple[int, ...]:
    return tuple(document.flatten(Bounds(x, y, 1, 1)).data)


def test_paint_is_where_the_dab_is() -> None:
    document = painted(HARD, Dab(40, 30, 1))
    assert pixel(document, 40, 30) == pixel(document, 47, 30) == (*RED, 255)
    assert pixel(document, 52, 30) == pixel(document, 40, 41) == (*BLUE, 255)


def test_a_stroke_that_crosses_itself_reaches_its_opacity_and_no_more() -> None:
    brush = replace(HARD, opacity=0.5)
    once = painted(brush, Dab(40, 30, 1))
    often = painted(brush, *[Dab(40, 30, 1)] * 30)
    assert pixel(once, 40, 30) == pixel(often, 40, 30) == (128, 0, 127, 255)


def test_dabs_of_little_flow_build_up() -> None:
    brush = replace(HARD, flow=0.25)
    reds = [pixel(painted(brush, *[Dab(40, 30, 1)] * count), 40, 30)[0] for count in (1, 2, 3, 20)]
    assert reds == sorted(set(reds))
    assert reds[0] == pytest.approx(64, abs=1)
    assert reds[-1] > 240


def test_erasing_leaves_what_lies_below() -> None:
    document = painted(HARD, Dab(40, 30, 1), erase=True)
    assert pixel(document, 40, 30) == (0, 0, 0, 0)
    assert pixel(document, 60, 30) == (*BLUE, 255)


@settings(max_examples=40, deadline=None)
@given(DABS, st.booleans(), st.floats(0, 1), st.integers(0, 50))
def test_nothing_changes_outside_the_told_area_and_the_canvas(
    dabs: list[Dab], erase: bool, hardness: float, seed: int
) -> None:
    document = Document(SMALL)
    layer, everything = RasterLayer("layer"), SMALL.padded(100)
    layer.surface.write(everything, opaque_noise(everything, seed))
    document.layers.insert(0, layer)
    before = document.flatten(everything).array()
    heard = records(document.changed)
    stroke = LayerStroke(layer, replace(HARD, hardness=hardness), SMALL, erase=erase)
    stroke.paint(dabs)
    differs = (document.flatten(everything).array() != before).any(axis=2)
    told = np.zeros_like(differs)
    for part in heard:
        told[part.y + 100 : part.bottom + 100, part.x + 100 : part.right + 100] = True
    assert not (differs & ~told).any()
    assert SMALL.contains(around(heard))


@settings(max_examples=25, deadline=None)
@given(DABS, DABS)
def test_painting_in_two_goes_gives_the_same_as_in_one(first: list[Dab], second: list[Dab]) -> None:
    brush = replace(HARD, hardness=0.3, flow=0.5, opacity=0.7)
    together = painted(brush, *first, *second)
    document = document_with(solid(96, 64, BLUE))
    stroke = LayerStroke(layer_of(document), brush, SMALL)
    stroke.paint(first)
    stroke.paint(second)
    assert document.flatten() == together.flatten()


def test_an_abandoned_stroke_leaves_no_trace() -> None:
    document = document_with(solid(96, 64, BLUE))
    before = document.flatten()
    stroke = LayerStroke(layer_of(document), HARD, SMALL)
    stroke.paint([Dab(40, 30, 1)])
    stroke.abandon()
    assert document.flatten() == before
    assert stroke.command() is None


def test_the_command_of_a_stroke_takes_it_back_and_makes_it_again() -> None:
    document = document_with(solid(96, 64, BLUE))
    before = document.flatten()
    stroke = LayerStroke(layer_of(document), HARD, SMALL)
    stroke.paint([Dab(40, 30, 1)])
    after = document.flatten()
    command = stroke.command()
    assert command is not None
    assert command.name == "Paint stroke"
    command.undo(document)
    assert document.flatten() == before
    command.do(document)
    assert document.flatten() == after


def test_a_stroke_beside_the_canvas_is_no_command() -> None:
    document = document_with(solid(96, 64, BLUE))
    stroke = LayerStroke(layer_of(document), HARD, SMALL)
    stroke.paint([Dab(-500, -500, 1)])
    assert stroke.command() is None


def test_erasing_everything_leaves_no_tile() -> None:
    document = document_with(solid(96, 64, BLUE))
    stroke = LayerStroke(layer_of(document), replace(HARD, size=400), SMALL, erase=True)
    stroke.paint([Dab(48, 32, 1)])
    assert stroke.command() is not None
    assert layer_of(document).surface.is_empty


def test_the_mask_is_painted_and_erased() -> None:
    document = Document(SMALL)
    heard = records(document.mask_changed)
    MaskStroke(document, replace(HARD, opacity=0.5)).paint([Dab(40, 30, 1)])
    assert document.mask.read(Bounds(40, 30, 1, 1)).item() == 128
    MaskStroke(document, HARD).paint([Dab(40, 30, 1)])
    assert document.mask.read(Bounds(40, 30, 1, 1)).item() == 255
    eraser = MaskStroke(document, replace(HARD, size=40), erase=True)
    eraser.paint([Dab(40, 30, 1)])
    assert not document.mask.read(SMALL).any()
    command = eraser.command()
    assert command is not None
    assert document.mask.is_empty
    command.undo(document)
    assert document.mask.read(Bounds(40, 30, 1, 1)).item() == 255
    assert len(heard) == 4


def test_a_moved_layer_is_painted_at_the_pointer() -> None:
    document = document_with(solid(96, 64, BLUE))
    layer = layer_of(document)
    layer.translate(7, -9)
    LayerStroke(layer, HARD, SMALL).paint([Dab(40, 30, 1)])
    assert pixel(document, 40, 30) == (*RED, 255)
    assert pixel(document, 52, 30) == (*BLUE, 255)
