from __future__ import annotations

import numpy as np

from studio.core.geometry import Bounds
from studio.core.layers import RasterLayer
from studio.core.restoring import restored
from tests.helpers.states import digest
from tests.helpers.trees import document_with_everything


def test_a_restored_document_is_as_it_was() -> None:
    document = document_with_everything()
    again = restored(document.snapshot())
    assert digest(again) == digest(document)
    assert again.active is not None
    assert document.active is not None
    assert again.active.id == document.active.id
    assert [type(layer) for layer in again.walk()] == [type(layer) for layer in document.walk()]


def test_painting_on_one_leaves_the_other_alone() -> None:
    document = document_with_everything()
    again = restored(document.snapshot())
    before = digest(document)
    for layer in again.walk():
        if isinstance(layer, RasterLayer):
            layer.surface.write(Bounds(0, 0, 4, 4), np.full((4, 4, 4), 99, np.uint8))
        if layer.mask is not None:
            layer.mask.write(Bounds(0, 0, 4, 4), np.full((4, 4), 99, np.uint8))
    assert digest(again) != before
    assert digest(document) == before
