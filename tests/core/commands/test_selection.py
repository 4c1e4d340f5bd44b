from __future__ import annotations

import numpy as np
import pytest

from studio.core.commands.canvas import ResizeCanvas
from studio.core.commands.selection import ClearMask, InvertMask, SetMask
from studio.core.commands.stack import CommandStack
from studio.core.document import Document
from studio.core.geometry import Bounds, Point
from studio.core.picture import Picture
from tests.helpers.documents import RED, SMALL, document_with, records, solid


def masked(document: Document) -> np.ndarray:
    return document.mask.read(document.canvas)


def test_a_rectangle_is_masked_and_nothing_else() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    stack.push(SetMask.from_bounds(Bounds(80, 50, 40, 40)))
    stack.push(SetMask.from_bounds(Bounds(10, 5, 4, 3)))
    assert (masked(document)[5:8, 10:14] == 255).all()
    assert masked(document).sum() == 12 * 255
    stack.undo()
    assert masked(document).sum() == 16 * 14 * 255


def test_inverting_masks_the_rest_of_the_canvas_and_twice_brings_it_back() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    stack.push(SetMask(Picture.from_array(np.full((10, 10), 55, dtype=np.uint8)), Point(-5, -5)))
    stack.push(InvertMask())
    assert masked(document)[0, 0] == 200
    assert masked(document)[60, 90] == 255
    assert document.mask.used_bounds() == SMALL
    stack.push(InvertMask())
    assert masked(document)[0, 0] == 55
    assert masked(document).sum() == 25 * 55
    stack.go_to(1)
    assert document.mask.used_bounds() == Bounds(-5, -5, 10, 10)


def test_clearing_leaves_nothing_and_is_undone() -> None:
    document = Document(SMALL)
    stack = CommandStack(document)
    stack.push(SetMask.from_bounds(SMALL))
    heard = records(document.mask_changed)
    stack.push(ClearMask())
    assert document.mask.is_empty
    stack.undo()
    assert (masked(document) == 255).all()
    assert all(part.contains(SMALL) for part in heard)
    assert len(heard) == 2


def test_a_mask_has_one_channel() -> None:
    with pytest.raises(ValueError, match="one channel"):
        SetMask(solid(4, 4, RED))


def test_resizing_the_canvas_moves_no_pixel() -> None:
    document = document_with(solid(96, 64, RED))
    stack = CommandStack(document)
    larger = Bounds(-64, -32, 96 + 64, 64 + 32)
    stack.push(ResizeCanvas(larger, "Extend canvas"))
    flat = document.flatten().array()
    assert flat.shape == (96, 160, 4)
    assert (flat[32:, 64:] == (*RED, 255)).all()
    assert not flat[:32].any()
    assert stack.undo_name == "Extend canvas"
    stack.undo()
    assert document.canvas == SMALL
