from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.brush import BrushSettings, Dab, Texture
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import Locks, RasterLayer
from studio.core.stroke import ErasingStroke, LayerStroke, Stencil
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
DAB = Dab(40, 30, 20)
STENCIL = Stencil(SMALL)
DABS = st.lists(
    st.builds(
        Dab,
        st.floats(-60, 160),
        st.floats(-60, 130),
        st.floats(1, 60),
        st.floats(0, 1),
        st.floats(0, 1),
        st.floats(0, 1),
        st.floats(0, 360),
        st.floats(0.05, 1),
    ),
    max_size=8,
)


def layer_of(document: Document) -> RasterLayer:
    layer = document.layers[0]
    assert isinstance(layer, RasterLayer)
    return layer


def painted(brush: BrushSettings, *dabs: Dab, erase: bool = False) -> Document:
    document = document_with(solid(96, 64, BLUE))
    kind = ErasingStroke if erase else LayerStroke
    kind(layer_of(document), brush, STENCIL).paint(dabs)
    return document


def pixel(document: Document, x: int, y: int) -> tuple[int, ...]:
    return tuple(document.flatten(Bounds(x, y, 1, 1)).data)


def test_paint_is_where_the_dab_is() -> None:
    document = painted(HARD, DAB)
    assert pixel(document, 40, 30) == pixel(document, 47, 30) == (*RED, 255)
    assert pixel(document, 52, 30) == pixel(document, 40, 41) == (*BLUE, 255)


def test_a_stroke_that_crosses_itself_reaches_its_opacity_and_no_more() -> None:
    brush = replace(HARD, opacity=0.5)
    once = painted(brush, DAB)
    often = painted(brush, *[DAB] * 30)
    assert pixel(once, 40, 30) == pixel(often, 40, 30) == (128, 0, 127, 255)


def test_dabs_of_little_flow_build_up() -> None:
    faint = DAB._replace(flow=0.25)
    reds = [pixel(painted(HARD, *[faint] * count), 40, 30)[0] for count in (1, 2, 3, 20)]
    assert reds == sorted(set(reds))
    assert reds[0] == pytest.approx(64, abs=1)
    assert reds[-1] > 240


def test_erasing_leaves_what_lies_below() -> None:
    document = painted(HARD, DAB, erase=True)
    assert pixel(document, 40, 30) == (0, 0, 0, 0)
    assert pixel(document, 60, 30) == (*BLUE, 255)


@settings(max_examples=40, deadline=None)
@given(DABS, st.booleans(), st.integers(0, 50))
def test_nothing_changes_outside_the_told_area_and_the_canvas(
    dabs: list[Dab], erase: bool, seed: int
) -> None:
    document = Document(SMALL)
    layer, everything = RasterLayer("layer"), SMALL.padded(100)
    layer.surface.write(everything, opaque_noise(everything, seed))
    document.layers.insert(0, layer)
    before = document.flatten(everything).array()
    heard = records(document.changed)
    (ErasingStroke if erase else LayerStroke)(layer, HARD, STENCIL).paint(dabs)
    differs = (document.flatten(everything).array() != before).any(axis=2)
    told = np.zeros_like(differs)
    for part in heard:
        told[part.y + 100 : part.bottom + 100, part.x + 100 : part.right + 100] = True
    assert not (differs & ~told).any()
    assert SMALL.contains(around(heard))


@settings(max_examples=25, deadline=None)
@given(DABS, DABS)
def test_painting_in_two_goes_gives_the_same_as_in_one(first: list[Dab], second: list[Dab]) -> None:
    brush = replace(HARD, opacity=0.7)
    together = painted(brush, *first, *second)
    document = document_with(solid(96, 64, BLUE))
    stroke = LayerStroke(layer_of(document), brush, STENCIL)
    stroke.paint(first)
    stroke.paint(second)
    assert document.flatten() == together.flatten()


def test_an_abandoned_stroke_leaves_no_trace() -> None:
    document = document_with(solid(96, 64, BLUE))
    before = document.flatten()
    stroke = LayerStroke(layer_of(document), HARD, STENCIL)
    stroke.paint([DAB])
    stroke.abandon()
    assert document.flatten() == before
    assert stroke.command() is None


def test_the_command_of_a_stroke_takes_it_back_and_makes_it_again() -> None:
    document = document_with(solid(96, 64, BLUE))
    before = document.flatten()
    stroke = LayerStroke(layer_of(document), HARD, STENCIL)
    stroke.paint([DAB])
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
    stroke = LayerStroke(layer_of(document), HARD, STENCIL)
    stroke.paint([Dab(-500, -500, 20)])
    assert stroke.command() is None


def test_erasing_everything_leaves_no_tile() -> None:
    document = document_with(solid(96, 64, BLUE))
    stroke = ErasingStroke(layer_of(document), HARD, STENCIL)
    stroke.paint([Dab(48, 32, 400)])
    assert stroke.command() is not None
    assert layer_of(document).surface.is_empty


def test_a_moved_layer_is_painted_at_the_pointer() -> None:
    document = document_with(solid(96, 64, BLUE))
    layer = layer_of(document)
    layer.translate(7, -9)
    LayerStroke(layer, HARD, STENCIL).paint([DAB])
    assert pixel(document, 40, 30) == (*RED, 255)
    assert pixel(document, 52, 30) == (*BLUE, 255)


def test_dabs_of_very_little_flow_build_up_all_the_same() -> None:
    faint = DAB._replace(flow=0.002)
    assert pixel(painted(HARD, *[faint] * 3000), 40, 30)[0] >= 254
    assert pixel(painted(HARD, *[faint] * 10), 40, 30)[0] == pytest.approx(5, abs=1)


def test_a_dab_adds_nothing_beyond_its_own_opacity() -> None:
    light, strong = DAB._replace(opacity=0.25), DAB._replace(opacity=0.75)
    assert pixel(painted(HARD, *[light] * 9), 40, 30)[0] == pytest.approx(64, abs=1)
    assert pixel(painted(HARD, strong, *[light] * 9), 40, 30)[0] == pytest.approx(191, abs=1)


def test_what_is_not_selected_is_not_painted() -> None:
    document = document_with(solid(96, 64, BLUE))
    document.selection.write(Bounds(0, 0, 40, 64), np.full((64, 40), 255, np.uint8))
    document.selection.write(Bounds(40, 0, 2, 64), np.full((64, 2), 128, np.uint8))
    LayerStroke(layer_of(document), HARD, Stencil.of(document)).paint([DAB])
    row = [pixel(document, x, 30)[0] for x in (39, 40, 41, 42)]
    assert row == pytest.approx([255, 128, 128, 0], abs=1)


def test_locked_alpha_lets_colour_change_only_where_there_is_some() -> None:
    document = Document(SMALL)
    layer = RasterLayer("half", locks=Locks(alpha=True))
    pixels = np.zeros((64, 96, 4), np.uint8)
    pixels[:, :42] = (*BLUE, 255)
    pixels[:, 42:44] = (*BLUE, 100)
    layer.surface.write(SMALL, pixels)
    document.layers.insert(0, layer)
    LayerStroke(layer, HARD, STENCIL).paint([DAB])
    assert pixel(document, 41, 30) == (*RED, 255)
    assert pixel(document, 43, 30) == (*RED, 100)
    assert pixel(document, 45, 30) == (0, 0, 0, 0)


def test_the_ground_takes_from_the_paint_in_one_place_as_in_the_next() -> None:
    brush = replace(HARD, texture=Texture.CHALK, grain=0.8)
    once, twice = painted(brush, DAB), painted(brush, DAB, DAB)
    inside = Bounds(35, 25, 10, 10)
    assert len(np.unique(once.flatten(inside).array()[..., 0])) > 20
    assert once.flatten(inside) == twice.flatten(inside)
