from __future__ import annotations

import numpy as np
import pytest

from studio.core.brush import BrushSettings, Dab
from studio.core.commands.selection import Target
from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.stroke import LayerMaskStroke, MaskStroke, Stencil
from studio.core.tiles import MaskSurface
from tests.helpers.documents import BLUE, SMALL, document_with, records, solid

HARD = BrushSettings(size=20, hardness=1.0)
HALF = BrushSettings(size=20, hardness=1.0, opacity=0.5)
DAB = Dab(40, 30, 20)
SPOT = Bounds(40, 30, 1, 1)


def test_the_mask_is_painted_and_erased() -> None:
    document = Document(SMALL)
    heard = records(document.mask_changed)
    MaskStroke(document, HALF).paint([DAB])
    assert document.mask.read(SPOT).item() == 128
    MaskStroke(document, HARD).paint([DAB])
    assert document.mask.read(SPOT).item() == 255
    eraser = MaskStroke(document, HARD, erase=True)
    eraser.paint([Dab(40, 30, 40)])
    assert not document.mask.read(SMALL).any()
    command = eraser.command()
    assert command is not None
    assert document.mask.is_empty
    command.undo(document)
    assert document.mask.read(SPOT).item() == 255
    assert len(heard) == 4


def test_the_selection_is_painted_and_erased_and_holds_nothing_back() -> None:
    document = Document(SMALL)
    document.selection.write(Bounds(0, 0, 5, 5), np.full((5, 5), 255, np.uint8))
    stroke = MaskStroke(document, HARD, target=Target.SELECTION)
    stroke.paint([DAB])
    assert document.selection.read(SPOT).item() == 255
    assert document.mask.is_empty
    command = stroke.command()
    assert command is not None
    assert command.name == "Paint selection"
    MaskStroke(document, HARD, erase=True, target=Target.SELECTION).paint([Dab(40, 30, 40)])
    assert document.selection.used_bounds() == Bounds(0, 0, 5, 5)
    command.do(document)
    assert document.selection.read(SPOT).item() == 255


def test_the_mask_is_painted_only_where_something_is_selected() -> None:
    document = Document(SMALL)
    document.selection.write(Bounds(0, 0, 40, 64), np.full((64, 40), 255, np.uint8))
    MaskStroke(document, HARD).paint([DAB])
    assert document.mask.read(Bounds(38, 30, 4, 1)).tolist() == [[255, 255, 0, 0]]


@pytest.mark.parametrize(("value", "seen"), [(0, 0), (255, 255), (100, 100)])
def test_a_layer_is_hidden_and_shown_by_its_mask(value: int, seen: int) -> None:
    document = document_with(solid(96, 64, BLUE))
    layer = document.layers[0]
    layer.mask = MaskSurface(fill=255)
    LayerMaskStroke(layer, layer.mask, HARD, Stencil(SMALL), 0).paint([DAB])
    assert tuple(document.flatten(SPOT).data)[3] == 0
    stroke = LayerMaskStroke(layer, layer.mask, HARD, Stencil(SMALL), value)
    stroke.paint([DAB])
    assert tuple(document.flatten(SPOT).data)[3] == seen
    assert tuple(document.flatten(Bounds(60, 30, 1, 1)).data)[3] == 255


def test_painting_a_layer_mask_can_be_taken_back() -> None:
    document = document_with(solid(96, 64, BLUE))
    layer = document.layers[0]
    layer.mask = MaskSurface(fill=255)
    before = document.flatten()
    stroke = LayerMaskStroke(layer, layer.mask, HARD, Stencil(SMALL), 0)
    stroke.paint([DAB])
    after = document.flatten()
    command = stroke.command()
    assert command is not None
    assert command.name == "Paint layer mask"
    command.undo(document)
    assert document.flatten() == before
    command.do(document)
    assert document.flatten() == after


def test_showing_what_is_shown_is_no_command() -> None:
    document = document_with(solid(96, 64, BLUE))
    layer = document.layers[0]
    layer.mask = MaskSurface(fill=255)
    stroke = LayerMaskStroke(layer, layer.mask, HARD, Stencil(SMALL), 255)
    stroke.paint([DAB])
    assert stroke.command() is None


@pytest.mark.parametrize(("width", "height"), [(1, 4), (1, 1), (4, 1), (2, 2)])
@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_the_smallest_parts_are_painted_as_large_ones(
    width: int, height: int, opacity: float
) -> None:
    document = Document(Bounds(0, 0, width, height))
    brush = BrushSettings(size=20, hardness=1.0)
    MaskStroke(document, brush).paint([Dab(0, 0, 20, opacity=opacity)])
    painted = document.mask.read(document.canvas)
    assert painted == pytest.approx(np.full((height, width), 255 * opacity), abs=1)
    MaskStroke(document, brush, erase=True).paint([Dab(0, 0, 20)])
    assert not document.mask.read(document.canvas).any()
