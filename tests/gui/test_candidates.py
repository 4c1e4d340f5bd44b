"""What is kept of a candidate lies where the candidate was shown."""

from __future__ import annotations

import numpy as np

from studio.core.document import Document
from studio.core.geometry import Bounds
from studio.core.layers import GeneratedLayer
from studio.core.projection import Projection
from studio.core.selection import rectangle
from studio.generation.request import TextToImage, to_json
from studio.gui.candidates import in_place, kept
from studio.gui.canvas.staging import StagedCandidate, StagedRun
from tests.gui.canvas.pictures import stored

AREA = Bounds(10, 20, 64, 64)
CANVAS = Bounds(0, 0, 400, 400)


def staged(projection: Projection) -> StagedCandidate:
    request = TextToImage(model="starter", prompt="a square", seed=7, width=64, height=64)
    run = StagedRun("a", AREA, 1, "a red square", to_json(request), mask=rectangle(AREA))
    return StagedCandidate(run.projected(projection), stored("a", 0, seed=7))


def layer_of(candidate: StagedCandidate) -> GeneratedLayer:
    document = Document(CANVAS)
    kept(candidate, CANVAS, False, None).do(document)
    [layer] = document.layers
    assert isinstance(layer, GeneratedLayer)
    return layer


def test_as_it_was_asked_for_where_the_picture_stayed() -> None:
    candidate = staged(Projection())
    assert in_place(candidate) is candidate.stored.candidate.picture
    layer = layer_of(candidate)
    assert (layer.area, layer.pixels.used_bounds()) == (AREA, AREA)


def test_as_large_as_the_picture_was_made_since() -> None:
    layer, place = layer_of(staged(Projection.scaling(2.0, 2.0))), Bounds(20, 40, 128, 128)
    assert (layer.area, layer.pixels.used_bounds()) == (place, place)
    assert layer.request_mask is not None and layer.request_mask.used_bounds() == place
    assert (
        np.asarray(in_place(staged(Projection.scaling(2.0, 2.0))).rgba()) == [200, 40, 40, 255]
    ).all()


def test_where_it_was_before_once_the_change_is_undone() -> None:
    scaling = Projection.scaling(2.0, 2.0, (3.0, 5.0))
    layer = layer_of(staged(scaling.then(scaling.inverse())))
    assert (layer.area, layer.pixels.used_bounds()) == (AREA, AREA)
